package ingest

import (
	"context"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"resonance/internal/lease"
	"resonance/internal/store"
)

// Embedder turns texts into embeddings of unit norm, one a text, in order.
type Embedder interface {
	Model() string // identifies the model and its arithmetic
	Embed(ctx context.Context, texts []string) ([][]float32, error)
}

// EmbedStore is the part of a store that an EmbedQueue uses. Its methods are described in package
// store.
type EmbedStore interface {
	TextsToEmbed(ctx context.Context, model string, limit int) ([]store.Text, error)
	PutEmbeddings(ctx context.Context, model string, embeddings []store.Embedding) (changed int, err error)
	EmbeddingCounts(ctx context.Context, model string) (done, queued int64, err error)
	lease.Store
}

const (
	// batchSize is how many texts are embedded and saved at a time: a few seconds of work on two
	// cores, which is what a kill loses.
	batchSize = 16
	// pollEvery is how often the store is asked for new texts when nobody calls Wake.
	pollEvery = 5 * time.Second
	// A text that fails is set aside for asideFirst, then twice as long with each further failure,
	// up to asideLongest.
	asideFirst   = 30 * time.Second
	asideLongest = 10 * time.Minute
	// longestPause is the longest wait between two tries while nothing can be embedded; the first is 1 s.
	longestPause = 15 * time.Second
)

// EmbedProgress says how many posts have an embedding of their present text, and how many wait.
type EmbedProgress struct {
	Done   int64 `json:"done"`
	Queued int64 `json:"queued"`
}

// EmbedQueue embeds the texts of posts that lack an embedding, newest posts first, and saves them
// batch by batch. It is safe for concurrent use.
//
// When a batch fails, its texts are tried one by one. One that fails alone is set aside for a
// while, so that it holds up nothing; the waits between tries grow until one succeeds, so an
// embedder that is down is not pressed.
type EmbedQueue struct {
	store    EmbedStore
	embedder Embedder
	log      zerolog.Logger
	lease    lease.Lease
	wake     chan struct{} // of 1: a call of Wake is never lost
}

// NewEmbedQueue returns a queue that embeds st's texts with embedder.
func NewEmbedQueue(st EmbedStore, embedder Embedder, log zerolog.Logger) *EmbedQueue {
	return &EmbedQueue{store: st, embedder: embedder, log: log, lease: lease.New(st, "embed", log), wake: make(chan struct{}, 1)}
}

// Wake says that there may be new texts. It never blocks.
func (q *EmbedQueue) Wake() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// Progress returns how far the queue is, whichever process works on it.
func (q *EmbedQueue) Progress(ctx context.Context) (EmbedProgress, error) {
	done, queued, err := q.store.EmbeddingCounts(ctx, q.embedder.Model())
	if err != nil {
		return EmbedProgress{}, fmt.Errorf("count embeddings: %w", err)
	}
	return EmbedProgress{Done: done, Queued: queued}, nil
}

// Run embeds until ctx ends, in whichever process holds the lease. Texts may come at any time; they
// are found after Wake, or within a few seconds. Trouble is logged once, and once more when it is over.
func (q *EmbedQueue) Run(ctx context.Context) {
	w := worker{queue: q, size: batchSize, aside: map[int64]aside{}}
	for ctx.Err() == nil {
		err := q.lease.Do(ctx, lease.Forever, w.work)
		if ctx.Err() == nil {
			w.fails(err)
			lease.Sleep(ctx, w.pause())
		}
	}
}

// nap waits for Wake or pollEvery, and reports whether ctx goes on.
func (q *EmbedQueue) nap(ctx context.Context) bool {
	timer := time.NewTimer(pollEvery)
	defer timer.Stop()
	select {
	case <-q.wake:
	case <-timer.C:
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}

// save embeds texts and writes the embeddings.
func (q *EmbedQueue) save(ctx context.Context, texts []store.Text) error {
	plain := make([]string, len(texts))
	for i, t := range texts {
		plain[i] = t.Text
	}
	vectors, err := q.embedder.Embed(ctx, plain)
	if err != nil {
		return fmt.Errorf("embed %d texts from post %d on: %w", len(texts), texts[0].PostID, err)
	}
	if len(vectors) != len(texts) {
		return fmt.Errorf("embed %d texts from post %d on: got %d embeddings", len(texts), texts[0].PostID, len(vectors))
	}
	embeddings := make([]store.Embedding, len(texts))
	for i, t := range texts {
		embeddings[i] = store.Embedding{PostID: t.PostID, Hash: t.Hash, Vector: vectors[i]}
	}
	_, err = q.store.PutEmbeddings(ctx, q.embedder.Model(), embeddings)
	return err
}
