-- +goose Up

-- What users no longer want to have done: events of a kind on a post up to a time stay removed,
-- whoever sends them.
CREATE TABLE withdrawn (
    user_id INTEGER NOT NULL,
    post_id INTEGER NOT NULL,
    kind    INTEGER NOT NULL,
    at      INTEGER NOT NULL, -- epoch milliseconds
    PRIMARY KEY (user_id, post_id, kind)
) STRICT, WITHOUT ROWID;

-- Keys of withdrawn events that were recorded over the API: a request that returns is still known.
CREATE TABLE spent (
    key     TEXT PRIMARY KEY,
    user_id INTEGER NOT NULL,
    at      INTEGER NOT NULL -- of the event
) STRICT, WITHOUT ROWID;

-- Deleted over the API: gone whatever upstream sends, until that is undone.
ALTER TABLE posts ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0;

-- +goose Down

ALTER TABLE posts DROP COLUMN deleted;
DROP TABLE spent;
DROP TABLE withdrawn;
