package sqlite

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"resonance/internal/caller"
	"resonance/internal/errs"
	"resonance/internal/interaction"
)

// Record records what a client of the API tells, and returns what became of each draft once
// those that were accepted are on disk. Drafts are taken in order, each on its own; concurrent
// calls share transactions.
//
// A draft with an idempotency key that the same caller has used for the same user is a duplicate
// if it says the same, else a conflict. Without key and time, a like, bookmark or follow that
// stands already is a duplicate; a follow is one of the post's author. What was withdrawn since
// stays so, and is a duplicate too. An unknown username is created, a hidden user is back, a
// forgotten one Forbidden; an unknown or gone post, or one out of the caller's reach, NotFound.
//
// When ctx ends before the commit the error is ctx's, and the drafts may or may not have been
// recorded: send them again under the same keys.
func (db *DB) Record(ctx context.Context, who caller.Caller, drafts []interaction.Draft) ([]interaction.Outcome, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("record %d interactions: %w", len(drafts), err)
	}
	r := &recording{ctx: ctx, who: who, drafts: drafts, done: make(chan struct{})}
	if db.group.join(r) {
		go db.commitGroups(context.WithoutCancel(ctx))
	}
	select {
	case <-r.done:
	case <-ctx.Done():
		return nil, fmt.Errorf("record %d interactions: %w", len(drafts), ctx.Err())
	}
	if r.err != nil {
		return nil, fmt.Errorf("record %d interactions: %w", len(drafts), r.err)
	}
	return r.outcomes, nil
}

// isRefusal reports whether err is about what a client asked, and not about the store.
func isRefusal(err error) bool {
	return errors.Is(err, errs.Invalid) || errors.Is(err, errs.NotFound) || errors.Is(err, errs.Forbidden) || errors.Is(err, errs.Conflict)
}

// record records one draft. An error that isRefusal is the draft's own, and nothing was changed.
func (t *tx) record(ctx context.Context, users *directory, who caller.Caller, d *interaction.Draft) (interaction.Outcome, error) {
	i, err := d.Interaction(time.UnixMilli(t.now))
	if err != nil {
		return interaction.Outcome{}, err
	}
	r := request{draft: d, i: i, prefix: t.keyPrefix(who, d)}
	if known, err := t.returned(ctx, &r); known || err != nil {
		return r.outcome, err
	}
	userID, post, err := t.parties(ctx, users, who, i.Username, i.PostID)
	if err != nil {
		return interaction.Outcome{}, err
	}
	if d.Key == "" && d.At.IsZero() && d.Kind.State() {
		if stands, err := t.stands(ctx, who, userID, post, &r); stands || err != nil {
			return r.outcome, err
		}
	}
	return t.recordNew(ctx, users, userID, &r)
}

// request is a draft on its way into the store.
type request struct {
	draft   *interaction.Draft
	i       interaction.Interaction // what it says
	prefix  string                  // of the stored key; "" without an idempotency key
	outcome interaction.Outcome
}

// duplicate makes the outcome that of a duplicate of an event of this value and time.
func (r *request) duplicate(value int, at int64) {
	i := r.i
	i.Value, i.At = value, time.UnixMilli(at).UTC()
	r.outcome = interaction.Outcome{Interaction: i, Duplicate: true}
}

// recordNew stores a draft that nothing stored answers for.
func (t *tx) recordNew(ctx context.Context, users *directory, userID int64, r *request) (interaction.Outcome, error) {
	e := newEvent(&r.i, userID)
	if r.prefix != "" {
		e.key = r.prefix + r.digest()
	}
	withdrawn, err := t.withdrawnAt(ctx, &e)
	if err != nil {
		return interaction.Outcome{}, err
	}
	if r.draft.At.IsZero() {
		if err := t.setFreeTime(ctx, &e, withdrawn); err != nil {
			return interaction.Outcome{}, err
		}
		r.i.At = time.UnixMilli(e.at).UTC()
	}
	if e.at <= withdrawn {
		r.duplicate(r.i.Value, e.at)
		return r.outcome, t.spend(ctx, &e)
	}
	accepted := interaction.Outcome{Interaction: r.i}
	if e.key != "" || r.draft.At.IsZero() { // nothing of this identity is stored
		return accepted, t.writeEvents(ctx, users, []event{e}, make([]event, 1))
	}
	changed, err := t.putEvents(ctx, users, []event{e})
	accepted.Duplicate = changed == 0
	return accepted, err
}

// crowd is how far ahead, in milliseconds, events of one user, post and kind may stand that came at
// the same moment.
const crowd = 60_000

