package replica_test

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"

	"resonance/internal/catalog"
	"resonance/internal/store"
)

// fakeStore is a store in memory that keeps the promises of package store: one sequence number a
// transaction, marks for what leaves, a stamp on what returns with its owner. Rows that share a
// sequence number come in an order that nobody can rely on. Safe for concurrent use.
type fakeStore struct {
	mu         sync.Mutex
	seq        int64
	posts      map[int64]*fakePost
	users      map[int64]*store.UserChange
	events     map[int64]*store.EventChange // by row
	removed    map[int64]int64              // sequence numbers by row
	embeddings map[int64]*store.EmbeddingChange

	rows int64
	fail func(call string) error // nil, or says which call fails; "visit" is asked for each row visited
}

type fakePost struct {
	catalog.Post
	seq  int64
	gone bool
}

func newFakeStore() *fakeStore {
	return &fakeStore{
		posts: map[int64]*fakePost{}, users: map[int64]*store.UserChange{}, events: map[int64]*store.EventChange{},
		removed: map[int64]int64{}, embeddings: map[int64]*store.EmbeddingChange{},
	}
}

func (f *fakeStore) failing(call string) error {
	if f.fail == nil {
		return nil
	}
	return f.fail(call)
}

// Sequence implements replica.Source.
func (f *fakeStore) Sequence(context.Context) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.seq, f.failing("Sequence")
}

// Changes implements replica.Source.
func (f *fakeStore) Changes(_ context.Context, since int64, model string, v store.ChangeVisitor) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var visits []func() error
	if v.User != nil {
		visits = append(visits, f.userVisits(since, v)...)
	}
	if v.Post != nil {
		visits = append(visits, f.postVisits(since, v)...)
	}
	if v.Event != nil {
		visits = append(visits, f.eventVisits(since, v)...)
	}
	if v.Embedding != nil && model == testModel {
		visits = append(visits, f.embeddingVisits(since, v)...)
	}
	for _, visit := range visits {
		if err := cmp.Or(f.failing("visit"), visit()); err != nil {
			return 0, err
		}
	}
	return f.seq, f.failing("Changes")
}

// inOrder returns the rows changed after since, by sequence, equal ones by falling key.
func inOrder[R any](rows map[int64]R, since int64, seq func(R) int64) []R {
	var changed []int64
	for key, row := range rows {
		if seq(row) > since {
			changed = append(changed, key)
		}
	}
	slices.SortFunc(changed, func(a, b int64) int { return cmp.Or(cmp.Compare(seq(rows[a]), seq(rows[b])), cmp.Compare(b, a)) })
	ordered := make([]R, len(changed))
	for i, key := range changed {
		ordered[i] = rows[key]
	}
	return ordered
}

func (f *fakeStore) userVisits(since int64, v store.ChangeVisitor) (visits []func() error) {
	for _, u := range inOrder(f.users, since, func(u *store.UserChange) int64 { return u.Seq }) {
		if since > 0 || !u.Gone {
			visits = append(visits, func() error { return v.User(*u) })
		}
	}
	return visits
}

func (f *fakeStore) postVisits(since int64, v store.ChangeVisitor) (visits []func() error) {
	for _, p := range inOrder(f.posts, since, func(p *fakePost) int64 { return p.seq }) {
		change := store.PostChange{Features: p.Features(), Seq: p.seq}
		if p.gone {
			change = store.PostChange{Features: catalog.Features{ID: p.ID}, Seq: p.seq, Gone: true}
		}
		if since > 0 || !p.gone {
			visits = append(visits, func() error { return v.Post(change) })
		}
	}
	return visits
}

func (f *fakeStore) eventVisits(since int64, v store.ChangeVisitor) (visits []func() error) {
	changes := maps.Clone(f.events)
	if since > 0 {
		for row, seq := range f.removed {
			changes[row] = &store.EventChange{Row: row, Value: -1, Seq: seq, Gone: true}
		}
	}
	for _, e := range inOrder(changes, since, func(e *store.EventChange) int64 { return e.Seq }) {
		change := *e
		if u := f.users[e.UserID]; u != nil && u.Gone {
			change.Gone = true
		}
		if since > 0 || !change.Gone {
			visits = append(visits, func() error { return v.Event(change) })
		}
	}
	return visits
}

// embeddingVisits gives every visitor the same buffer, whose content is lost when it returns.
func (f *fakeStore) embeddingVisits(since int64, v store.ChangeVisitor) (visits []func() error) {
	var buffer []float32
	for _, e := range inOrder(f.embeddings, since, func(e *store.EmbeddingChange) int64 { return e.Seq }) {
		if f.posts[e.PostID].gone || since == 0 && len(e.Vector) == 0 {
			continue
		}
		visits = append(visits, func() error {
			buffer = append(buffer[:0], e.Vector...)
			err := v.Embedding(store.EmbeddingChange{PostID: e.PostID, Vector: buffer, Seq: e.Seq})
			clear(buffer)
			return err
		})
	}
	return visits
}

// Posts implements replica.Source.
func (f *fakeStore) Posts(_ context.Context, ids []int64) (posts []catalog.Post, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, id := range ids {
		if p := f.posts[id]; p != nil && !p.gone {
			posts = append(posts, p.Post)
		}
	}
	return posts, f.failing("Posts")
}

// GetMany implements replica.Embeddings without a cache.
func (f *fakeStore) GetMany(_ context.Context, _ [][]float32, ids, versions []int64) ([][]float32, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	vectors := make([][]float32, len(ids))
	for i, id := range ids {
		if e := f.embeddings[id]; e != nil && !f.posts[id].gone && versions[i] != 0 {
			vectors[i] = e.Vector
		}
	}
	return vectors, f.failing("GetMany")
}
