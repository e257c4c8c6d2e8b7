package main

import (
	"context"
	"time"

	"resonance/internal/lease"
)

// background is an embedder that works in turn with all else in the background, and leaves most turns to the search
// for a better recipe, which makes every feed better and is over soon.
type background struct {
	embedder
	inTurn  func(work func())
	looking func() bool // whether a better recipe is looked for
}

// patience is how many times as long as texts took the next ones wait meanwhile.
const patience = 2

// Embed implements ingest.Embedder.
func (b background) Embed(ctx context.Context, texts []string) (embeddings [][]float32, err error) {
	var took time.Duration
	b.inTurn(func() {
		began := time.Now()
		embeddings, err = b.embedder.Embed(ctx, texts)
		took = time.Since(began)
	})
	if err == nil && b.looking() {
		lease.Sleep(ctx, patience*took) // what was embedded is good, whether ctx has ended or not
	}
	return embeddings, err
}
