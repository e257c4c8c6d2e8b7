package sqlite

import (
	"context"

	"resonance/internal/interaction"
)

// moveEvents gives the events of one user to another, both visible. An event without a key that
// both have counts once, as the one who stays has it.
func (t *tx) moveEvents(ctx context.Context, from, to int64) error {
	err := t.each(ctx, "SELECT kind, count(*) FROM interactions a WHERE "+hasTwin+" GROUP BY kind", []any{from, to}, t.addKinds(-1))
	if err != nil {
		return err
	}
	if err := t.removeEvents(ctx, hasTwin, from, to); err != nil {
		return err
	}
	if err := t.stampEvents(ctx, "UPDATE interactions SET user_id = ?, seq = ? WHERE user_id = ?", to, t.seq, from); err != nil {
		return err
	}
	if _, err := t.exec(ctx, "DELETE FROM snapshot_rows WHERE user_id = ?", from); err != nil {
		return err
	}
	if err := t.dropKept(ctx); err != nil {
		return err
	}
	return t.moveWithdrawn(ctx, from, to)
}

const hasTwin = `a.user_id = ? AND a.key = '' AND EXISTS (SELECT 1 FROM interactions b
	WHERE b.user_id = ? AND b.post_id = a.post_id AND b.kind = a.kind AND b.at = a.at AND b.key = '')`

// removeEvents deletes the events of interactions a for which condition holds, and leaves marks.
func (t *tx) removeEvents(ctx context.Context, condition string, args ...any) error {
	marks := append([]any{t.seq}, args...)
	if err := t.stampEvents(ctx, "INSERT INTO removed SELECT a.row, ? FROM interactions a WHERE "+condition, marks...); err != nil {
		return err
	}
	_, err := t.exec(ctx, "DELETE FROM interactions AS a WHERE "+condition, args...)
	return err
}

// stampEvents runs a statement that stamps events, if it finds any.
func (t *tx) stampEvents(ctx context.Context, statement string, args ...any) error {
	n, err := t.exec(ctx, statement, args...)
	if n > 0 {
		t.stamp(eventRows)
	}
	return err
}

// restampEvents makes all events of a user changed ones, because the user was hidden (n is -1)
// or came back (+1): each event says of itself whether it counts.
func (t *tx) restampEvents(ctx context.Context, userID, n int64) error {
	if err := t.addEvents(ctx, userID, n); err != nil {
		return err
	}
	return t.stampEvents(ctx, "UPDATE interactions SET seq = ? WHERE user_id = ?", t.seq, userID)
}

// addEvents adds n times the events of a user to the totals.
func (t *tx) addEvents(ctx context.Context, userID, n int64) error {
	return t.each(ctx, "SELECT kind, count(*) FROM interactions WHERE user_id = ? GROUP BY kind", []any{userID}, t.addKinds(n))
}

// addKinds returns a visitor of (kind, count) that adds n times the counts to the totals.
func (t *tx) addKinds(n int64) func(scan func(...any) error) error {
	return func(scan func(...any) error) error {
		var kind interaction.Kind
		var count int64
		if err := scan(&kind, &count); err != nil {
			return err
		}
		t.add(kind.String(), n*count)
		return nil
	}
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
