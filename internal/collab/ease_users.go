package collab

import (
	"context"

	"resonance/internal/dense"
)

// easeUsers is EASE in its user form, over the users with a history.
type easeUsers struct {
	users   pattern   // item -> users
	inverse []float64 // K^-1, users x users
	n       int       // users
	rest    []float64 // 1 - q_j, one an item, above 0
}

func fitEASEUsers(ctx context.Context, items pattern, active []int32, users pattern, lambda float64) (*easeUsers, error) {
	items = items.only(active)
	users, err := items.transposed(ctx, users.rows())
	if err != nil {
		return nil, err
	}
	n := items.rows()
	k, err := items.gram(ctx, users)
	if err != nil {
		return nil, err
	}
	for u := range n {
		k[u*n+u] += lambda
	}
	if err := dense.Invert(ctx, k, n); err != nil {
		return nil, err
	}
	m := &easeUsers{users: users, inverse: k, n: n, rest: make([]float64, users.rows())}
	for j := range m.rest {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		q, column := 0.0, users.row(j)
		for _, u := range column {
			for _, v := range column {
				q += k[int(u)*n+int(v)]
			}
		}
		m.rest[j] = 1 - q
	}
	return m, nil
}

func (m *easeUsers) fold(history []Weighted, s *Scratch) {
	shared := zeroed(&s.users, m.n) // X h
	y := zeroed(&s.folded, m.n)
	reached := false
	for _, h := range history {
		if int(h.Item) >= len(m.rest) {
			continue
		}
		s.sums.Add(h.Item, h.Weight)
		for _, u := range m.users.row(int(h.Item)) {
			shared[u] += h.Weight
			reached = true
		}
	}
	if !reached {
		s.sums.Reset(0)
		return
	}
	for u, h := range shared {
		if h != 0 {
			dense.AddScaled(y, h, m.inverse[u*m.n:][:m.n])
		}
	}
}

func (m *easeUsers) at(item int32, s *Scratch) float64 {
	p := 0.0
	for _, u := range m.users.row(int(item)) {
		p += s.folded[u]
	}
	h := s.sums.At(item)
	return h - (h-p)/m.rest[item]
}
