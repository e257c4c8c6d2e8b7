-- +goose Up

-- The tags of a post as a JSON list, beside what else ranking needs of it.
ALTER TABLE posts ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';

-- They are in the documents: the next start derives them.
UPDATE state SET derivation = 0;

-- +goose Down

ALTER TABLE posts DROP COLUMN tags;
