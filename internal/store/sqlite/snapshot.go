package sqlite

import (
	"context"
	"fmt"
	"time"

	"resonance/internal/errs"
	"resonance/internal/store"
)

// SaveSnapshot replaces the snapshot of version s.Version, 0 for none, with s, and returns the new
// version; MadeAt is the store's to say. Where another version stands by now the error wraps errs.Conflict. Rows of users that are gone by now are left out. A recipe that differs from
// the newest is kept among the Recipes. It is no change of the data: the sequence stays.
func (db *DB) SaveSnapshot(ctx context.Context, s store.Snapshot) (version int64, err error) {
	err = db.write(ctx, func(ctx context.Context, t *tx) error {
		var before int64
		if _, err := t.first(ctx, "SELECT version FROM snapshot", nil, &before); err != nil {
			return err
		}
		if before != s.Version {
			return fmt.Errorf("%w: version %d stands where %d was to be replaced", errs.Conflict, before, s.Version)
		}
		recipe, err := t.recipe(ctx, s.Recipe)
		if err != nil {
			return err
		}
		_, err = t.first(ctx, `INSERT INTO snapshot VALUES (1, 1, ?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO UPDATE
			SET version = version + 1, recipe_id = ?1, made_at = ?2, serves_at = ?3, sequence = ?4, touches = ?5 RETURNING version`,
			[]any{recipe, t.now, s.ServesAt.UnixMilli(), s.Sequence, s.Touches}, &version)
		if err != nil {
			return err
		}
		if _, err := t.exec(ctx, "DELETE FROM snapshot_rows"); err != nil {
			return err
		}
		if err := t.dropKept(ctx); err != nil {
			return err
		}
		for user, touches := range s.Rows {
			if err := t.canceled(); err != nil {
				return err
			}
			if _, err := t.exec(ctx, "INSERT INTO snapshot_rows SELECT id, ?2 FROM users WHERE id = ?1 AND gone = 0", user, touches); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("save snapshot: %w", err)
	}
	return version, nil
}

// recipe returns the id of a recipe, which is written where it is not the newest.
func (t *tx) recipe(ctx context.Context, recipe string) (id int64, err error) {
	var newest string
	if _, err := t.first(ctx, "SELECT id, recipe FROM recipes ORDER BY id DESC LIMIT 1", nil, &id, &newest); err != nil || newest == recipe {
		return id, err
	}
	_, err = t.first(ctx, "INSERT INTO recipes (made_at, recipe) VALUES (?, ?) RETURNING id", []any{t.now, recipe}, &id)
	return id, err
}

// KeepFit keeps a part of the model that was fitted from the snapshot of a version, unless another snapshot stands by
// now or a part is kept already. It is no change of the data.
func (db *DB) KeepFit(ctx context.Context, version int64, fit store.Fit) error {
	err := db.write(ctx, func(ctx context.Context, t *tx) error {
		_, err := t.exec(ctx, "INSERT INTO snapshot_kept SELECT 1, ?1, ?2 FROM snapshot WHERE version = ?3 ON CONFLICT (id) DO NOTHING",
			fit.Took.Milliseconds(), fit.Kept, version)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep the fit of snapshot %d: %w", version, err)
	}
	return nil
}

// dropKept forgets what was kept of a model, since the rows that it was fitted to are no longer there.
func (t *tx) dropKept(ctx context.Context) error {
	_, err := t.exec(ctx, "DELETE FROM snapshot_kept")
	return err
}

// Snapshot returns the snapshot if its version is not known, else the error wraps errs.NotFound, as it does
// where there is none. Asked for the known version it reads one number.
func (db *DB) Snapshot(ctx context.Context, known int64) (s store.Snapshot, err error) {
	err = db.read(ctx, func(ctx context.Context, c *conn) error {
		found, err := c.first(ctx, "SELECT version FROM snapshot", nil, &s.Version)
		if err == nil && (!found || s.Version == known) {
			err = errs.NotFound
		}
		if err != nil {
			return err
		}
		var madeAt, servesAt, took int64
		if _, err := c.first(ctx, `SELECT r.recipe, s.made_at, s.serves_at, s.sequence, s.touches FROM snapshot s JOIN recipes r ON r.id = s.recipe_id`, nil,
			&s.Recipe, &madeAt, &servesAt, &s.Sequence, &s.Touches); err != nil {
			return err
		}
		s.MadeAt, s.ServesAt, s.Rows = time.UnixMilli(madeAt).UTC(), time.UnixMilli(servesAt).UTC(), map[int64][]byte{}
		if _, err := c.first(ctx, "SELECT took, kept FROM snapshot_kept", nil, &took, &s.Fit.Kept); err != nil {
			return err
		}
		s.Fit.Took = time.Duration(took) * time.Millisecond
		return c.each(ctx, "SELECT user_id, touches FROM snapshot_rows", nil, func(scan func(...any) error) error {
			var user int64
			var touches []byte
			err := scan(&user, &touches)
			s.Rows[user] = touches
			return err
		})
	})
	if err != nil {
		return store.Snapshot{}, fmt.Errorf("read snapshot: %w", err)
	}
	return s, nil
}

// Recipes returns what models were made by, the newest first.
func (db *DB) Recipes(ctx context.Context) (recipes []store.Recipe, err error) {
	err = db.lend(ctx, func(c *conn) error {
		return c.each(ctx, "SELECT id, made_at, recipe FROM recipes ORDER BY id DESC", nil, func(scan func(...any) error) error {
			var r store.Recipe
			var madeAt int64
			err := scan(&r.ID, &madeAt, &r.Recipe)
			r.MadeAt = time.UnixMilli(madeAt).UTC()
			recipes = append(recipes, r)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read recipes: %w", err)
	}
	return recipes, nil
}
