package sqlite

import (
	"context"
	"fmt"
	"time"

	"resonance/internal/interaction"
	"resonance/internal/store"
)

// Checkpoint returns where the current pass over endpoint stands.
func (db *DB) Checkpoint(ctx context.Context, endpoint string) (cp store.Checkpoint, err error) {
	var startedAt int64
	err = db.lend(ctx, func(c *conn) error {
		found, err := c.first(ctx, "SELECT page, started_at FROM passes WHERE endpoint = ?", []any{endpoint}, &cp.Page, &startedAt)
		if found {
			cp.StartedAt = time.UnixMilli(startedAt).UTC()
		}
		return err
	})
	if err != nil {
		return store.Checkpoint{}, fmt.Errorf("read checkpoint of %s: %w", endpoint, err)
	}
	return cp, nil
}

// PutPage writes the rows of a page, the ids it showed and the checkpoint in one transaction,
// and returns how many rows changed. The first page after the end of a pass begins the next.
func (db *DB) PutPage(ctx context.Context, page store.Page) (changed int, err error) {
	err = db.write(ctx, func(ctx context.Context, t *tx) error {
		if err := t.turnPage(ctx, &page); err != nil {
			return err
		}
		nposts, err := t.putPosts(ctx, page.Posts, true)
		if err != nil {
			return err
		}
		nusers, err := t.putUsers(ctx, page.Users, true)
		if err != nil {
			return err
		}
		nevents, err := t.putInteractions(ctx, page.Interactions)
		changed = nposts + nusers + nevents
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("put page %d of %s: %w", page.Number, page.Endpoint, err)
	}
	return changed, nil
}

// turnPage notes the page and the ids it shows, before its rows are written.
func (t *tx) turnPage(ctx context.Context, page *store.Page) error {
	rows := len(page.Posts) + len(page.Users) + len(page.Interactions) + len(page.Seen)
	under, err := t.exec(ctx, "UPDATE passes SET page = ?, returned = returned + ? WHERE endpoint = ?", page.Number, rows, page.Endpoint)
	if err != nil {
		return err
	}
	if under == 0 {
		known, err := t.known(ctx, page.Endpoint)
		if err != nil {
			return err
		}
		if _, err := t.exec(ctx, "INSERT INTO passes VALUES (?, ?, ?, ?, ?)", page.Endpoint, page.Number, t.now, known, rows); err != nil {
			return err
		}
	}
	ids := make([]any, 0, 2*rows)
	for n := range page.Posts {
		ids = append(ids, page.Endpoint, page.Posts[n].ID)
	}
	for n := range page.Users {
		ids = append(ids, page.Endpoint, page.Users[n].ID)
	}
	for _, id := range page.Seen {
		ids = append(ids, page.Endpoint, id)
	}
	err = t.execBatch(ctx, &insertSeen, ids)
	return err
}

var insertSeen = batch("INSERT OR IGNORE INTO seen (endpoint, id) VALUES ", 2, "")

// known counts the rows of an endpoint that upstream has sent before and that are not hidden.
func (t *tx) known(ctx context.Context, endpoint string) (n int, err error) {
	switch endpoint {
	case store.EndpointPosts:
		_, err = t.first(ctx, "SELECT count(*) FROM posts WHERE upstream = 1 AND gone = 0", nil, &n)
	case store.EndpointUsers:
		_, err = t.first(ctx, "SELECT count(*) FROM users WHERE upstream = 1 AND gone = 0", nil, &n)
	default:
		kind, perr := interaction.ParseKind(endpoint)
		if perr != nil {
			return 0, fmt.Errorf("endpoint: %w", perr)
		}
		_, err = t.first(ctx, "SELECT count(*) FROM interactions WHERE kind = ? AND synced = 1", []any{int64(kind)}, &n)
	}
	return n, err
}

// RestartPass forgets an unfinished pass, which then proves nothing.
func (db *DB) RestartPass(ctx context.Context, endpoint string) error {
	err := db.write(ctx, func(ctx context.Context, t *tx) error { return t.clearPass(ctx, endpoint) })
	if err != nil {
		return fmt.Errorf("restart pass over %s: %w", endpoint, err)
	}
	return nil
}

func (t *tx) clearPass(ctx context.Context, endpoint string) error {
	if _, err := t.exec(ctx, "DELETE FROM passes WHERE endpoint = ?", endpoint); err != nil {
		return err
	}
	_, err := t.exec(ctx, "DELETE FROM seen WHERE endpoint = ?", endpoint)
	return err
}

// EndPass ends a complete pass. If at least half of the known posts or users came, those that
// upstream once sent and that were absent count as missed, and hide when that was the second
// complete pass in a row. Interactions that are absent stay: upstream prunes old ones.
func (db *DB) EndPass(ctx context.Context, endpoint string) (result store.PassResult, err error) {
	err = db.write(ctx, func(ctx context.Context, t *tx) (err error) {
		if result, err = t.endPass(ctx, endpoint); err != nil {
			return err
		}
		return t.clearPass(ctx, endpoint)
	})
	if err != nil {
		return store.PassResult{}, fmt.Errorf("end pass over %s: %w", endpoint, err)
	}
	return result, nil
}

func (t *tx) endPass(ctx context.Context, endpoint string) (r store.PassResult, err error) {
	under, err := t.first(ctx, "SELECT known, returned FROM passes WHERE endpoint = ?", []any{endpoint}, &r.Known, &r.Returned)
	if err == nil && !under {
		r.Known, err = t.known(ctx, endpoint)
	}
	if err != nil {
		return r, err
	}
	look, hide := absences{}, t.hidePost
	switch endpoint {
	case store.EndpointPosts:
		look = absentPosts
	case store.EndpointUsers:
		look, hide = absentUsers, t.hideUser
	}
	if look != (absences{}) { // the same row may have come on two pages
		if _, err := t.first(ctx, "SELECT count(*) FROM seen WHERE endpoint = ?", []any{endpoint}, &r.Returned); err != nil {
			return r, err
		}
	}
	r.Proof = under && 2*r.Returned >= r.Known
	if look == (absences{}) {
		return r, nil
	}
	return r, t.countAbsences(ctx, look, hide, &r)
}

// absences are the statements that find and note who was absent from a pass.
type absences struct{ present, absent, miss string }

var (
	absentPosts = absences{
		present: "UPDATE posts SET missed = 0 WHERE missed > 0 AND gone = 0 AND id IN (SELECT id FROM seen WHERE endpoint = 'posts')",
		absent: `SELECT id, missed FROM posts WHERE upstream = 1 AND gone = 0
			AND NOT EXISTS (SELECT 1 FROM seen WHERE endpoint = 'posts' AND seen.id = posts.id) ORDER BY id`,
		miss: "UPDATE posts SET missed = missed + 1 WHERE id = ?",
	}
	absentUsers = absences{
		present: "UPDATE users SET missed = 0 WHERE missed > 0 AND gone = 0 AND id IN (SELECT id FROM seen WHERE endpoint = 'users')",
		absent: `SELECT id, missed FROM users WHERE upstream = 1 AND gone = 0
			AND NOT EXISTS (SELECT 1 FROM seen WHERE endpoint = 'users' AND seen.id = users.id) ORDER BY id`,
		miss: "UPDATE users SET missed = missed + 1 WHERE id = ?",
	}
)

// countAbsences notes who came and, if the pass proves anything, who did not.
func (t *tx) countAbsences(ctx context.Context, look absences, hide func(context.Context, int64) error, r *store.PassResult) error {
	if _, err := t.exec(ctx, look.present); err != nil || !r.Proof {
		return err
	}
	absent := make(map[int64]int)
	var order []int64
	err := t.each(ctx, look.absent, nil, func(scan func(...any) error) error {
		var id int64
		var missed int
		err := scan(&id, &missed)
		absent[id] = missed
		order = append(order, id)
		return err
	})
	if err != nil {
		return err
	}
	r.Missing = len(order)
	for _, id := range order {
		if _, err := t.exec(ctx, look.miss, id); err != nil {
			return err
		}
		if absent[id] == 0 {
			continue
		}
		if err := hide(ctx, id); err != nil {
			return err
		}
		r.Hidden++
	}
	return nil
}
