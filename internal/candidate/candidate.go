// Package candidate finds the posts worth ranking. Each generator looks at the posts in scope
// from one side and names its best; what follows scores their union.
package candidate

import "resonance/internal/catalog"

// Query is what a generator may know of a request. Posts come from Scope and nowhere else, so
// no generator can name a post of another project.
type Query struct {
	Scope         catalog.Scope
	UserEmbedding []float32                  // unit norm; nil for a user of no known taste
	Allowed       func(catalog.Ordinal) bool // false for posts that the feed must not hold
	Limit         int                        // how many posts to name; a few more are no harm
}

// Generator names candidates: at least Limit of them where so many are allowed and it has an
// opinion on them, in no particular order and none twice. It is deterministic: the same query
// names the same posts.
type Generator interface {
	Generate(Query) []catalog.Ordinal
}

// Everything names every allowed post in scope. It serves catalogues small enough to rank whole.
type Everything struct{}

// Generate implements Generator.
func (e Everything) Generate(q Query) []catalog.Ordinal {
	return e.Append(make([]catalog.Ordinal, 0, q.Scope.Len()), q)
}

// Append appends what Generate names to posts.
func (Everything) Append(posts []catalog.Ordinal, q Query) []catalog.Ordinal {
	for _, o := range q.Scope.Ordinals() {
		if q.Allowed(o) {
			posts = append(posts, o)
		}
	}
	return posts
}
