package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"resonance/internal/caller"
	"resonance/internal/catalog"
	"resonance/internal/errs"
	"resonance/internal/interaction"
	"resonance/internal/store"
)

// act is what can be withdrawn.
type act struct {
	user, post int64
	kind       interaction.Kind
}

// usedKey is an idempotency key that was used.
type usedKey struct {
	user int64
	body string
}

// record records one draft that is right in itself, and returns what becomes of it in words.
func (m *model) record(key string, d interaction.Draft, now time.Time) string {
	body := fmt.Sprint(d.PostID, d.Kind, d.Value, d.At)
	request := fmt.Sprintf("request %q of %q", d.Key, d.Username+key)
	if d.Key != "" {
		switch used, returned := m.used[request]; {
		case returned && used.body == body:
			return "duplicate"
		case returned:
			return "conflict"
		}
	}
	p := m.posts[d.PostID]
	if p == nil || p.gone {
		return "not-found"
	}
	u := m.resolve(interaction.Interaction{Username: d.Username})
	if u == nil {
		return "forbidden"
	}
	m.welcome(u)
	if d.Key == "" && d.At.IsZero() && m.stands(u.ID, d.Kind, p) {
		return "duplicate"
	}
	e := &modelEvent{user: u.ID, post: d.PostID, kind: d.Kind, value: interaction.NoValue, at: d.At}
	withdrawn, any := m.withdrawn[act{u.ID, d.PostID, d.Kind}]
	if d.Key != "" {
		e.key = request
		m.used[request] = usedKey{u.ID, body}
	}
	if d.At.IsZero() {
		if e.at = now; any && !e.at.After(withdrawn) {
			e.at = withdrawn.Add(time.Millisecond)
		}
		if e.key == "" && m.find(e) != nil {
			e.at = m.crowded(e).Add(time.Millisecond)
		}
	}
	if any && !e.at.After(withdrawn) {
		return "duplicate"
	}
	return m.putEvent(e)
}

// crowded returns the latest time of events like e within a minute from it.
func (m *model) crowded(e *modelEvent) (last time.Time) {
	for _, old := range m.events {
		like := old.key == "" && old.user == e.user && old.post == e.post && old.kind == e.kind
		if like && !old.at.Before(e.at) && !old.at.After(e.at.Add(time.Minute)) && old.at.After(last) {
			last = old.at
		}
	}
	return last
}

func (m *model) putEvent(e *modelEvent) string {
	switch old := m.find(e); {
	case old == nil:
		m.events = append(m.events, e)
	case *old == *e:
		return "duplicate"
	default:
		*old = *e
	}
	return "accepted"
}

func (m *model) stands(user int64, kind interaction.Kind, p *modelPost) bool {
	return kind.State() && slices.ContainsFunc(m.events, func(e *modelEvent) bool {
		return e.user == user && e.kind == kind && m.concerns(e, kind, p)
	})
}

// concerns reports whether an event of a kind is about p: a follow is about the author.
func (m *model) concerns(e *modelEvent, kind interaction.Kind, p *modelPost) bool {
	if e.post == p.post.ID {
		return true
	}
	other := m.posts[e.post]
	return kind == interaction.Follow && other != nil && p.post.Owner.Username != "" && other.post.Owner.Username == p.post.Owner.Username
}

func (m *model) welcome(u *modelUser) {
	if u.gone {
		u.gone, u.upstream, u.missed = false, false, 0
	}
}

// withdraw removes events of a known user's kind on a post.
func (m *model) withdraw(r interaction.Removal, now time.Time) (removed int, err error) {
	p := m.posts[r.PostID]
	if p == nil || p.gone {
		return 0, errs.NotFound
	}
	u := m.resolve(interaction.Interaction{Username: r.Username})
	if u == nil {
		return 0, errs.Forbidden
	}
	m.welcome(u)
	posts := map[int64]bool{r.PostID: true}
	for _, e := range m.events {
		if e.user == u.ID && e.kind == r.Kind && m.concerns(e, r.Kind, p) {
			posts[e.post] = true
		}
	}
	for post := range posts {
		a := act{u.ID, post, r.Kind}
		until := r.At
		if r.At.IsZero() {
			until = now
			for _, e := range m.events {
				if a == (act{e.user, e.post, e.kind}) && e.at.After(until) {
					until = e.at
				}
			}
		}
		if until.After(m.withdrawn[a]) {
			m.withdrawn[a] = until
		}
		removed += m.removeWithdrawn(a)
	}
	return removed, nil
}

// removeWithdrawn removes the events that a tombstone covers.
func (m *model) removeWithdrawn(a act) int {
	before := len(m.events)
	m.events = slices.DeleteFunc(m.events, func(e *modelEvent) bool {
		return a == (act{e.user, e.post, e.kind}) && !e.at.After(m.withdrawn[a])
	})
	return before - len(m.events)
}

