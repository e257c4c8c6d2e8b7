package sqlite

import (
	"context"

	"resonance/internal/interaction"
)

// moveEvents gives the events of one user to another, both visible. Where both have the same
// event without a key, the value that was written last stays.
func (t *tx) moveEvents(ctx context.Context, from, to int64) error {
	twins, err := t.twins(ctx, from, to)
	if err != nil {
		return err
	}
	for _, twin := range twins {
		if err := t.fold(ctx, twin); err != nil {
			return err
		}
	}
	moved, err := t.exec(ctx, "UPDATE interactions SET user_id = ?, seq = ? WHERE user_id = ?", to, t.seq, from)
	if err != nil {
		return err
	}
	if moved > 0 {
		t.stamp(eventRows)
	}
	return nil
}

// twin is an event that two users have.
type twin struct {
	kind                int64
	row, value, seq     int64 // of the user who leaves
	kept, keptValue, at int64 // of the user who stays; at is its seq
}

func (t *tx) twins(ctx context.Context, from, to int64) (all []twin, err error) {
	err = t.each(ctx, `SELECT a.kind, a.row, a.value, a.seq, b.row, b.value, b.seq FROM interactions a
		JOIN interactions b ON b.user_id = ? AND b.post_id = a.post_id AND b.kind = a.kind AND b.at = a.at AND b.key = ''
		WHERE a.user_id = ? AND a.key = ''`, []any{to, from}, func(scan func(...any) error) error {
		var w twin
		err := scan(&w.kind, &w.row, &w.value, &w.seq, &w.kept, &w.keptValue, &w.at)
		all = append(all, w)
		return err
	})
	return all, err
}

// fold removes the leaving twin and keeps the newer value.
func (t *tx) fold(ctx context.Context, w twin) error {
	if err := t.removeEvent(ctx, w.row); err != nil {
		return err
	}
	t.add(interaction.Kind(w.kind).String(), -1)
	if w.value == w.keptValue || w.seq <= w.at {
		return nil
	}
	_, err := t.exec(ctx, "UPDATE interactions SET value = ?, seq = ? WHERE row = ?", w.value, t.stamp(eventRows), w.kept)
	return err
}

// removeEvent deletes an event and leaves a mark of it.
func (t *tx) removeEvent(ctx context.Context, row int64) error {
	if _, err := t.exec(ctx, "DELETE FROM interactions WHERE row = ?", row); err != nil {
		return err
	}
	_, err := t.exec(ctx, "INSERT INTO removed VALUES (?, ?)", row, t.stamp(eventRows))
	return err
}

// restampEvents makes all events of a user changed ones, because the user was hidden (n is -1)
// or came back (+1): each event says of itself whether it counts.
func (t *tx) restampEvents(ctx context.Context, userID, n int64) error {
	if err := t.addEvents(ctx, userID, n); err != nil {
		return err
	}
	changed, err := t.exec(ctx, "UPDATE interactions SET seq = ? WHERE user_id = ?", t.seq, userID)
	if err != nil {
		return err
	}
	if changed > 0 {
		t.stamp(eventRows)
	}
	return nil
}

// addEvents adds n times the events of a user to the totals.
func (t *tx) addEvents(ctx context.Context, userID, n int64) error {
	return t.each(ctx, "SELECT kind, count(*) FROM interactions WHERE user_id = ? GROUP BY kind", []any{userID},
		func(scan func(...any) error) error {
			var kind, count int64
			if err := scan(&kind, &count); err != nil {
				return err
			}
			t.add(interaction.Kind(kind).String(), n*count)
			return nil
		})
}

// hideUser hides a user who vanished, and with the user all events.
func (t *tx) hideUser(ctx context.Context, id int64) error {
	u, err := t.userByID(ctx, id)
	if err != nil {
		return err
	}
	t.addUser(&u, -1)
	if _, err := t.exec(ctx, "UPDATE users SET gone = 1, seq = ? WHERE id = ?", t.stamp(userRows), id); err != nil {
		return err
	}
	return t.restampEvents(ctx, id, -1)
}