// setFreeTime moves the time of an event that was given none to after what is withdrawn and, if
// that very millisecond is taken, to after those that crowded there before.
func (t *tx) setFreeTime(ctx context.Context, e *event, withdrawn int64) error {
	e.setTime(max(e.at, withdrawn+1))
	if e.key != "" {
		return nil
	}
	last := e.at - 1
	_, err := t.first(ctx, `SELECT at FROM interactions
		WHERE user_id = ?1 AND post_id = ?2 AND kind = ?3 AND at BETWEEN ?4 AND ?4 + ?5 AND key = ''
		AND EXISTS (SELECT 1 FROM interactions WHERE user_id = ?1 AND post_id = ?2 AND kind = ?3 AND at = ?4 AND key = '')
		ORDER BY at DESC LIMIT 1`, []any{e.userID, e.postID, int64(e.kind), e.at, crowd}, &last)
	e.setTime(last + 1)
	return err
}

func (e *event) setTime(at int64) {
	if e.at = at; e.key == "" {
		e.identity.at = at
	}
}

// stands reports whether the state that r describes is what it is already, as far as the caller reaches.
func (t *tx) stands(ctx context.Context, who caller.Caller, userID int64, post target, r *request) (found bool, err error) {
	query, args := "SELECT p.project, i.value, i.at FROM interactions i JOIN posts p ON p.id = i.post_id WHERE i.user_id = ? AND i.post_id = ? AND i.kind = ? ORDER BY i.at", []any{userID, post.id, int64(r.i.Kind)}
	if r.i.Kind == interaction.Follow && post.author != "" {
		query, args = `SELECT p.project, i.value, i.at FROM interactions i JOIN posts p ON p.id = i.post_id
			WHERE i.user_id = ? AND p.author = ? AND i.kind = ? ORDER BY i.at`, []any{userID, post.author, int64(r.i.Kind)}
	}
	err = t.each(ctx, query, args, func(scan func(...any) error) error {
		var project string
		var value int
		var at int64
		err := scan(&project, &value, &at)
		if err == nil && who.MayUse(project) {
			found = true
			r.duplicate(value, at)
		}
		return err
	})
	return found, err
}

// A client's idempotency key is stored as "api:", a hash of the key, of whose it is and of the
// user it was used for, ":", and a hash of what it was used for. The first hash is salted, since
// it would otherwise give away who was forgotten.
const (
	apiKey         = "api:"
	keyHashBytes   = 15
	bodyHashBytes  = 9
	afterSeparator = ";" // the character after ":"
)

func (t *tx) keyPrefix(who caller.Caller, d *interaction.Draft) string {
	if d.Key == "" {
		return ""
	}
	hash := keyedHash(t.salt, fmt.Sprintf("request:%q %q %q", who.KeyID, d.Username, d.Key))
	return apiKey + base64.RawURLEncoding.EncodeToString(hash[:keyHashBytes]) + ":"
}

// digest returns a hash of all that the draft says besides its key and user.
func (r *request) digest() string {
	at := int64(-1) << 63
	if !r.draft.At.IsZero() {
		at = r.i.At.UnixMilli()
	}
	var b []byte
	for _, n := range []int64{r.i.PostID, int64(r.i.Kind), int64(r.i.Value), at} {
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	hash := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(hash[:bodyHashBytes])
}

// returned reports whether the draft's idempotency key was used before.
func (t *tx) returned(ctx context.Context, r *request) (bool, error) {
	if r.prefix == "" {
		return false, nil
	}
	from := []any{r.prefix, strings.TrimSuffix(r.prefix, ":") + afterSeparator}
	key, value, at := "", r.i.Value, int64(0)
	found, err := t.first(ctx, "SELECT key, value, at FROM interactions WHERE key >= ? AND key < ? AND key <> '' LIMIT 1", from, &key, &value, &at)
	if err == nil && !found {
		var none bool
		if none, err = t.nothingWithdrawn(ctx); err == nil && !none {
			found, err = t.first(ctx, "SELECT key, at FROM spent WHERE key >= ? AND key < ? LIMIT 1", from, &key, &at)
		}
	}
	switch {
	case !found || err != nil:
		return false, err
	case key != r.prefix+r.digest():
		return false, fmt.Errorf("%w: idempotency key: was used for another interaction", errs.Conflict)
	}
	r.duplicate(value, at)
	return true, nil
}

// target is the post that somebody acts on.
type target struct {
	id     int64
	author string
}

// parties returns the user called username, created or brought back if need be, and the post with
// this id, for the caller to act on; the
// error wraps errs.NotFound if there is no such post that the caller may use, errs.Forbidden if
// the user was forgotten.
func (t *tx) parties(ctx context.Context, users *directory, who caller.Caller, username string, postID int64) (userID int64, post target, err error) {
	var project string
	found, err := t.first(ctx, "SELECT id, author, project FROM posts WHERE id = ? AND gone = 0", []any{postID}, &post.id, &post.author, &project)
	if err == nil && (!found || !who.MayUse(project)) {
		err = fmt.Errorf("%w: there is no post %d", errs.NotFound, postID)
	}
	if err != nil {
		return nobody, target{}, err
	}
	userID, err = users.find(ctx, &interaction.Interaction{Username: username})
	if err == nil && userID == nobody {
		err = fmt.Errorf("%w: the user was forgotten", errs.Forbidden)
	}
	if err != nil {
		return nobody, target{}, err
	}
	return userID, post, users.welcome(ctx, userID)
}
