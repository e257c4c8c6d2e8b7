package sqlite

import (
	"context"
	"errors"
)

// What was deleted must leave the files too. secure_delete zeroes the bytes of a deleted row,
// but not the copies that SQLite leaves behind when it splits a page, nor the journal.

// rewriteNames writes all names into fresh pages; those they stood in are zeroed.
func (t *tx) rewriteNames(ctx context.Context) error {
	var names []any
	err := t.each(ctx, "SELECT user_id, username, first_name, last_name, picture_url FROM names ORDER BY user_id", nil, func(scan func(...any) error) error {
		row := make([]any, insertNames.width)
		err := scan(&row[0], &row[1], &row[2], &row[3], &row[4])
		names = append(names, row...)
		return err
	})
	if err != nil {
		return err
	}
	if _, err := t.exec(ctx, "DELETE FROM names"); err != nil {
		return err
	}
	return t.execBatch(ctx, &insertNames, names)
}

var insertNames = batch("INSERT INTO names VALUES ", 5, "")

// scrub moves the journal into the file and empties it. A reader of the old state can keep it
// from that for longer than a writer waits, a tenth of a second; then the next write tries again.
func (db *DB) scrub(ctx context.Context, c *conn) {
	var busy, pages, moved int64
	err := c.waiting(ctx, func() error {
		_, err := c.first(ctx, "PRAGMA wal_checkpoint(TRUNCATE)", nil, &busy, &pages, &moved)
		return err
	})
	db.unscrubbed.Store(err != nil || busy != 0)
}

// waiting runs do while SQLite waits for readers that are in the way.
func (c *conn) waiting(ctx context.Context, do func() error) error {
	if _, err := c.exec(ctx, "PRAGMA busy_timeout = 100"); err != nil {
		return err
	}
	err := do()
	_, reset := c.exec(ctx, "PRAGMA busy_timeout = 0")
	return errors.Join(err, reset)
}
