-- +goose Up

-- The words of posts. It keeps no text of its own: triggers keep it in step with documents.
CREATE VIRTUAL TABLE words USING fts5(
    title, tags, category, author, description,
    content = '', tokenize = 'porter unicode61 remove_diacritics 2'
);
INSERT INTO words (words, rank) VALUES ('rank', 'bm25(10.0, 5.0, 3.0, 5.0, 1.0)');
INSERT INTO words (words, rank) VALUES ('secure-delete', 1); -- what is deleted leaves the file

CREATE VIEW texts AS SELECT post_id,
    document ->> '$.title' AS title,
    document ->> '$.tags' AS tags,
    concat_ws(' ', document ->> '$.category.name', document ->> '$.topic.name') AS category,
    concat_ws(' ', document ->> '$.author', document ->> '$.owner.first_name', document ->> '$.owner.last_name') AS author,
    concat_ws(' ', document ->> '$.genre', document ->> '$.keywords', document ->> '$.description') AS description
FROM documents;

-- +goose StatementBegin
CREATE TRIGGER words_come AFTER INSERT ON documents BEGIN
    INSERT INTO words (rowid, title, tags, category, author, description) SELECT * FROM texts WHERE post_id = new.post_id;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER words_leave BEFORE DELETE ON documents BEGIN
    INSERT INTO words (words, rowid, title, tags, category, author, description) SELECT 'delete', * FROM texts WHERE post_id = old.post_id;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER words_change BEFORE UPDATE ON documents BEGIN
    INSERT INTO words (words, rowid, title, tags, category, author, description) SELECT 'delete', * FROM texts WHERE post_id = old.post_id;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER words_changed AFTER UPDATE ON documents BEGIN
    INSERT INTO words (rowid, title, tags, category, author, description) SELECT * FROM texts WHERE post_id = new.post_id;
END;
-- +goose StatementEnd

INSERT INTO words (rowid, title, tags, category, author, description) SELECT * FROM texts;

-- +goose Down

DROP TRIGGER words_changed;
DROP TRIGGER words_change;
DROP TRIGGER words_leave;
DROP TRIGGER words_come;
DROP VIEW texts;
DROP TABLE words;
