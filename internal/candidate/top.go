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
	best := newBest(q.Scope.Index(), q.Limit)
	for _, o := range q.Scope.Ordinals() {
		if v := t.Value(o); best.wants(o, v) && q.Allowed(o) {
			best.take(o, v)
		}
	}
	return best.ordinals()
}

// best keeps the largest of the values that it takes, equal ones by id.
type best struct {
	index *catalog.Index
	limit int
	heap  []valued // the worst on top
}

func newBest(index *catalog.Index, limit int) *best {
	return &best{index: index, limit: limit, heap: make([]valued, 0, limit)}
}

// wants reports whether the value would be among the largest.
func (b *best) wants(o catalog.Ordinal, v float64) bool {
	return len(b.heap) < b.limit || len(b.heap) > 0 && b.worse(b.heap[0], valued{o, v})
}

// take takes a value that is wanted.
func (b *best) take(o catalog.Ordinal, v float64) {
	if len(b.heap) < b.limit {
		b.heap = append(b.heap, valued{o, v})
		siftUp(b.heap, b.worse)
		return
	}
	b.heap[0] = valued{o, v}
	siftDown(b.heap, b.worse)
}

func (b *best) ordinals() []catalog.Ordinal {
	ordinals := make([]catalog.Ordinal, len(b.heap))
	for i, v := range b.heap {
		ordinals[i] = v.ordinal
	}
	return ordinals
}

func (b *best) worse(x, y valued) bool {
	if c := cmp.Compare(x.value, y.value); c != 0 {
		return c < 0
	}
	return b.index.CompareIDs(x.ordinal, y.ordinal) > 0
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
