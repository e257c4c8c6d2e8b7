package candidate

import "resonance/internal/catalog"

// Reached names the posts with the largest of a few values, such as those that a walk from the
// user's history comes to; equal values order by id. Posts without a value are never named.
type Reached struct {
	Posts  []int32   // by ordinal, in any order
	Values []float64 // of each of Posts
}

// Generate implements Generator. O(posts with a value · log Limit).
func (r Reached) Generate(q Query) []catalog.Ordinal {
	best := newBest(q.Scope.Index(), q.Limit)
	for i, v := range r.Values {
		if o := catalog.Ordinal(r.Posts[i]); v > 0 && best.wants(o, v) && q.Scope.Contains(o) && q.Allowed(o) {
			best.take(o, v)
		}
	}
	return best.ordinals()
}
