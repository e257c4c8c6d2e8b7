package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"

	"resonance/internal/errs"
	"resonance/internal/interaction"
	"resonance/internal/store"
)

// Sequence returns the sequence number of the last change, by any process. It reads one row, unless nothing was
// committed since it last did.
func (db *DB) Sequence(ctx context.Context) (seq int64, err error) {
	now, ok := db.journal.look() // before reading: what is committed meanwhile is looked for again
	if last := db.journal.last.Load(); ok && last != nil && now == last.header {
		return last.seq, ctx.Err()
	}
	defer func() {
		if err == nil {
			db.journal.remember(now, ok, seq)
		}
	}()
	steady := context.WithoutCancel(ctx) // watching ctx would cost more than the read
	err = db.lend(ctx, func(c *conn) error {
		_, err := c.first(steady, "SELECT seq FROM state WHERE id = 1", nil, &seq)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("read sequence: %w", err)
	}
	return seq, nil
}

// Changes visits everything that changed after sequence number since, and returns the sequence
// number up to which that is all. Since 0 visits everything that is not gone. A visitor func
// that is nil skips its kind; model names the embeddings to visit. The error wraps errs.Invalid
// when since is ahead of the store, which then is not the one that since came from.
//
// Events of a hidden user are Gone, each of them, and changed again when the user is back.
// Events of posts that are unknown or gone are visited like all others. All is read in one
// transaction, and takes time in proportion to what changed.
func (db *DB) Changes(ctx context.Context, since int64, model string, v store.ChangeVisitor) (until int64, err error) {
	err = db.read(ctx, func(steady context.Context, c *conn) (err error) {
		r := changes{conn: c, since: since, canceled: ctx.Err}
		until, err = r.visit(steady, model, v)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("read changes since %d: %w", since, err)
	}
	return until, nil
}

// changes is one visit.
type changes struct {
	*conn
	since    int64
	last     [sections]int64 // when each kind changed last
	canceled func() error
	rows     int
}

// changed reports whether rows of s have to be visited.
func (r *changes) changed(s section) bool { return r.last[s] > r.since }

func (r *changes) visit(ctx context.Context, model string, v store.ChangeVisitor) (until int64, err error) {
	_, err = r.first(ctx, "SELECT seq, users_seq, posts_seq, events_seq, embeddings_seq FROM state WHERE id = 1", nil,
		&until, &r.last[userRows], &r.last[postRows], &r.last[eventRows], &r.last[embeddingRows])
	switch {
	case err != nil:
		return 0, err
	case r.since > until:
		return 0, fmt.Errorf("%w: the store is at %d", errs.Invalid, until)
	case r.since < 0:
		r.since = 0
	}
	if v.User != nil && r.changed(userRows) {
		err = r.users(ctx, v.User)
	}
	if err == nil && v.Post != nil && r.changed(postRows) {
		err = r.posts(ctx, v.Post)
	}
	if err == nil && v.Event != nil && r.changed(eventRows) {
		err = r.events(ctx, v.Event)
	}
	if err == nil && v.Embedding != nil && r.changed(embeddingRows) {
		err = r.embeddings(ctx, model, v.Embedding)
	}
	return until, err
}

// each is conn.each over rows after r.since, watching for cancellation now and then.
func (r *changes) each(ctx context.Context, query string, args []any, visit func(scan func(dest ...any) error) error) error {
	return r.conn.each(ctx, query, args, func(scan func(dest ...any) error) error {
		if r.rows++; r.rows%256 == 0 {
			if err := r.canceled(); err != nil {
				return err
			}
		}
		return visit(scan)
	})
}

// values is each for rows of so many columns, which are visited as they are, not scanned: where everything is
// visited there are millions.
func (r *changes) values(ctx context.Context, query string, args []any, columns int, visit func(tuple) error) error {
	if r.whole() {
		return r.stream(ctx, query, args, func(row []driver.Value) error {
			if r.rows++; r.rows%256 == 0 {
				if err := r.canceled(); err != nil {
					return err
				}
			}
			return visit(row)
		})
	}
	row, dest := make(tuple, columns), make([]any, columns)
	for i := range row {
		dest[i] = (*any)(&row[i])
	}
	return r.each(ctx, query, args, func(scan func(...any) error) error {
		if err := scan(dest...); err != nil {
			return err
		}
		return visit(row)
	})
}

// tuple is a row of values. Tables are STRICT, so a column holds what it is declared to.
type tuple []driver.Value

func (r tuple) integer(column int) int64 { return r[column].(int64) }
func (r tuple) is(column int) bool       { return r.integer(column) != 0 }
func (r tuple) text(column int) string   { return r[column].(string) }

// blob returns nil for NULL.
func (r tuple) blob(column int) []byte {
	b, _ := r[column].([]byte)
	return b
}

// in returns a query of what changed, in order. Where everything is visited it goes through the table as
// that lies on disk, and no index says where to look for the next row.
func (r *changes) in(order, query string) string {
	if r.whole() {
		return strings.NewReplacer("{seq}", "+seq", "{model}", "+model").Replace(query)
	}
	return strings.NewReplacer("{seq}", "seq", "{model}", "model").Replace(query) + " ORDER BY " + order
}

// whole reports whether everything is visited, so that what is gone is not worth a word.
func (r *changes) whole() bool { return r.since == 0 }

func (r *changes) users(ctx context.Context, visit func(store.UserChange) error) error {
	return r.each(ctx, r.in("seq, u.id", selectUserChanges), []any{r.since},
		func(scan func(...any) error) error {
			var u store.UserChange
			if err := scan(&u.ID, &u.Username, &u.Seq, &u.Gone); err != nil || u.Gone && r.whole() {
				return err
			}
			if u.Gone {
				u.Username = ""
			}
			return visit(u)
		})
}

const selectUserChanges = `SELECT u.id, coalesce(n.username, ''), seq, u.gone FROM users u LEFT JOIN names n ON n.user_id = u.id
	WHERE {seq} > ?`

func (r *changes) posts(ctx context.Context, visit func(store.PostChange) error) error {
	const columns = 3 + 16
	return r.values(ctx, r.in("seq, id", "SELECT id, seq, gone, "+featureColumns+" FROM posts WHERE {seq} > ?"), []any{r.since}, columns,
		func(row tuple) error {
			p := store.PostChange{Seq: row.integer(1), Gone: row.is(2)}
			p.ID = row.integer(0)
			if p.Gone {
				if r.whole() {
					return nil
				}
				return visit(p)
			}
			if err := row[3:].features(&p.Features); err != nil {
				return err
			}
			return visit(p)
		})
}

func (r *changes) events(ctx context.Context, visit func(store.EventChange) error) error {
	hidden, err := r.gone(ctx, "SELECT id FROM users WHERE gone = 1")
	if err != nil {
		return err
	}
	const columns = 9
	query := r.in("seq, row", selectEvents)
	if !r.whole() {
		query = selectEventsAndMarks
	}
	return r.values(ctx, query, []any{r.since}, columns, func(row tuple) error {
		e := store.EventChange{
			Row: row.integer(0), UserID: row.integer(1), PostID: row.integer(2), Kind: interaction.Kind(row.integer(3)),
			Value: int(row.integer(4)), At: row.integer(5), Synced: row.is(6), Seq: row.integer(7), Gone: row.is(8),
		}
		if !e.Gone && hidden[e.UserID] {
			if r.whole() {
				return nil
			}
			e.Gone = true
		}
		return visit(e)
	})
}

const selectEvents = "SELECT row, user_id, post_id, kind, value, at, synced, seq, 0 FROM interactions WHERE {seq} > ?"

const selectEventsAndMarks = `SELECT row, user_id, post_id, kind, value, at, synced, seq, 0 FROM interactions WHERE seq > ?1
	UNION ALL SELECT row, 0, 0, 0, -1, 0, 0, seq, 1 FROM removed WHERE seq > ?1 ORDER BY 8, 1`

func (r *changes) embeddings(ctx context.Context, model string, visit func(store.EmbeddingChange) error) error {
	id, err := r.model(ctx, model)
	if err != nil || id == 0 {
		return err
	}
	gone, err := r.gone(ctx, "SELECT id FROM posts WHERE gone = 1")
	if err != nil {
		return err
	}
	const columns = 3
	var e store.EmbeddingChange
	return r.values(ctx, r.in("seq, post_id", "SELECT post_id, vector, seq FROM embeddings WHERE {model} = ? AND {seq} > ?"), []any{id, r.since}, columns,
		func(row tuple) error {
			e.PostID, e.Seq = row.integer(0), row.integer(2)
			vector := row.blob(1)
			if gone[e.PostID] || len(vector) == 0 && r.whole() {
				return nil
			}
			e.Vector = decodeVector(e.Vector[:0], vector)
			return visit(e)
		})
}

// gone returns the ids that query selects as a set, nil for none.
func (r *changes) gone(ctx context.Context, query string) (set map[int64]bool, err error) {
	err = r.each(ctx, query, nil, func(scan func(...any) error) error {
		var id int64
		if err := scan(&id); err != nil {
			return err
		}
		if set == nil {
			set = make(map[int64]bool)
		}
		set[id] = true
		return nil
	})
	return set, err
}
