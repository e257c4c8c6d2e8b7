package embedding

import (
	"context"

	"github.com/dgraph-io/ristretto/v2"
)

// Queries embeds search texts and remembers the vectors by a 128-bit hash of the text, since
// people search for the same things. It is safe for concurrent use.
type Queries struct {
	embedder Embedder
	vectors  *ristretto.Cache[string, []float32]
}

// NewQueries returns an empty cache of up to maxBytes, more than 0, before an embedder. Close it
// after the last call.
func NewQueries(maxBytes int64, e Embedder) (*Queries, error) {
	vectors, err := newCache[string, []float32](maxBytes, nil)
	if err != nil {
		return nil, err
	}
	return &Queries{embedder: e, vectors: vectors}, nil
}

// Embed returns the vector of text, which must not be changed. It fails as the embedder does.
func (q *Queries) Embed(ctx context.Context, text string) ([]float32, error) {
	if v, ok := q.vectors.Get(text); ok {
		return v, nil
	}
	vectors, err := q.embedder.Embed(ctx, []string{text})
	if err != nil {
		return nil, err
	}
	q.vectors.Set(text, vectors[0], cost(vectors[0]))
	return vectors[0], nil
}

// Close ends the cache's goroutines.
func (q *Queries) Close() { q.vectors.Close() }
