// Package embedding is about the vectors that stand for texts: who makes them, and how ranking
// reads those of posts.
//
// Two types make them: minilm.Model inside the process, and openai.Endpoint with a server.
// Cache serves the vectors of posts out of the store, Queries those of search texts.
// Every vector has length 1, so that a dot product is a cosine.
package embedding

import (
	"context"
	"fmt"

	"github.com/dgraph-io/ristretto/v2"
)

// Embedder turns texts into vectors of length 1. It is safe for concurrent use.
type Embedder interface {
	// Model names the model and its arithmetic. Vectors of different names are not comparable.
	Model() string
	// Dim is the length of every vector; 0 while a remote model has not answered yet.
	Dim() int
	// Embed returns one vector for each text, in order, or an error; ctx interrupts it.
	Embed(ctx context.Context, texts []string) ([][]float32, error)
}

// vectorBytes is about what a vector takes. It only scales how many access counters are kept.
const vectorBytes = 2 << 10

// newCache returns a ristretto cache for maxBytes of vectors. Ristretto adds what it needs
// itself for an entry to the cost given with it.
func newCache[K ristretto.Key, V any](maxBytes int64, shouldUpdate func(now, before V) bool) (*ristretto.Cache[K, V], error) {
	cache, err := ristretto.NewCache(&ristretto.Config[K, V]{
		NumCounters:  10 * max(maxBytes/vectorBytes, 100), // ten for each entry, as its authors advise
		MaxCost:      maxBytes,
		BufferItems:  64,
		ShouldUpdate: shouldUpdate,
	})
	if err != nil {
		return nil, fmt.Errorf("make cache: %w", err)
	}
	return cache, nil
}
