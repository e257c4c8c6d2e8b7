package embedding

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"unsafe"

	"github.com/dgraph-io/ristretto/v2"
)

// Vector is the embedding of a post.
type Vector struct {
	Values  []float32 // of length 1; not to be changed
	Version int64     // grows, 1 or more, each time the post is embedded again
}

// Load reads the newest vectors of posts from the store, all at once. Posts that have none are
// absent from the result.
type Load func(ctx context.Context, ids []int64) (map[int64]Vector, error)

// Cache serves the vectors of posts from memory and loads those that are missing or outdated.
// Callers say which version they know of, so an answer is never older than that, whatever the
// cache holds and forgets. It is safe for concurrent use.
type Cache struct {
	load         Load
	entries      *ristretto.Cache[int64, Vector]
	hits, misses atomic.Int64
}

// NewCache returns an empty cache that holds up to maxBytes, more than 0, of vectors, 1,600
// bytes for one of 384 numbers. Close it after the last call.
func NewCache(maxBytes int64, load Load) (*Cache, error) {
	entries, err := newCache[int64](maxBytes, func(now, before Vector) bool {
		return now.Version >= before.Version
	})
	if err != nil {
		return nil, err
	}
	return &Cache{load: load, entries: entries}, nil
}

// Get returns the vector of a post as GetMany does; nil when there is none.
func (c *Cache) Get(ctx context.Context, id, version int64) ([]float32, error) {
	vectors, err := c.GetMany(ctx, nil, []int64{id}, []int64{version})
	if err != nil {
		return nil, err
	}
	return vectors[0], nil
}

// GetMany returns the vectors of posts, ids[i] in version versions[i] or newer, in the order of
// ids. A version of 0 means that the caller knows of no vector; the result for it, and for a
// post of which the store has none, is nil. The result is written over dst, which may be nil,
// and shares memory with the cache: do not change the vectors. When everything is in the cache
// and dst is large enough it allocates next to nothing. Loading fails as Load does.
func (c *Cache) GetMany(ctx context.Context, dst [][]float32, ids, versions []int64) ([][]float32, error) {
	dst = slices.Grow(dst[:0], len(ids))[:len(ids)]
	var missing []int64
	hits := 0
	for i, id := range ids {
		dst[i] = nil
		if versions[i] == 0 {
			continue
		}
		if v, ok := c.entries.Get(id); ok && v.Version >= versions[i] {
			dst[i] = v.Values
			hits++
		} else {
			missing = append(missing, id)
		}
	}
	c.hits.Add(int64(hits))
	if len(missing) == 0 {
		return dst, nil
	}
	c.misses.Add(int64(len(missing)))
	loaded, err := c.load(ctx, missing)
	if err != nil {
		return nil, fmt.Errorf("load %d embeddings: %w", len(missing), err)
	}
	for id, v := range loaded {
		c.entries.Set(id, v, cost(v.Values)) // may be dropped: then it is loaded again
	}
	for i, id := range ids {
		if dst[i] == nil && versions[i] != 0 {
			dst[i] = loaded[id].Values
		}
	}
	return dst, nil
}

// cost is the memory of a vector in bytes.
func cost(values []float32) int64 {
	return int64(unsafe.Sizeof(Vector{})) + int64(len(values))*int64(unsafe.Sizeof(values[0]))
}

// Stats are totals since the cache was made, of vectors and not of calls.
type Stats struct {
	Hits, Misses int64
}

// Ratio is the share of hits, 0 to 1; 0 before the first lookup.
func (s Stats) Ratio() float64 {
	if s.Hits == 0 {
		return 0
	}
	return float64(s.Hits) / float64(s.Hits+s.Misses)
}

// Stats returns how often vectors were found in memory.
func (c *Cache) Stats() Stats { return Stats{Hits: c.hits.Load(), Misses: c.misses.Load()} }

// Close ends the cache's goroutines.
func (c *Cache) Close() { c.entries.Close() }