// covered reports whether an event was withdrawn.
func (m *model) covered(e *modelEvent) bool {
	until, any := m.withdrawn[act{e.user, e.post, e.kind}]
	return any && !e.at.After(until)
}

// moveWithdrawn gives what one user has withdrawn and the keys of one to another.
func (m *model) moveWithdrawn(from, to int64) {
	for a, until := range m.withdrawn {
		if a.user != from {
			continue
		}
		delete(m.withdrawn, a)
		if a.user = to; until.After(m.withdrawn[a]) {
			m.withdrawn[a] = until
		}
	}
	for a := range m.withdrawn {
		if a.user == to {
			m.removeWithdrawn(a)
		}
	}
	for request, used := range m.used {
		if used.user == from {
			m.used[request] = usedKey{to, used.body}
		}
	}
}

// dropWithdrawn forgets what a user has withdrawn, and the keys.
func (m *model) dropWithdrawn(user int64) {
	for a := range m.withdrawn {
		if a.user == user {
			delete(m.withdrawn, a)
		}
	}
	for request, used := range m.used {
		if used.user == user {
			delete(m.used, request)
		}
	}
}

func (m *model) deletePosts(ids []int64) (deleted int) {
	for _, id := range ids {
		if p := m.posts[id]; p != nil && !p.deleted && (!p.gone || p.upstream) {
			*p = modelPost{post: catalog.Post{ID: id}, gone: true, deleted: true}
			m.withdrawEmbeddings(id)
			deleted++
		}
	}
	return deleted
}

func (m *model) upsertTitle(id int64, title string, now time.Time) store.PostsEdited {
	p, old := catalog.Post{ID: id, Tags: []string{}, Keywords: []string{}, Public: true, CreatedAt: now}, m.posts[id]
	exists := old != nil && !old.gone
	if old != nil && !old.deleted {
		p = old.post
	}
	if old != nil {
		old.deleted = false
	}
	p.Title = title
	switch changed := m.putPosts([]catalog.Post{p}, false) == 1; {
	case changed && exists:
		return store.PostsEdited{Updated: 1}
	case changed:
		return store.PostsEdited{Created: 1}
	}
	return store.PostsEdited{Unchanged: 1}
}

// recordSome records, withdraws, edits or deletes something over the API.
func (w *world) recordSome(s Store) {
	w.Helper()
	ctx, who := context.Background(), caller.Anyone()
	who.KeyID = pick(w, "one", "two")
	w.clock = at(w.IntN(5))
	switch n := w.IntN(10); {
	case n < 6:
		drafts := times(1+w.IntN(4), w.draft)
		var want, got []string
		for _, d := range drafts {
			want = append(want, w.model.record(who.KeyID, d, w.clock))
		}
		outcomes, err := s.Record(ctx, who, drafts)
		must(w.T, err)
		for _, o := range outcomes {
			got = append(got, inWords(o))
		}
		w.diff("outcomes", strings.Join(want, " "), strings.Join(got, " "))
	case n < 8:
		d := w.draft()
		r := interaction.Removal{Username: d.Username, PostID: d.PostID, Kind: d.Kind, At: d.At}
		want, refusal := w.model.withdraw(r, w.clock)
		got, err := s.Withdraw(ctx, who, r)
		if !errors.Is(err, refusal) || got != want {
			w.Errorf("withdrew %d, %v; want %d, %v", got, err, want, refusal)
		}
	case n < 9:
		id, title := 1+w.Int64N(6), pick(w, "title a", "edited", "")
		want := w.model.upsertTitle(id, title, w.clock)
		got, err := s.UpsertPosts(ctx, who, []store.PostEdit{{ID: id, Apply: func(p *catalog.Post) error { p.Title = title; return nil }}})
		must(w.T, err)
		w.diff("upserted", want, got)
	default:
		ids := []int64{1 + w.Int64N(7), 1 + w.Int64N(7)}
		want := w.model.deletePosts(ids)
		deleted, missing, err := s.DeletePosts(ctx, who, ids)
		must(w.T, err)
		w.diff("deleted and missing", []int{want, 2 - want}, []int{len(deleted), len(missing)})
	}
}

// draft returns a draft whose only mistakes can be in what it names.
func (w *world) draft() interaction.Draft {
	d := interaction.Draft{
		Username: w.username(), PostID: 1 + w.Int64N(7), Key: pick(w, "", "", "k1", "k2"),
		Kind: pick(w, interaction.View, interaction.Like, interaction.Follow),
	}
	if w.IntN(2) == 0 {
		d.At = at(w.IntN(3))
	}
	return d
}
