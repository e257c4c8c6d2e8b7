-- +goose Up

-- What models were made by, every one that ever served: a recipe can be taken back.
CREATE TABLE recipes (
    id      INTEGER PRIMARY KEY,
    made_at INTEGER NOT NULL, -- epoch milliseconds
    recipe  TEXT    NOT NULL  -- JSON
) STRICT;

-- The one row that says which model serves: every process fits the same from it.
CREATE TABLE snapshot (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    version   INTEGER NOT NULL, -- grows with every snapshot
    recipe_id INTEGER NOT NULL REFERENCES recipes (id),
    made_at   INTEGER NOT NULL, -- epoch milliseconds
    serves_at INTEGER NOT NULL, -- from when on processes use it
    sequence  INTEGER NOT NULL, -- the state of the store that it holds
    touches   INTEGER NOT NULL
) STRICT;

-- The posts that each user had touched, as it was.
CREATE TABLE snapshot_rows (
    user_id INTEGER PRIMARY KEY,
    touches BLOB NOT NULL
) STRICT;

-- +goose Down

DROP TABLE snapshot_rows;
DROP TABLE snapshot;
DROP TABLE recipes;
