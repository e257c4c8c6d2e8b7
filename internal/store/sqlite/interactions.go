package sqlite

import (
	"context"
	"fmt"
	"strings"

	"resonance/internal/interaction"
)

// PutInteractions writes interactions and returns how many changed. Each replaces the one of its
// identity: the key, or without one user, post, kind and time; the last of equals wins. An
// unknown username creates the user under a local id, an unknown user id a user without a name.
// The rows of forgotten users are dropped. A hidden user is back when a new event that upstream
// did not send names the user.
func (db *DB) PutInteractions(ctx context.Context, interactions []interaction.Interaction) (changed int, err error) {
	err = db.write(ctx, func(ctx context.Context, t *tx) (err error) {
		changed, err = t.putInteractions(ctx, interactions)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("put %d interactions: %w", len(interactions), err)
	}
	return changed, nil
}

// event is a row of interactions.
type event struct {
	identity
	row    int64 // 0: not stored yet
	value  int64
	named  bool // came with a username; not stored
	userID int64
	postID int64
	kind   interaction.Kind
	at     int64
}

// identity is what makes two events the same one: the key alone, or all the rest.
type identity struct {
	key            string
	user, post, at int64
	kind           interaction.Kind
}

func newEvent(i *interaction.Interaction, userID int64) event {
	e := event{
		identity: identity{key: i.Key}, named: i.Username != "",
		userID: userID, postID: i.PostID, kind: i.Kind, value: int64(i.Value), at: i.At.UnixMilli(),
	}
	if i.Key == "" {
		e.identity = identity{user: e.userID, post: e.postID, kind: e.kind, at: e.at}
	}
	return e
}

// same reports whether the stored row old, if there is one, says what e says.
func (e *event) same(old *event) bool {
	return old.row != 0 && e.userID == old.userID && e.postID == old.postID && e.kind == old.kind && e.value == old.value && e.at == old.at
}

// synced reports whether the key is one that sync gives: a kind and upstream's row id.
func synced(key string) bool {
	kind, id, found := strings.Cut(key, ":")
	if !found || id == "" || strings.Trim(id, "0123456789") != "" {
		return false
	}
	_, err := interaction.ParseKind(kind)
	return err == nil
}

// eventChunk is how many events are compared with what is stored at a time.
const eventChunk = 512

func (t *tx) putInteractions(ctx context.Context, interactions []interaction.Interaction) (changed int, err error) {
	who := newDirectory(t)
	for len(interactions) > 0 {
		n := min(eventChunk, len(interactions))
		chunk, err := who.events(ctx, interactions[:n])
		if err != nil {
			return 0, err
		}
		did, err := t.putEvents(ctx, who, chunk)
		if err != nil {
			return 0, err
		}
		if err := t.canceled(); err != nil {
			return 0, err
		}
		changed += did
		interactions = interactions[n:]
	}
	return changed, nil
}

// events checks interactions and gives each its user. Of those with one identity the last is
// kept, in the place of the first; those of forgotten users are dropped.
func (d *directory) events(ctx context.Context, interactions []interaction.Interaction) ([]event, error) {
	chunk := make([]event, 0, len(interactions))
	place := make(map[identity]int, len(interactions))
	for n := range interactions {
		i := &interactions[n]
		if err := i.Check(); err != nil {
			return nil, fmt.Errorf("interaction %d: %w", n, err)
		}
		userID, err := d.find(ctx, i)
		if err != nil {
			return nil, fmt.Errorf("interaction %d: find user: %w", n, err)
		}
		if userID == nobody {
			continue
		}
		e := newEvent(i, userID)
		if at, ok := place[e.identity]; ok {
			chunk[at] = e
			continue
		}
		place[e.identity] = len(chunk)
		chunk = append(chunk, e)
	}
	return chunk, nil
}

// putEvents writes what differs from the stored rows. No two of chunk have one identity.
func (t *tx) putEvents(ctx context.Context, who *directory, chunk []event) (changed int, err error) {
	stored, err := t.storedEvents(ctx, chunk)
	if err != nil {
		return 0, err
	}
	chunk, stored, changed, err = t.leaveOutWithdrawn(ctx, chunk, stored)
	if err != nil {
		return 0, err
	}
	leaving := changed
	for n := range chunk {
		e := &chunk[n]
		if e.same(&stored[n]) {
			continue
		}
		changed++
		if e.named && !synced(e.key) { // upstream did not send it: its user is here
			if err := who.welcome(ctx, e.userID); err != nil {
				return 0, err
			}
		}
	}
	if changed == leaving {
		return changed, nil
	}
	return changed, t.writeEvents(ctx, who, chunk, stored)
}

// writeEvents writes the events that differ from their stored rows.
func (t *tx) writeEvents(ctx context.Context, who *directory, chunk, stored []event) error {
	inserts := make([]any, 0, len(chunk)*insertEvents.width)
	for n := range chunk {
		e, old := &chunk[n], &stored[n]
		if e.same(old) {
			continue
		}
		if !who.hidden[e.userID] {
			t.add(e.kind.String(), 1)
		}
		if old.row != 0 {
			if err := t.replaceEvent(ctx, who, e, old); err != nil {
				return err
			}
			continue
		}
		inserts = append(inserts, t.nextRow, e.key, e.userID, e.postID, int64(e.kind), e.value, e.at, synced(e.key), t.stamp(eventRows))
		t.nextRow++
	}
	err := t.execBatch(ctx, &insertEvents, inserts)
	return err
}

// replaceEvent writes e over old, which has the same identity.
func (t *tx) replaceEvent(ctx context.Context, who *directory, e, old *event) error {
	hidden, err := who.isHidden(ctx, old.userID)
	if err != nil {
		return err
	}
	if !hidden {
		t.add(old.kind.String(), -1)
	}
	_, err = t.exec(ctx, "UPDATE interactions SET user_id = ?, post_id = ?, kind = ?, value = ?, at = ?, seq = ? WHERE row = ?",
		e.userID, e.postID, int64(e.kind), e.value, e.at, t.stamp(eventRows), old.row)
	return err
}

var (
	insertEvents = batch("INSERT INTO interactions VALUES ", 9, "")
	selectKeyed  = batch("WITH v (n, key) AS (VALUES ", 2, `) SELECT v.n, e.row, e.user_id, e.post_id, e.kind, e.value, e.at
		FROM v CROSS JOIN interactions e ON e.key = v.key AND e.key <> ''`)
	selectKeyless = batch("WITH v (n, user_id, post_id, kind, at) AS (VALUES ", 5, `) SELECT v.n, e.row, e.user_id, e.post_id, e.kind, e.value, e.at
		FROM v CROSS JOIN interactions e ON e.user_id = v.user_id AND e.post_id = v.post_id AND e.kind = v.kind AND e.at = v.at AND e.key = ''`)
)

// storedEvents returns the stored row of each event's identity, the zero event where none is.
func (t *tx) storedEvents(ctx context.Context, chunk []event) ([]event, error) {
	stored := make([]event, len(chunk))
	var keyed, keyless []any
	for n := range chunk {
		if e := &chunk[n]; e.key != "" {
			keyed = append(keyed, int64(n), e.key)
		} else {
			keyless = append(keyless, int64(n), e.userID, e.postID, int64(e.kind), e.at)
		}
	}
	visit := func(scan func(...any) error) error {
		var n int
		var e event
		if err := scan(&n, &e.row, &e.userID, &e.postID, &e.kind, &e.value, &e.at); err != nil {
			return err
		}
		stored[n] = e
		return nil
	}
	if err := t.eachBatch(ctx, &selectKeyed, keyed, visit); err != nil {
		return nil, err
	}
	return stored, t.eachBatch(ctx, &selectKeyless, keyless, visit)
}
