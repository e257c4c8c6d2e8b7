package collab

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/viterin/partial"

	"resonance/internal/errs"
)

// ItemKNNParams are the parameters of ItemKNN.
type ItemKNNParams struct {
	Neighbours int     // kept for every item, at least 1; 20..300
	Shrink     float64 // at least 0: how much a pair that few users share is distrusted; 0..20
	TFIDF      bool    // whether users with long rows say less
}

// ItemKNN scores an item by its likeness to the items of the history (Sarwar et al. 2001;
// the shrunk cosine as in Dacrema et al. 2019).
//
//	s_ij = sum over users of both of w_u² / (|x_i| |x_j| + shrink + 1e-9)
//	w_u  = 1, or with TFIDF log(1 + items / length of u's row);  |x_i|² = sum over i's users of w_u²
//	score_j = sum over the history's i among the neighbours of j of weight_i s_ij
//
// The neighbours of j are its Neighbours most similar items, and all others exactly as similar
// as the last of them: ties have no better answer, and none depends on an id.
type ItemKNN struct {
	at    []int     // of every item i, where its entries start
	to    []int32   // the items j that have i among their neighbours, ascending
	share []float64 // s_ij
}

// FitItemKNN fits the model. It takes the sum over users of their squared row lengths in time,
// and in memory what the neighbours need: 12 bytes each.
func FitItemKNN(ctx context.Context, d *Data, p ItemKNNParams) (*ItemKNN, error) {
	if p.Neighbours < 1 || !(p.Shrink >= 0) {
		return nil, fmt.Errorf("fit ItemKNN: %d neighbours, shrink %v: %w", p.Neighbours, p.Shrink, errs.Invalid)
	}
	items, users, err := d.patterns(ctx)
	if err != nil {
		return nil, fmt.Errorf("fit ItemKNN: %w", err)
	}
	f := newKNNFit(items, users, p)
	lists := make([][]neighbour, d.items)
	for j := range lists {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("fit ItemKNN: %w", err)
		}
		lists[j] = f.neighbours(int32(j))
	}
	return bySource(lists), nil
}

// neighbour is an item and how similar it is.
type neighbour struct {
	item  int32
	share float64
}

// knnFit is what a fit knows of the data.
type knnFit struct {
	items, users pattern
	params       ItemKNNParams
	weight       []float64 // w_u²
	norm         []float64 // |x_i|
	together     []float64 // zeros between calls of neighbours
	near         []neighbour
}

func newKNNFit(items, users pattern, p ItemKNNParams) *knnFit {
	f := &knnFit{
		items: items, users: users, params: p,
		weight: make([]float64, items.rows()), norm: make([]float64, users.rows()), together: make([]float64, users.rows()),
	}
	for u := range f.weight {
		f.weight[u] = 1
		if n := len(items.row(u)); p.TFIDF && n > 0 {
			w := math.Log(1 + float64(users.rows())/float64(n))
			f.weight[u] = w * w
		}
	}
	for j := range f.norm {
		for _, u := range users.row(j) {
			f.norm[j] += f.weight[u]
		}
		f.norm[j] = math.Sqrt(f.norm[j])
	}
	return f
}

// neighbours returns the neighbours of item j.
func (f *knnFit) neighbours(j int32) []neighbour {
	near := f.near[:0]
	for _, u := range f.users.row(int(j)) {
		for _, i := range f.items.row(int(u)) {
			if f.together[i] == 0 && i != j {
				near = append(near, neighbour{item: i})
			}
			f.together[i] += f.weight[u]
		}
	}
	for at, n := range near {
		near[at].share = f.together[n.item] / (f.norm[n.item]*f.norm[j] + f.params.Shrink + 1e-9)
		f.together[n.item] = 0
	}
	f.together[j], f.near = 0, near
	return closest(near, f.params.Neighbours)
}

// closest returns the k largest shares of near, and those equal to the k-th, in memory of their own.
func closest(near []neighbour, k int) []neighbour {
	if len(near) <= k {
		return slices.Clone(near)
	}
	partial.TopKFunc(near, k, func(a, b neighbour) int { return cmp.Compare(b.share, a.share) })
	least := near[0].share
	for _, n := range near[:k] {
		least = min(least, n.share)
	}
	kept := make([]neighbour, 0, k)
	for _, n := range near {
		if n.share >= least {
			kept = append(kept, n)
		}
	}
	return kept
}

// bySource turns each item's list of neighbours round: from the neighbour to the item.
func bySource(lists [][]neighbour) *ItemKNN {
	m := &ItemKNN{at: make([]int, len(lists)+1)}
	for _, list := range lists {
		for _, n := range list {
			m.at[n.item+1]++
		}
	}
	for i := range lists {
		m.at[i+1] += m.at[i]
	}
	m.to, m.share = make([]int32, m.at[len(lists)]), make([]float64, m.at[len(lists)])
	next := slices.Clone(m.at)
	for j, list := range lists {
		for _, n := range list {
			m.to[next[n.item]], m.share[next[n.item]] = int32(j), n.share
			next[n.item]++
		}
	}
	return m
}

// Reach adds the scores to sums.
func (m *ItemKNN) Reach(history []Weighted, sums *Sums) {
	for _, h := range history {
		if int(h.Item) >= len(m.at)-1 {
			continue
		}
		for at := m.at[h.Item]; at < m.at[h.Item+1]; at++ {
			sums.Add(m.to[at], h.Weight*m.share[at])
		}
	}
}

// Score implements the contract of the package.
func (m *ItemKNN) Score(history []Weighted, out []float64, s *Scratch) {
	s.sums.Reset(len(m.at) - 1)
	m.Reach(history, &s.sums)
	s.sums.write(out)
}
