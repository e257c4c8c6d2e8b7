package sqlite

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"resonance/internal/caller"
	"resonance/internal/interaction"
)

// Withdraw removes the events that r names and returns how many there were. A tombstone stays:
// such events up to its time stay removed, whoever sends them; later ones count. A removal
// without a time covers every event that is stored, so it is as late as the latest of them.
// Removing a follow withdraws it from the post's author, through whichever posts in the caller's reach it was made.
// Errors are those of a draft, see Record; an unknown username is created, since what it
// withdraws may come late.
func (db *DB) Withdraw(ctx context.Context, who caller.Caller, r interaction.Removal) (removed int, err error) {
	err = db.write(ctx, func(ctx context.Context, t *tx) error {
		if err := r.Check(time.UnixMilli(t.now)); err != nil {
			return err
		}
		userID, post, err := t.parties(ctx, newDirectory(t), who, r.Username, r.PostID)
		if err != nil {
			return err
		}
		posts, err := t.withdrawnPosts(ctx, who, userID, r.Kind, post)
		for _, postID := range posts {
			if err == nil {
				var n int
				n, err = t.withdraw(ctx, userID, postID, &r)
				removed += n
			}
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("withdraw %s: %w", r.Kind, err)
	}
	return removed, nil
}

// withdrawnPosts returns the posts whose events of a kind leave with those of post, as far as the caller reaches.
func (t *tx) withdrawnPosts(ctx context.Context, who caller.Caller, userID int64, kind interaction.Kind, post target) (ids []int64, err error) {
	ids = []int64{post.id}
	if kind != interaction.Follow || post.author == "" {
		return ids, nil
	}
	err = t.each(ctx, `SELECT DISTINCT i.post_id, p.project FROM interactions i JOIN posts p ON p.id = i.post_id
		WHERE i.user_id = ? AND i.kind = ? AND p.author = ? AND p.id <> ?`, []any{userID, int64(kind), post.author, post.id},
		func(scan func(...any) error) error {
			var id int64
			var project string
			err := scan(&id, &project)
			if who.MayUse(project) {
				ids = append(ids, id)
			}
			return err
		})
	return ids, err
}

func (t *tx) withdraw(ctx context.Context, userID, postID int64, r *interaction.Removal) (removed int, err error) {
	at := r.At.UnixMilli()
	if r.At.IsZero() {
		if _, err := t.first(ctx, "SELECT max(?, coalesce(max(at), ?)) FROM interactions WHERE user_id = ? AND post_id = ? AND kind = ?",
			[]any{t.now, t.now, userID, postID, int64(r.Kind)}, &at); err != nil {
			return 0, err
		}
	}
	if _, err := t.exec(ctx, "INSERT INTO withdrawn VALUES (?, ?, ?, ?) "+laterWins, userID, postID, int64(r.Kind), at); err != nil {
		return 0, err
	}
	return t.removeWithdrawn(ctx, "a.user_id = ? AND a.post_id = ? AND a.kind = ? AND a.at <= ?", userID, postID, int64(r.Kind), at)
}

const laterWins = "ON CONFLICT (user_id, post_id, kind) DO UPDATE SET at = max(at, excluded.at)"

// removeWithdrawn removes the events of interactions a of one visible user for which condition
// holds, and remembers the keys of those that were recorded over the API.
func (t *tx) removeWithdrawn(ctx context.Context, condition string, args ...any) (removed int, err error) {
	err = t.each(ctx, "SELECT kind, count(*) FROM interactions a WHERE "+condition+" GROUP BY kind", args, func(scan func(...any) error) error {
		var kind interaction.Kind
		var count int
		err := scan(&kind, &count)
		t.add(kind.String(), -int64(count))
		removed += count
		return err
	})
	if removed == 0 || err != nil {
		return 0, err
	}
	spend := "INSERT OR REPLACE INTO spent SELECT a.key, a.user_id, a.at FROM interactions a WHERE a.key >= 'api:' AND a.key < 'api;' AND " + condition
	if _, err := t.exec(ctx, spend, args...); err != nil {
		return 0, err
	}
	return removed, t.removeEvents(ctx, condition, args...)
}

// spend remembers the key of an event that is not stored because it was withdrawn.
func (t *tx) spend(ctx context.Context, e *event) error {
	if !strings.HasPrefix(e.key, apiKey) {
		return nil
	}
	_, err := t.exec(ctx, "INSERT OR REPLACE INTO spent VALUES (?, ?, ?)", e.key, e.userID, e.at)
	return err
}

// moveWithdrawn gives what one user has withdrawn to another, who has the events of both.
func (t *tx) moveWithdrawn(ctx context.Context, from, to int64) error {
	none, err := t.nothingWithdrawn(ctx)
	if none || err != nil {
		return err
	}
	move := "INSERT INTO withdrawn SELECT ?, post_id, kind, at FROM withdrawn WHERE user_id = ? " + laterWins
	if _, err := t.exec(ctx, move, to, from); err != nil {
		return err
	}
	if _, err := t.exec(ctx, "DELETE FROM withdrawn WHERE user_id = ?", from); err != nil {
		return err
	}
	if _, err := t.exec(ctx, "UPDATE spent SET user_id = ? WHERE user_id = ?", to, from); err != nil {
		return err
	}
	_, err = t.removeWithdrawn(ctx, `a.user_id = ? AND EXISTS (SELECT 1 FROM withdrawn w
		WHERE w.user_id = a.user_id AND w.post_id = a.post_id AND w.kind = a.kind AND w.at >= a.at)`, to)
	return err
}

// nothingWithdrawn reports whether no tombstone stands, as is usual.
func (t *tx) nothingWithdrawn(ctx context.Context) (bool, error) {
	return t.isEmpty(ctx, &t.noneWithdrawn, "SELECT NOT EXISTS (SELECT 1 FROM withdrawn)")
}

// isEmpty returns what query says, asked once a transaction.
func (t *tx) isEmpty(ctx context.Context, answer **bool, query string) (bool, error) {
	if *answer == nil {
		var none bool
		if _, err := t.first(ctx, query, nil, &none); err != nil {
			return false, err
		}
		*answer = &none
	}
	return **answer, nil
}

// withdrawnAt returns up to which time events like e are withdrawn, before all times for never.
func (t *tx) withdrawnAt(ctx context.Context, e *event) (at int64, err error) {
	at = math.MinInt64
	none, err := t.nothingWithdrawn(ctx)
	if none || err != nil {
		return at, err
	}
	_, err = t.first(ctx, "SELECT at FROM withdrawn WHERE user_id = ? AND post_id = ? AND kind = ?", []any{e.userID, e.postID, int64(e.kind)}, &at)
	return at, err
}

var selectWithdrawn = batch("WITH v (n, user_id, post_id, kind, at) AS (VALUES ", 5, `) SELECT v.n
	FROM v CROSS JOIN withdrawn w ON w.user_id = v.user_id AND w.post_id = v.post_id AND w.kind = v.kind AND w.at >= v.at`)

// leaveOutWithdrawn returns events and their stored rows without those that are withdrawn; such
// an event that is stored elsewhere, under its key, is removed there. removed counts them.
func (t *tx) leaveOutWithdrawn(ctx context.Context, chunk, stored []event) (kept, keptStored []event, removed int, err error) {
	none, err := t.nothingWithdrawn(ctx)
	if none || err != nil {
		return chunk, stored, 0, err
	}
	args := make([]any, 0, len(chunk)*selectWithdrawn.width)
	for n := range chunk {
		e := &chunk[n]
		args = append(args, int64(n), e.userID, e.postID, int64(e.kind), e.at)
	}
	out := make(map[int]bool)
	err = t.eachBatch(ctx, &selectWithdrawn, args, func(scan func(...any) error) error {
		var n int
		err := scan(&n)
		out[n] = true
		return err
	})
	for n := range chunk {
		switch {
		case !out[n]:
			kept, keptStored = append(kept, chunk[n]), append(keptStored, stored[n])
		case stored[n].row != 0 && err == nil:
			removed++
			err = t.removeStored(ctx, &stored[n])
		}
	}
	return kept, keptStored, removed, err
}

// removeStored removes one event.
func (t *tx) removeStored(ctx context.Context, e *event) error {
	u, err := t.userByID(ctx, e.userID)
	if err != nil {
		return err
	}
	if !u.gone {
		t.add(e.kind.String(), -1)
	}
	return t.removeEvents(ctx, "a.row = ?", e.row)
}
