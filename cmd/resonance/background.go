package main

import (
	"context"
	"runtime"
	"slices"
	"time"

	"resonance/internal/ingest"
	"resonance/internal/lease"
)

// inBackground returns an embedder that works in turn with all else in the background. One that is another
// server computes nothing here.
func (s *service) inBackground(e embedder) ingest.Embedder {
	if s.settings.EmbeddingURL != "" {
		return e
	}
	return background{e, s.inTurn, func() bool { return s.teacher.Looking() }}
}

// background is an embedder of which others have their turn after a text for each of its processors. It leaves most
// turns to the search for a better recipe, which makes every feed better and is over soon.
type background struct {
	embedder
	inTurn  func(work func())
	looking func() bool // whether a better recipe is looked for
}

// patience is how many times as long as a text took the next one waits meanwhile.
const patience = 2

// Embed implements ingest.Embedder.
func (b background) Embed(ctx context.Context, texts []string) (embeddings [][]float32, err error) {
	for some := range slices.Chunk(texts, max(1, runtime.GOMAXPROCS(0)-1)) {
		var vectors [][]float32
		var took time.Duration
		b.inTurn(func() {
			began := time.Now()
			vectors, err = b.embedder.Embed(ctx, some)
			took = time.Since(began)
		})
		if err != nil {
			return nil, err
		}
		embeddings = append(embeddings, vectors...)
		if b.looking() && !lease.Sleep(ctx, patience*took) {
			return nil, ctx.Err()
		}
	}
	return embeddings, nil
}
