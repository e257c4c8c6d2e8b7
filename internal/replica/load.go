package replica

import (
	"cmp"
	"context"

	"golang.org/x/sync/errgroup"

	"resonance/internal/catalog"
	"resonance/internal/store"
)

// Load is a first Refresh that calls beside with the posts as soon as they are there, while all else is read. They stay as
// they are until beside returns; its context ends when the load fails.
func (r *Replica) Load(ctx context.Context, beside func(context.Context, *catalog.Index)) error {
	r.refreshing.Lock()
	defer r.refreshing.Unlock()
	return r.load(ctx, beside)
}

// load reads everything, on as many processors as there are: posts beside users with their events, then
// embeddings beside what is counted of both. The three visits may see the store a change apart; what comes
// after the oldest sequence is then read again, by the next Refresh.
func (r *Replica) load(ctx context.Context, posted func(context.Context, *catalog.Index)) error {
	loaded := newState(r.state.model)
	all := loaded.visitor()
	var posts, events, embeddings int64
	visit := func(ctx context.Context, v store.ChangeVisitor, until *int64) (err error) {
		*until, err = r.source.Changes(ctx, 0, r.model, v)
		return err
	}
	ready := make(chan struct{}) // closed when the posts are there
	g, reading := errgroup.WithContext(ctx)
	g.Go(func() error {
		err := beside(reading, func(take func(store.PostChange) error) error {
			return visit(reading, store.ChangeVisitor{Post: take}, &posts)
		}, func(to *store.PostChange, c store.PostChange) { *to = c }, loaded.putPost)
		if err != nil {
			return err
		}
		close(ready)
		g.Go(func() error { posted(reading, &loaded.catalog); return nil })
		return beside(reading, func(take func(store.EmbeddingChange) error) error {
			return visit(reading, store.ChangeVisitor{Embedding: take}, &embeddings)
		}, keepEmbedding, loaded.putEmbedding)
	})
	g.Go(func() error {
		if err := visit(reading, store.ChangeVisitor{User: all.User, Event: all.Event}, &events); err != nil {
			return err
		}
		select {
		case <-ready:
			loaded.freshen()
			return nil
		case <-reading.Done():
			return reading.Err()
		}
	})
	if err := g.Wait(); err != nil {
		return failed("load the store", cmp.Or(ctx.Err(), err))
	}
	loaded.sequence, loaded.loaded = min(posts, events, embeddings), true
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state = loaded
	return nil
}

// keepEmbedding copies what is valid only for a moment into what was kept before.
func keepEmbedding(to *store.EmbeddingChange, c store.EmbeddingChange) {
	c.Vector = append(to.Vector[:0], c.Vector...)
	*to = c
}

// atOnce is how many rows are handed over at a time.
const atOnce = 256

// beside calls read, and put with every row that it reads and keep has kept, the one while the other runs.
func beside[T any](ctx context.Context, read func(take func(T) error) error, keep func(to *T, row T), put func(T)) error {
	g, ctx := errgroup.WithContext(ctx)
	full, empty := make(chan []T), make(chan []T, 3)
	for range cap(empty) {
		empty <- make([]T, 0, atOnce)
	}
	g.Go(func() error {
		defer close(full)
		batch := <-empty
		err := read(func(row T) error {
			n := len(batch)
			batch = batch[:n+1]
			if keep(&batch[n], row); n+1 < atOnce {
				return nil
			}
			full <- batch
			batch = (<-empty)[:0]
			return ctx.Err()
		})
		if err == nil {
			full <- batch
		}
		return err
	})
	g.Go(func() error {
		for batch := range full {
			for _, row := range batch {
				put(row)
			}
			empty <- batch
		}
		return nil
	})
	return g.Wait()
}
