package sqlite

import (
	"context"
	"time"
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

// scrubPatience is how long writers wait for readers of the old state.
const scrubPatience = 100 * time.Millisecond

// scrub moves the journal into the file and empties it. A reader of the old state can keep it
// from that; then the next write tries again.
func (db *DB) scrub(ctx context.Context, c *conn) {
	ctx, cancel := context.WithTimeout(ctx, scrubPatience)
	defer cancel()
	var busy, pages, moved int64
	_, err := c.first(ctx, "PRAGMA wal_checkpoint(TRUNCATE)", nil, &busy, &pages, &moved)
	db.unscrubbed.Store(err != nil || busy != 0)
}
