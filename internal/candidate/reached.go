package candidate

import (
	"resonance/internal/catalog"
	"resonance/internal/collab"
)

// Reached names the posts with the largest of a few values, such as those that a walk from the
// user's history comes to; equal values order by id. Posts without a value are never named.
type Reached struct {
	Values *collab.Sums // by ordinal
}

// Generate implements Generator. O(posts with a value · log Limit).
func (r Reached) Generate(q Query) []catalog.Ordinal {
	best := newBest(q.Scope.Index(), q.Limit)
	for _, i := range r.Values.Reached() {
		o := catalog.Ordinal(i)
		if v := r.Values.At(i); v > 0 && best.wants(o, v) && q.Scope.Contains(o) && q.Allowed(o) {
			best.take(o, v)
		}
	}
	return best.ordinals()
}
