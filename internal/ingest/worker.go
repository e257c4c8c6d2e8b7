package ingest

import (
	"context"
	"slices"
	"time"

	"resonance/internal/lease"
	"resonance/internal/store"
)

// worker is the running EmbedQueue's memory of what went wrong.
type worker struct {
	queue    *EmbedQueue
	size     int             // texts of the next batch
	aside    map[int64]aside // by post
	failures int             // since the last success
}

// aside is a text that failed alone.
type aside struct {
	hash  string
	tries int
	until time.Time
}

// work embeds until ctx ends, or the store fails.
func (w *worker) work(ctx context.Context) error {
	for ctx.Err() == nil {
		batch, err := w.next(ctx)
		if err != nil {
			return err
		}
		if len(batch) == 0 {
			w.queue.nap(ctx)
			continue
		}
		err = w.queue.save(ctx, batch)
		if ctx.Err() != nil {
			break
		}
		if err == nil {
			w.succeeds()
			continue
		}
		w.fails(err)
		if len(batch) == 1 {
			w.setAside(batch[0])
		}
		w.size = 1
		lease.Sleep(ctx, w.pause())
	}
	return ctx.Err()
}

// next returns the texts to embed now: those that never failed first, so that no number of those
// set aside comes between; then those whose time has come again.
func (w *worker) next(ctx context.Context) ([]store.Text, error) {
	limit := w.size + len(w.aside)
	texts, err := w.queue.store.TextsToEmbed(ctx, w.queue.embedder.Model(), limit)
	if err != nil {
		return nil, err
	}
	waiting := make(map[int64]aside, len(w.aside))
	var fresh, due []store.Text
	for _, t := range texts {
		a := w.aside[t.PostID]
		if a.hash != t.Hash {
			fresh = append(fresh, t)
			continue
		}
		waiting[t.PostID] = a
		if !time.Now().Before(a.until) {
			due = append(due, t)
		}
	}
	if len(texts) < limit { // the whole queue: what is not in it needs no memory
		w.aside = waiting
	}
	batch := slices.Concat(fresh, due)
	return batch[:min(w.size, len(batch))], nil
}

func (w *worker) setAside(t store.Text) {
	a := w.aside[t.PostID]
	if a.hash != t.Hash {
		a = aside{hash: t.Hash}
	}
	a.until = time.Now().Add(min(asideLongest, asideFirst<<min(a.tries, 16)))
	a.tries++
	w.aside[t.PostID] = a
}

func (w *worker) succeeds() {
	if w.failures > 0 {
		w.queue.log.Info().Int("failures", w.failures).Ints64("posts_set_aside", w.posts()).Msg("embedding goes on")
	}
	w.failures = 0
	w.size = min(2*w.size, batchSize)
}

func (w *worker) fails(err error) {
	event := w.queue.log.Debug()
	if w.failures == 0 {
		event = w.queue.log.Warn()
	}
	event.Err(err).Msg("embedding failed, trying again text by text")
	w.failures++
}

// pause returns how long to wait before the next try.
func (w *worker) pause() time.Duration {
	return min(longestPause, time.Second<<min(max(w.failures-1, 0), 16))
}

func (w *worker) posts() []int64 {
	posts := make([]int64, 0, len(w.aside))
	for id := range w.aside {
		posts = append(posts, id)
	}
	return posts
}
