package collab

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"github.com/viterin/partial"

	"resonance/internal/errs"
)

// VMISKNNParams are the parameters of VMISKNN.
type VMISKNNParams struct {
	Last       int     // items of the history that count, at least 1; 3..50
	Neighbours int     // users whose rows are read, at least 1; 50..200
	IDF        float64 // power of the inverse item frequency, at least 0; 0 or .5
	Normalise  bool    // whether users with long rows are less alike
}

// VMISKNN scores an item by the users most like the latest part of the history (vector
// multiplication indexed session kNN, Kersbergen et al. 2022, with linear decay of positions;
// here a session is a user's whole row).
//
//	like_u  = sum over the last n items i of u's row of weight_i (n - position_i) / n
//	          (over sqrt(|I_u|) with Normalise)
//	score_j = log(1 + users / |U_j|)^idf * sum of like_u over the Neighbours likest u who touched j
//
// Users exactly as like as the last neighbour count too. An asking user who is in training
// takes one of the places; what they add goes to their own items.
type VMISKNN struct {
	items, users pattern
	last, most   int
	perUser      []float64 // 1, or 1/sqrt(|I_u|)
	perItem      []float64 // the inverse item frequency to its power, 0 where nobody touched it
}

// FitVMISKNN fits the model: two passes over the data.
func FitVMISKNN(ctx context.Context, d *Data, p VMISKNNParams) (*VMISKNN, error) {
	if p.Last < 1 || p.Neighbours < 1 || !(p.IDF >= 0) {
		return nil, fmt.Errorf("fit VMIS-kNN: last %d, %d neighbours, idf %v: %w", p.Last, p.Neighbours, p.IDF, errs.Invalid)
	}
	items, users, err := d.patterns(ctx)
	if err != nil {
		return nil, fmt.Errorf("fit VMIS-kNN: %w", err)
	}
	m := &VMISKNN{items: items, users: users, last: p.Last, most: p.Neighbours, perUser: items.powers(0), perItem: users.powers(0)}
	if p.Normalise {
		m.perUser = items.powers(-.5)
	}
	active := float64(len(nonEmpty(items)))
	for j := range m.perItem {
		if n := len(users.row(j)); n > 0 {
			m.perItem[j] = math.Pow(math.Log(1+active/float64(n)), p.IDF)
		}
	}
	return m, nil
}

// Score implements the contract of the package.
func (m *VMISKNN) Score(history []Weighted, out []float64, s *Scratch) {
	clear(out)
	like := zeroed(&s.users, m.items.rows())
	recent := history[:min(m.last, len(history))]
	for position, h := range recent {
		if int(h.Item) >= len(m.perItem) {
			continue
		}
		weight := h.Weight * float64(len(recent)-position) / float64(len(recent))
		for _, u := range m.users.row(int(h.Item)) {
			like[u] += weight * m.perUser[u]
		}
	}
	least := m.threshold(like, s)
	for u, x := range like {
		if x == 0 || x < least {
			continue
		}
		for _, j := range m.items.row(u) {
			out[j] += x
		}
	}
	for j, x := range m.perItem {
		out[j] *= x
	}
}

// threshold returns the likeness of the last neighbour, 0 where all fit in.
func (m *VMISKNN) threshold(like []float64, s *Scratch) float64 {
	ranked := s.ranked[:0]
	for _, x := range like {
		if x > 0 {
			ranked = append(ranked, x)
		}
	}
	s.ranked = ranked
	if len(ranked) <= m.most {
		return 0
	}
	partial.TopKFunc(ranked, m.most, func(a, b float64) int { return cmp.Compare(b, a) })
	least := ranked[0]
	for _, x := range ranked[:m.most] {
		least = min(least, x)
	}
	return least
}
