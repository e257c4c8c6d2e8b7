package replica

import (
	"cmp"
	"context"

	"golang.org/x/sync/errgroup"

	"resonance/internal/store"
)

// load reads everything, on as many processors as there are: posts beside users with their events, then
// embeddings beside what is counted of both. The three visits may see the store a change apart; what comes
// after the oldest sequence is then read again, by the next Refresh.
func (r *Replica) load(ctx context.Context) error {
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
		if err := visit(reading, store.ChangeVisitor{Post: all.Post}, &posts); err != nil {
			return err
		}
		close(ready)
		return beside(reading, func(put func(store.EmbeddingChange) error) error {
			return visit(reading, store.ChangeVisitor{Embedding: put}, &embeddings)
		}, loaded.putEmbedding)
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

// atOnce is how many embeddings are handed over at a time.
const atOnce = 256

// beside calls read, and put with every embedding that it reads, the one while the other runs.
func beside(ctx context.Context, read func(visit func(store.EmbeddingChange) error) error, put func(store.EmbeddingChange)) error {
	g, ctx := errgroup.WithContext(ctx)
	full, empty := make(chan []store.EmbeddingChange), make(chan []store.EmbeddingChange, 3)
	for range cap(empty) {
		empty <- make([]store.EmbeddingChange, 0, atOnce)
	}
	g.Go(func() error {
		defer close(full)
		batch := <-empty
		err := read(func(c store.EmbeddingChange) error {
			n := len(batch)
			batch = batch[:n+1]
			c.Vector = append(batch[n].Vector[:0], c.Vector...)
			if batch[n] = c; n+1 < atOnce {
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
			for _, c := range batch {
				put(c)
			}
			empty <- batch
		}
		return nil
	})
	return g.Wait()
}
