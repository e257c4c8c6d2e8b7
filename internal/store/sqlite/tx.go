package sqlite

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"resonance/internal/errs"
)

// section is a kind of row whose last change the state row remembers, so that a reader asks
// only for what changed.
type section int

const (
	userRows section = iota
	postRows
	eventRows
	embeddingRows
	sections
)

// tx is a writing transaction. Statements inside it cannot be cancelled; loops ask canceled.
type tx struct {
	*conn
	seq      int64 // stamps the rows that this transaction changes
	now      int64 // epoch milliseconds
	salt     []byte
	nextRow  int64 // of interactions
	last     [sections]int64
	totals   map[string]int64 // what to add to which total
	canceled func() error

	noneForgotten *bool // nil: not asked yet
	noneWithdrawn *bool // the same
	erased        bool  // a person's data were deleted
}

// stamp returns the sequence number for a changed row of section s.
func (t *tx) stamp(s section) int64 {
	t.last[s] = t.seq
	return t.seq
}

func (t *tx) add(total string, n int64) { t.totals[total] += n }

// write runs do in one transaction that holds the store's write lock. If do stamped a row the
// transaction takes the next sequence number. An error, or the end of ctx before the commit,
// takes everything back.
func (db *DB) write(ctx context.Context, do func(context.Context, *tx) error) (err error) {
	c, err := db.writer.take(ctx)
	if err != nil {
		return err
	}
	defer db.writer.give(c)
	steady := context.WithoutCancel(ctx)
	committed := false
	defer func() {
		if !committed { // even if BEGIN failed: ctx can end just after it took the lock
			_, _ = c.exec(steady, "ROLLBACK") // the error to report is the one that led here
		}
	}()
	if err := c.lock(ctx); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	t := &tx{conn: c, now: db.now().UnixMilli(), totals: make(map[string]int64), canceled: ctx.Err}
	if err := t.begin(steady); err != nil {
		return err
	}
	if err := do(steady, t); err != nil {
		return err
	}
	if err := t.finish(steady); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := c.exec(steady, "COMMIT"); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	committed = true
	if t.erased {
		db.unscrubbed.Store(true)
	}
	if db.unscrubbed.Load() {
		db.scrub(steady, c)
	}
	return nil
}

// A process waits up to lockPatience for the write lock, and asks for it about every lockEvery:
// SQLite itself would sleep ever longer, up to a tenth of a second, while others take turns.
const (
	lockPatience = 30 * time.Second
	lockEvery    = 200 * time.Microsecond
)

// lock begins a transaction that holds the write lock. The error wraps errs.Unavailable when
// another process does not give it up.
func (c *conn) lock(ctx context.Context) error {
	for began := time.Now(); ; {
		_, err := c.exec(context.WithoutCancel(ctx), "BEGIN IMMEDIATE")
		if err = busy(err); !errors.Is(err, errs.Unavailable) || time.Since(began) > lockPatience {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(rand.N(2 * lockEvery)):
		}
	}
}

// busy makes the error of a lock that another process holds one of errs.Unavailable.
func busy(err error) error {
	if code, ok := errors.AsType[*sqlite.Error](err); ok && code.Code()&0xff == sqlite3.SQLITE_BUSY {
		return fmt.Errorf("%w: another process is writing: %w", errs.Unavailable, err)
	}
	return err
}

const selectState = "SELECT seq, users_seq, posts_seq, events_seq, embeddings_seq, next_row, salt FROM state WHERE id = 1"

func (t *tx) begin(ctx context.Context) error {
	_, err := t.first(ctx, selectState, nil,
		&t.seq, &t.last[userRows], &t.last[postRows], &t.last[eventRows], &t.last[embeddingRows], &t.nextRow, &t.salt)
	t.seq++
	if err != nil {
		return fmt.Errorf("read state: %w", err)
	}
	return nil
}

func (t *tx) finish(ctx context.Context) error {
	if t.erased {
		if err := t.rewriteNames(ctx); err != nil {
			return fmt.Errorf("rewrite names: %w", err)
		}
	}
	for name, n := range t.totals {
		if n == 0 {
			continue
		}
		if _, err := t.exec(ctx, "INSERT INTO totals VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET n = n + excluded.n", name, n); err != nil {
			return fmt.Errorf("write totals: %w", err)
		}
	}
	if max(t.last[userRows], t.last[postRows], t.last[eventRows], t.last[embeddingRows]) < t.seq {
		return nil
	}
	_, err := t.exec(ctx, "UPDATE state SET seq = ?, users_seq = ?, posts_seq = ?, events_seq = ?, embeddings_seq = ?, next_row = ? WHERE id = 1",
		t.seq, t.last[userRows], t.last[postRows], t.last[eventRows], t.last[embeddingRows], t.nextRow)
	if err != nil {
		return fmt.Errorf("write state: %w", err)
	}
	return nil
}

// read runs do in one reading transaction, which sees one state of the store. The context that
// do gets is never done, since watching one costs more than most reads: what is long asks ctx.
func (db *DB) read(ctx context.Context, do func(context.Context, *conn) error) error {
	return db.lend(ctx, func(c *conn) error {
		steady := context.WithoutCancel(ctx)
		if _, err := c.exec(steady, "BEGIN"); err != nil {
			return fmt.Errorf("begin: %w", err)
		}
		defer func() { _, _ = c.exec(steady, "ROLLBACK") }() // nothing to lose
		return do(steady, c)
	})
}

// lend runs do with a reading connection, each statement seeing the newest state.
func (db *DB) lend(ctx context.Context, do func(*conn) error) error {
	c, err := db.readers.take(ctx)
	if err != nil {
		return err
	}
	defer db.readers.give(c)
	return do(c)
}
