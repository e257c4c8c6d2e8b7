package evaluate

import (
	"context"
	"math"

	"resonance/internal/evaluate/protocol"
)

// system is a recommender that is measured, in one row of the result or several. A system is used by
// one goroutine.
type system interface {
	// learn prepares for the lists of a split, the first of which is given; it is left out where the
	// answers to all of them are known.
	learn(ctx context.Context, t *training, first *protocol.List) error
	// pass goes on to a list whose answers are known.
	pass(l *protocol.List) error
	// rank answers one list, once for each row. Lists come in the order of their moments.
	rank(ctx context.Context, l *protocol.List) ([]ranked, error)
}

// ranked is an answer to a list.
type ranked struct {
	Top     []int64 `json:"top"`               // the best k items
	Place   int     `json:"place"`             // of the first relevant item, 1 for the best; 0: it was not ranked
	Strange int     `json:"strange,omitempty"` // posts that were served and that the protocol does not allow
}

// scorer writes a score for every item over out; what it writes for items that are no
// candidates does not count.
type scorer func(l *protocol.List, out []float64)

// ranker turns scores into answers.
type ranker struct {
	items  []protocol.Item
	k      int
	scores []float64
	seen   []bool
}

func newRanker(items []protocol.Item, k int) *ranker {
	return &ranker{items: items, k: k, scores: make([]float64, len(items)), seen: make([]bool, len(items))}
}

// rank answers the list with the candidates by score; equal scores go by ascending item, and a
// score that is no number is the lowest.
func (r *ranker) rank(l *protocol.List, score scorer) ranked {
	score(l, r.scores)
	for i, s := range r.scores {
		if math.IsNaN(s) {
			r.scores[i] = math.Inf(-1)
		}
	}
	r.see(l, true)
	top := make([]int64, 0, r.k+1)
	for i, it := range r.items {
		if r.open(l, i) {
			top = r.insert(top, it.ID)
		}
	}
	place := r.place(l)
	r.see(l, false)
	return ranked{Top: top, Place: place}
}

// see notes whether the list's history is seen.
func (r *ranker) see(l *protocol.List, seen bool) {
	for _, t := range l.History {
		r.seen[t.Item] = seen
	}
}

// open reports whether the item is a candidate of the list.
func (r *ranker) open(l *protocol.List, i int) bool {
	return !r.seen[i] && r.items[i].CreatedAt < l.CreatedBefore
}

// insert puts the item in its place among the best k so far, behind its equals.
func (r *ranker) insert(top []int64, item int64) []int64 {
	if len(top) == r.k && r.scores[item] <= r.scores[top[len(top)-1]] {
		return top
	}
	top = append(top, item)
	for at := len(top) - 1; at > 0 && r.scores[item] > r.scores[top[at-1]]; at-- {
		top[at], top[at-1] = top[at-1], item
	}
	return top[:min(len(top), r.k)]
}

// place returns the place of the first relevant item among all candidates.
func (r *ranker) place(l *protocol.List) int {
	best := int64(-1)
	for _, item := range l.Relevant { // ascending, so that of equals the first is best
		if r.open(l, int(item)) && (best < 0 || r.scores[item] > r.scores[best]) {
			best = item
		}
	}
	if best < 0 {
		return 0
	}
	place := 1
	for i := range r.items {
		if r.open(l, i) && (r.scores[i] > r.scores[best] || r.scores[i] == r.scores[best] && int64(i) < best) {
			place++
		}
	}
	return place
}
