package candidate

import (
	"cmp"

	"resonance/internal/catalog"
)

// Top names the posts with the largest values; equal values order by id.
type Top struct {
	Value func(catalog.Ordinal) float64
}

// Generate implements Generator. O(posts in scope · log Limit) at worst.
func (t Top) Generate(q Query) []catalog.Ordinal {
	index := q.Scope.Index()
	best := make([]valued, 0, q.Limit) // a heap with the worst on top
	worse := func(a, b valued) bool {
		return cmp.Or(cmp.Compare(a.value, b.value), index.CompareIDs(b.ordinal, a.ordinal)) < 0
	}
	for _, o := range q.Scope.Ordinals() {
		if !q.Allowed(o) {
			continue
		}
		v := valued{o, t.Value(o)}
		switch {
		case len(best) < q.Limit:
			best = append(best, v)
			siftUp(best, worse)
		case len(best) > 0 && worse(best[0], v):
			best[0] = v
			siftDown(best, worse)
		}
	}
	ordinals := make([]catalog.Ordinal, len(best))
	for i, v := range best {
		ordinals[i] = v.ordinal
	}
	return ordinals
}

type valued struct {
	ordinal catalog.Ordinal
	value   float64
}

func siftUp(heap []valued, less func(a, b valued) bool) {
	for i := len(heap) - 1; i > 0; {
		parent := (i - 1) / 2
		if !less(heap[i], heap[parent]) {
			return
		}
		heap[i], heap[parent] = heap[parent], heap[i]
		i = parent
	}
}

func siftDown(heap []valued, less func(a, b valued) bool) {
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(heap); child++ {
			if less(heap[child], heap[least]) {
				least = child
			}
		}
		if least == i {
			return
		}
		heap[i], heap[least] = heap[least], heap[i]
		i = least
	}
}
