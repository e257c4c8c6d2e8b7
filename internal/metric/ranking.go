package metric

import (
	"cmp"
	"math"
	"slices"
)

// Set is a set of item ids.
type Set[T comparable] map[T]struct{}

// NewSet returns the set of ids; repeats count once.
func NewSet[T comparable](ids ...T) Set[T] {
	s := make(Set[T], len(ids))
	for _, id := range ids {
		s[id] = struct{}{}
	}
	return s
}

// Has says whether id is in the set. A nil set holds nothing.
func (s Set[T]) Has(id T) bool {
	_, ok := s[id]
	return ok
}

// Ranking returns ids by descending score; equal scores order by ascending id and NaN comes
// last, so the answer does not depend on the order of the input. scores[i] belongs to ids[i].
func Ranking[T cmp.Ordered](ids []T, scores []float64) []T {
	order := make([]int, len(ids))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		if x, y := scores[a], scores[b]; x != y && !(math.IsNaN(x) && math.IsNaN(y)) {
			return cmp.Compare(y, x) // cmp orders NaN below every number
		}
		return cmp.Compare(ids[a], ids[b])
	})
	ranked := make([]T, len(ids))
	for i, o := range order {
		ranked[i] = ids[o]
	}
	return ranked
}
