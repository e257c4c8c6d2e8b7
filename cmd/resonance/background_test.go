package main

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// slowly is an embedder that takes a second.
type slowly struct{ embedder }

func (slowly) Embed(context.Context, []string) ([][]float32, error) {
	time.Sleep(time.Second) // of the bubble's clock
	return [][]float32{{1}}, nil
}

func TestEmbeddingLeavesMostTurnsToTheSearchForARecipe(t *testing.T) {
	for looking, want := range map[bool]time.Duration{false: time.Second, true: 3 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			began, turns := time.Now(), 0
			b := background{slowly{}, func(work func()) { turns++; work() }, func() bool { return looking }}
			if vectors, err := b.Embed(t.Context(), []string{"a text"}); len(vectors) != 1 || err != nil || turns != 1 {
				t.Errorf("%v, %v, %d turns", vectors, err, turns)
			}
			if took := time.Since(began); took != want {
				t.Errorf("looking %t: took %s, want %s", looking, took, want)
			}
		})
	}
}
