package main

import (
	"context"
	"fmt"
	"time"

	"resonance/internal/errs"
	"resonance/internal/ingest"
	"resonance/internal/replica"
	"resonance/internal/rest"
)

// health says what the store holds and how far the background work is.
func (s *service) health(ctx context.Context) (rest.Health, error) {
	counts, err := s.db.Counts(ctx)
	if err != nil {
		return rest.Health{}, fmt.Errorf("count the store's rows: %w", err)
	}
	embedding, err := s.queue.Progress(ctx)
	if err != nil {
		return rest.Health{}, err
	}
	model, err := s.modelHealth(ctx)
	if err != nil {
		return rest.Health{}, err
	}
	return rest.Health{
		Posts: counts.Posts, Users: counts.Users, Interactions: counts.Interactions,
		Sync: s.syncHealth(), Embedding: rest.Embedding(embedding), Model: model,
	}, nil
}

// modelHealth says which model serves.
func (s *service) modelHealth(ctx context.Context) (health rest.Model, err error) {
	err = s.replica.Read(ctx, func(view replica.View) error {
		m := view.Model
		health = rest.Model{
			Version: m.Version, FittedAt: unlessZero(m.FittedAt), Events: int64(m.Touches), Stale: view.Stale(),
		}
		return nil
	})
	return health, err
}

func (s *service) syncHealth() rest.Sync {
	if s.syncer == nil {
		return rest.Sync{State: rest.SyncOff}
	}
	p := s.syncer.Progress()
	states := map[ingest.State]string{ingest.Idle: rest.SyncWaiting, ingest.Running: rest.SyncRunning, ingest.Failed: rest.SyncFailing}
	health := rest.Sync{
		State: states[p.State], Endpoint: string(p.Endpoint), Page: p.Page, Rows: int64(p.Rows),
		StartedAt: unlessZero(p.StartedAt), FinishedAt: unlessZero(p.FinishedAt), Error: unlessZero(p.Error),
	}
	return health
}

// unlessZero returns a pointer to value, nil for the zero value.
func unlessZero[T time.Time | string](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	return &value
}

// isReady returns nil once feeds can be served.
func (s *service) isReady(ctx context.Context) error {
	if !s.replica.Loaded() {
		return fmt.Errorf("%w: the store is being loaded", errs.Unavailable)
	}
	if _, err := s.db.Sequence(ctx); err != nil {
		return fmt.Errorf("%w: the store does not answer", errs.Unavailable)
	}
	return nil
}

// gauges returns the figures of the moment for the metrics.
func (s *service) gauges(ctx context.Context) (rest.Gauges, error) {
	counts, err := s.db.Counts(ctx)
	if err != nil {
		return rest.Gauges{}, fmt.Errorf("count the store's rows: %w", err)
	}
	embedding, err := s.queue.Progress(ctx)
	if err != nil {
		return rest.Gauges{}, err
	}
	sequence, err := s.db.Sequence(ctx)
	if err != nil {
		return rest.Gauges{}, fmt.Errorf("read store sequence: %w", err)
	}
	cache := s.cache.Stats()
	return rest.Gauges{
		Sequence: sequence, Posts: counts.Posts, Users: counts.Users, Interactions: counts.Interactions,
		EmbedQueue: embedding.Queued, Watched: s.hub.Watchers(), CacheHits: uint64(cache.Hits), CacheMisses: uint64(cache.Misses),
	}, nil
}
