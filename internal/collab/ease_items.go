package collab

import (
	"context"

	"resonance/internal/dense"
	"resonance/internal/vector"
)

// easeItems is EASE in its item form, over the touched items.
type easeItems struct {
	n       int       // touched items
	index   []int32   // of every item its place among them, -1 where it was not touched
	weights []float32 // B, n x n, row-major
}

// newEASEItems returns the item form of no weights.
func newEASEItems(items int, touched []int32) *easeItems {
	m := &easeItems{n: len(touched), index: make([]int32, items), weights: make([]float32, len(touched)*len(touched))}
	for j := range m.index {
		m.index[j] = -1
	}
	for at, j := range touched {
		m.index[j] = int32(at)
	}
	return m
}

func fitEASEItems(ctx context.Context, users pattern, touched []int32, userCount int, lambda float64) (*easeItems, error) {
	m := newEASEItems(users.rows(), touched)
	users = users.only(touched)
	items, err := users.transposed(ctx, userCount)
	if err != nil {
		return nil, err
	}
	n := users.rows()
	g, err := users.gram(ctx, items)
	if err != nil {
		return nil, err
	}
	for j := range n {
		g[j*n+j] += lambda
	}
	if err := dense.Invert(ctx, g, n); err != nil {
		return nil, err
	}
	for i := range n {
		for j := range n {
			if i != j {
				m.weights[i*n+j] = float32(-g[i*n+j] / g[j*n+j])
			}
		}
	}
	return m, nil
}

// expanded returns the item form of a model that was fitted in the user form: asking it takes a few rows
// of weights, in place of all users.
//
//	G = X' K^-1 X,   B_ij = G_ij / (1 - G_jj) for i != j
func (m *easeUsers) expanded(ctx context.Context, touched []int32) (*easeItems, error) {
	x := newEASEItems(len(m.rest), touched)
	y := make([]float64, m.n)
	for at, i := range touched {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		clear(y)
		for _, u := range m.users.row(int(i)) {
			dense.AddScaled(y, 1, m.inverse[int(u)*m.n:(int(u)+1)*m.n])
		}
		row := x.weights[at*x.n:][:x.n]
		for to, j := range touched {
			if i == j {
				continue
			}
			g := 0.
			for _, u := range m.users.row(int(j)) {
				g += y[u]
			}
			row[to] = float32(g / m.rest[j])
		}
	}
	return x, nil
}

func (m *easeItems) fold(history []Weighted, s *Scratch) {
	scores := zeroed(&s.scores, m.n)
	for _, h := range history {
		if int(h.Item) < len(m.index) && m.index[h.Item] >= 0 {
			vector.AddScaled(scores, float32(h.Weight), m.weights[int(m.index[h.Item])*m.n:][:m.n])
		}
	}
}

func (m *easeItems) of(items []int32, out []float64, s *Scratch) {
	for at, item := range items {
		out[at] = 0
		if item < 0 {
			continue
		}
		if place := m.index[item]; place >= 0 {
			out[at] = float64(s.scores[place])
		}
	}
}
