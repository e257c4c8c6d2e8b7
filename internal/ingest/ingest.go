// Package ingest keeps a store in step with upstream: a Syncer copies upstream's rows, and an
// EmbedQueue turns the texts of posts into embeddings. Both run beside serving and never disturb
// it; of several processes on one store, each works in one at a time, by a lease.
package ingest

import (
	"context"

	"resonance/internal/catalog"
	"resonance/internal/lease"
	"resonance/internal/store"
	"resonance/internal/upstream"
)

// Upstream is where rows come from; *upstream.Client is one.
type Upstream interface {
	// Page fetches page number (1-based) of at most size rows.
	Page(ctx context.Context, endpoint upstream.Endpoint, number, size int) (upstream.Page, error)
}

// Passes is how a store takes the pages of a pass over an endpoint. Its methods are described in
// package store.
type Passes interface {
	Checkpoint(ctx context.Context, endpoint string) (store.Checkpoint, error)
	PutPage(ctx context.Context, page store.Page) (changed int, err error)
	EndPass(ctx context.Context, endpoint string) (store.PassResult, error)
	RestartPass(ctx context.Context, endpoint string) error
}

// Posts says which posts are known, the hidden ones included, and writes posts.
type Posts interface {
	KnownPosts(ctx context.Context, ids []int64) (map[int64]bool, error)
	PutPosts(ctx context.Context, posts []catalog.Post) (changed int, err error)
}

// SyncStore is the part of a store that a Syncer uses.
type SyncStore interface {
	Passes
	Posts
	lease.Store
}
