package sqlite

import (
	"context"
	"fmt"

	"resonance/internal/catalog"
)

// derivation numbers the rules that make the columns of posts from documents, catalog's
// Features and Text. Raise it whenever one of them gives another result for the same post: a
// store that was written by other rules is brought up to date when it is opened. A test fails
// when the rules change and this number does not.
const derivation = 2

// rederive makes the columns of every post again if other rules made them.
func (db *DB) rederive(ctx context.Context) error {
	current := func(c *conn) (ok bool, err error) {
		_, err = c.first(ctx, "SELECT derivation = ? FROM state WHERE id = 1", []any{derivation}, &ok)
		return ok, err
	}
	done := false
	err := db.lend(ctx, func(c *conn) (err error) {
		done, err = current(c)
		return err
	})
	if err != nil || done {
		return err
	}
	return db.write(ctx, func(ctx context.Context, t *tx) error {
		if done, err := current(t.conn); err != nil || done {
			return err
		}
		if err := t.rederive(ctx); err != nil {
			return fmt.Errorf("derive columns of posts: %w", err)
		}
		_, err := t.exec(ctx, "UPDATE state SET derivation = ? WHERE id = 1", derivation)
		return err
	})
}

func (t *tx) rederive(ctx context.Context) error {
	var ids []int64
	err := t.each(ctx, "SELECT post_id FROM documents ORDER BY post_id", nil, func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		ids = append(ids, id)
		return err
	})
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := t.canceled(); err != nil {
			return err
		}
		if err := t.rederivePost(ctx, id); err != nil {
			return fmt.Errorf("post %d: %w", id, err)
		}
	}
	return nil
}

// rederivePost writes the columns of a post again; one that is hidden stays hidden.
func (t *tx) rederivePost(ctx context.Context, id int64) error {
	var document []byte
	if _, err := t.first(ctx, "SELECT document FROM documents WHERE post_id = ?", []any{id}, &document); err != nil {
		return err
	}
	var p catalog.Post
	if err := p.UnmarshalJSON(document); err != nil {
		return err
	}
	old, err := t.post(ctx, id)
	if err != nil {
		return err
	}
	if err := t.storePost(ctx, &p, &old, old.upstream); err != nil || !old.gone {
		return err
	}
	return t.hidePost(ctx, id)
}
