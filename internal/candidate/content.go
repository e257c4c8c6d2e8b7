package candidate

import (
	"slices"

	"resonance/internal/catalog"
	"resonance/internal/vector"
)

// Content names the posts whose embeddings are nearest to the user embedding, and some of those nearest
// to each of a few interests.
type Content struct {
	Vectors   *vector.Index
	Interests [][]float32 // of unit norm
}

// oversampling is how many codes are looked at for each post wanted, at least; of a scope that is large
// a farShare is looked at, for the more posts there are the closer together they lie: see
// docs/retrieval.md. An interest gets an interestShare of the posts that the user embedding gets, out of
// a codeShare of its codes.
const (
	oversampling  = 24
	farShare      = 200
	interestShare = 3
	codeShare     = 8
)

// Generate implements Generator; it names none for a user without an embedding and interests.
func (c Content) Generate(q Query) []catalog.Ordinal {
	asked := make([]vector.Query, 0, 1+len(c.Interests))
	codes := max(oversampling*q.Limit, q.Scope.Len()/farShare)
	ask := func(v []float32, limit, codes int) {
		if v != nil {
			asked = append(asked, vector.Query{Vector: v, Codes: codes, Limit: limit})
		}
	}
	ask(q.UserEmbedding, q.Limit, codes)
	for _, v := range c.Interests {
		ask(v, (q.Limit+interestShare-1)/interestShare, (codes+codeShare-1)/codeShare)
	}
	var named []catalog.Ordinal
	for len(asked) > 0 {
		found := c.Vectors.Nearest(q.Scope, q.Allowed, asked...)
		again := asked[:0]
		for i, a := range asked {
			if len(found[i]) < a.Limit && a.Codes < q.Scope.Len() { // most of the nearest are not allowed
				a.Codes *= 4
				again = append(again, a)
				continue
			}
			named = append(named, found[i]...)
		}
		asked = again
	}
	slices.Sort(named)
	return slices.Compact(named)
}
