// Package replica keeps a copy of the store in memory for requests to read, and proves it fresh
// against the store's sequence before each of them. Any number of processes may write to the
// store: what one of them has acknowledged is in the next answer of every other.
package replica

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"resonance/internal/catalog"
	"resonance/internal/errs"
	"resonance/internal/interaction"
	"resonance/internal/learn"
	"resonance/internal/signal"
	"resonance/internal/store"
	"resonance/internal/vector"
)

// Source is the store that is copied.
type Source interface {
	Sequence(ctx context.Context) (int64, error)
	Changes(ctx context.Context, since int64, model string, v store.ChangeVisitor) (until int64, err error)
	Posts(ctx context.Context, ids []int64) ([]catalog.Post, error)
}

// Embeddings reads embeddings by post id, from a cache in front of the store.
type Embeddings interface {
	// GetMany returns the embeddings of ids in the versions given or newer, in their order, nil
	// where there is none; it may write them over dst.
	GetMany(ctx context.Context, dst [][]float32, ids, versions []int64) ([][]float32, error)
}

// Replica is the copy. Safe for concurrent use.
type Replica struct {
	source     Source
	embeddings Embeddings
	model      string // whose embeddings are copied
	clock      func() time.Time
	posts      *postCache

	refreshing sync.Mutex // held by the one goroutine that brings the copy up to date
	mu         sync.RWMutex
	state      state
}

// New returns a replica of source, empty until the first Read or Refresh. model names the
// embeddings to copy.
func New(source Source, embeddings Embeddings, model string, clock func() time.Time) (*Replica, error) {
	posts, err := newPostCache()
	if err != nil {
		return nil, err
	}
	r := &Replica{source: source, embeddings: embeddings, model: model, clock: clock, posts: posts}
	r.state = newState(learn.Untaught())
	return r, nil
}

// Close frees the caches.
func (r *Replica) Close() { r.posts.close() }

// Read brings the copy up to the store's present sequence and calls read with it. The View is
// valid until read returns and does not change meanwhile; read must not call the Replica.
func (r *Replica) Read(ctx context.Context, read func(View) error) error {
	if err := r.Refresh(ctx); err != nil {
		return err
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	return read(View{
		Catalog: &r.state.catalog, Log: &r.state.log, Vectors: &r.state.vectors,
		Crowd: r.state.crowd, Model: r.state.model,
		Sequence: r.state.sequence, Now: r.state.now(r.clock()), replica: r,
	})
}

// Refresh brings the copy up to the store's present sequence. It reads one number when nothing
// has changed.
func (r *Replica) Refresh(ctx context.Context) error {
	sequence, err := r.source.Sequence(ctx)
	if err != nil {
		return failed("read the store's sequence", err)
	}
	if r.reached(sequence) {
		return nil
	}
	r.refreshing.Lock()
	defer r.refreshing.Unlock()
	if r.reached(sequence) {
		return nil
	}
	return r.catchUp(ctx)
}

// Loaded reports whether the copy holds a state of the store yet.
func (r *Replica) Loaded() bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.state.loaded
}

func (r *Replica) reached(sequence int64) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.state.loaded && r.state.sequence >= sequence
}

// catchUp applies what changed since the copy's sequence. Changes are read before the copy is
// locked, so that requests wait for their application only.
func (r *Replica) catchUp(ctx context.Context) error {
	if !r.Loaded() {
		return r.load(ctx, func(context.Context, *catalog.Index) {})
	}
	var changes batch
	until, err := r.source.Changes(ctx, r.state.sequence, r.model, changes.visitor())
	if err != nil {
		return failed("read changes of the store", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	changes.apply(&r.state)
	r.state.sequence = until
	return nil
}

// Adopt takes a model into use: the next Read sees it.
func (r *Replica) Adopt(m *learn.Model) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state.adopt(m)
}

// View is a state of the store, as of Sequence.
type View struct {
	Catalog  *catalog.Index
	Log      *interaction.Log
	Vectors  *vector.Index
	Crowd    *signal.Crowd
	Model    *learn.Model
	Sequence int64
	Now      int64 // epoch milliseconds: a second past the newest event or post, never later than the clock

	replica *Replica
}

// worthFitting is how many touches there must be before models are fitted to them. What fewer say is in
// the signals that need no fit.
const worthFitting = 20

// Stale reports whether people did something that the model was not fitted to.
func (v View) Stale() bool {
	return v.Crowd.Sum() != v.Model.Sum && (v.Model.Touches > 0 || v.Crowd.Touches() >= worthFitting)
}

// failed says that the store could not be asked: the error wraps errs.Unavailable and no other
// kind, since what the store calls invalid is not what a client sent, or the context's error.
func failed(what string, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s: %w", what, err)
	}
	return fmt.Errorf("%s: %w: %s", what, errs.Unavailable, err.Error())
}
