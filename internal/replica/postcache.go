package replica

import (
	"fmt"

	"github.com/dgraph-io/ristretto/v2"

	"resonance/internal/catalog"
)

// postCacheBytes bounds the memory of whole posts held for answers.
const postCacheBytes = 32 << 20

// postCache holds whole posts with the version they were read at.
type postCache struct {
	cache *ristretto.Cache[int64, versionedPost]
}

type versionedPost struct {
	post    *catalog.Post
	version int64
}

func newPostCache() (*postCache, error) {
	cache, err := ristretto.NewCache(&ristretto.Config[int64, versionedPost]{
		NumCounters: 100_000, // ten for each post that fits
		MaxCost:     postCacheBytes,
		BufferItems: 64,
	})
	if err != nil {
		return nil, fmt.Errorf("make post cache: %w", err)
	}
	return &postCache{cache}, nil
}

func (c *postCache) get(id, version int64) *catalog.Post {
	if cached, ok := c.cache.Get(id); ok && cached.version == version {
		return cached.post
	}
	return nil
}

func (c *postCache) put(post *catalog.Post, version int64) {
	const fixed = 1024
	cost := fixed + len(post.Title) + len(post.Description)
	c.cache.Set(post.ID, versionedPost{post, version}, int64(cost))
}

func (c *postCache) close() { c.cache.Close() }
