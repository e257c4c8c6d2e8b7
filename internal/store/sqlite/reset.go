package sqlite

import (
	"context"
	"fmt"
)

// Reset deletes every post, user, interaction, embedding and checkpoint, and what was withdrawn
// and deleted, and leaves marks by which Changes tells readers so. Settings, leases, forgotten users and the sequence stay.
func (db *DB) Reset(ctx context.Context) error {
	err := db.write(ctx, func(ctx context.Context, t *tx) error {
		for _, s := range resets {
			if err := t.canceled(); err != nil {
				return err
			}
			var args []any
			if s.stamped {
				args = append(args, t.seq)
			}
			n, err := t.exec(ctx, s.statement, args...)
			if err != nil {
				return err
			}
			if s.stamped && n > 0 {
				t.stamp(s.section)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reset store: %w", err)
	}
	return nil
}

// blankPosts turns posts into marks.
const blankPosts = `UPDATE posts SET text_hash = '', created_at = 0, author = '', category = '', topic = '', tags = '[]', project = '', public = 0, locked = 0,
	comments = 0, upvotes = 0, views = 0, exits = 0, ratings = 0, shares = 0, bookmarks = 0, average_rating = 0,
	gone = 1, upstream = 0, missed = 0, seq = ?`

// resets are the statements of Reset; those that are stamped take the sequence number.
var resets = []struct {
	statement string
	stamped   bool
	section   section
}{
	{"INSERT INTO removed SELECT row, ? FROM interactions", true, eventRows},
	{"DELETE FROM interactions", false, eventRows},
	{"DELETE FROM withdrawn", false, eventRows},
	{"DELETE FROM spent", false, eventRows},
	{"DELETE FROM snapshot_rows", false, eventRows},
	{"DELETE FROM snapshot_kept", false, eventRows},
	{"UPDATE snapshot SET version = version + 1, touches = 0", false, eventRows},
	{"DELETE FROM names", false, userRows},
	{"UPDATE users SET gone = 1, upstream = 0, missed = 0, seq = ? WHERE gone = 0 OR upstream = 1", true, userRows},
	{"UPDATE embeddings SET vector = NULL, hash = '', seq = ? WHERE vector IS NOT NULL", true, embeddingRows},
	{"DELETE FROM waiting", false, embeddingRows},
	{"UPDATE models SET queued = 0", false, embeddingRows},
	{"DELETE FROM documents", false, postRows},
	{blankPosts + " WHERE gone = 0 OR upstream = 1", true, postRows},
	{"UPDATE posts SET deleted = 0 WHERE deleted = 1", false, postRows},
	{"DELETE FROM totals", false, postRows},
	{"DELETE FROM passes", false, postRows},
	{"DELETE FROM seen", false, postRows},
}
