package evaluate

import (
	"cmp"
	"slices"

	"resonance/internal/evaluate/dataset"
	"resonance/internal/evaluate/protocol"
)

// world is what baselines know of the posts. It never changes.
type world struct {
	items   []protocol.Item
	vectors [][]float32 // by item; nil where there is none
	order   []int       // by item: its place in the order of creation, equals by id
}

func newWorld(d *dataset.Dataset, vectors [][]float32) *world {
	w := &world{items: d.Items(), vectors: vectors, order: make([]int, len(d.Posts))}
	byAge := slices.Clone(w.items)
	slices.SortStableFunc(byAge, func(a, b protocol.Item) int { return cmp.Compare(a.CreatedAt, b.CreatedAt) })
	for place, it := range byAge {
		w.order[it.ID] = place
	}
	return w
}
