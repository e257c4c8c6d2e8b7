-- +goose Up

-- What takes longest to fit of the snapshot's model, so that a start need not. It leaves as soon as a row of the
-- snapshot does.
CREATE TABLE snapshot_kept (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    took INTEGER NOT NULL, -- how long the fit took, milliseconds
    kept BLOB NOT NULL
) STRICT;

-- +goose Down

DROP TABLE snapshot_kept;
