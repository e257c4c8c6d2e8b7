package storetest

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/catalog"
	"resonance/internal/store"
)

// replica is a copy in memory of what is not gone, as a server keeps one.
type replica struct {
	since      int64
	posts      map[int64]catalog.Features
	users      map[int64]string
	events     map[int64]store.EventChange // by row; Seq is 0
	embeddings map[int64][]float32
}

func newReplica() *replica {
	return &replica{
		posts: map[int64]catalog.Features{}, users: map[int64]string{},
		events: map[int64]store.EventChange{}, embeddings: map[int64][]float32{},
	}
}

// load returns a replica of everything.
func load(t *testing.T, s Store, model string) *replica {
	t.Helper()
	r := newReplica()
	r.follow(t, s, model)
	return r
}

// follow applies what changed, and fails the test if it comes in another order than promised.
func (r *replica) follow(t *testing.T, s Store, model string) {
	t.Helper()
	stage, last, whole := 0, int64(0), r.since == 0
	in := func(kind int, seq int64, gone bool) {
		t.Helper()
		if kind != stage {
			stage, last = kind, 0
		}
		if kind < stage || seq < last && !whole || seq <= r.since || gone && whole {
			t.Errorf("since %d: kind %d with sequence %d (gone: %t) came after kind %d with %d", r.since, kind, seq, gone, stage, last)
		}
		last = seq
	}
	until, err := s.Changes(context.Background(), r.since, model, store.ChangeVisitor{
		User: func(u store.UserChange) error {
			in(1, u.Seq, u.Gone)
			put(r.users, u.ID, u.Username, u.Gone)
			return nil
		},
		Post: func(p store.PostChange) error {
			in(2, p.Seq, p.Gone)
			put(r.posts, p.ID, p.Features, p.Gone)
			if p.Gone {
				delete(r.embeddings, p.ID)
			}
			return nil
		},
		Event: func(e store.EventChange) error {
			in(3, e.Seq, e.Gone)
			row, gone := e.Row, e.Gone
			e.Seq = 0
			put(r.events, row, e, gone)
			return nil
		},
		Embedding: func(e store.EmbeddingChange) error {
			in(4, e.Seq, len(e.Vector) == 0)
			put(r.embeddings, e.PostID, slices.Clone(e.Vector), len(e.Vector) == 0)
			return nil
		},
	})
	must(t, err)
	if seq := sequence(t, s); until != seq {
		t.Errorf("changes until %d, the sequence is %d", until, seq)
	}
	r.since = until
}

func put[V any](m map[int64]V, id int64, v V, gone bool) {
	if gone {
		delete(m, id)
		return
	}
	m[id] = v
}

// same fails the test if two replicas differ.
func same(t *testing.T, want, got *replica) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(replica{})); diff != "" {
		t.Fatalf("following changes gives another state than a full load (-full +followed):\n%s", diff)
	}
}

// names returns the usernames of a replica in order, "" for each user without one.
func (r *replica) names() []string {
	names := make([]string, 0, len(r.users))
	for _, name := range r.users {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
