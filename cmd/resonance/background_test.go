package main

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
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

// lengths embeds a text as its length.
type lengths struct {
	embedder
	calls int
}

func (l *lengths) Embed(_ context.Context, texts []string) (vectors [][]float32, err error) {
	l.calls++
	for _, text := range texts {
		if text == "" {
			return nil, fmt.Errorf("call %d: nothing to embed", l.calls)
		}
		vectors = append(vectors, []float32{float32(len(text))})
	}
	return vectors, nil
}

// TestOthersHaveTheirTurnBetweenTexts embeds a batch in the background: in its order, in turns as short as the
// processors allow, up to the first error.
func TestOthersHaveTheirTurnBetweenTexts(t *testing.T) {
	var l lengths
	b := background{&l, new(service).inTurn, func() bool { return false }}
	vectors, err := b.Embed(t.Context(), []string{"a", "bb", "ccc", "dddd", "eeeee"})
	if diff := cmp.Diff([][]float32{{1}, {2}, {3}, {4}, {5}}, vectors); diff != "" || err != nil {
		t.Error(err, diff)
	}
	at := max(1, runtime.GOMAXPROCS(0)-1)
	if want := (5 + at - 1) / at; l.calls != want {
		t.Errorf("five texts took %d turns on %d processors, want %d", l.calls, at, want)
	}
	if vectors, err := b.Embed(t.Context(), []string{"a", ""}); err == nil {
		t.Errorf("got %v of a text that cannot be embedded", vectors)
	}
}
