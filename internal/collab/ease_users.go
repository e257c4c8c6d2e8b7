package collab

import (
	"context"

	"github.com/viterin/vek"
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
	if err := invert(ctx, k, n); err != nil {
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

func (m *easeUsers) score(history []Weighted, out []float64, s *Scratch) {
	shared := zeroed(&s.users, m.n) // X h
	known := len(m.rest)
	reached := false
	for _, h := range history {
		if int(h.Item) < known {
			out[h.Item] += h.Weight
			for _, u := range m.users.row(int(h.Item)) {
				shared[u] += h.Weight
				reached = true
			}
		}
	}
	if !reached {
		clear(out)
		return
	}
	y := zeroed(&s.folded, m.n)
	for u := range y {
		y[u] = vek.Dot(m.inverse[u*m.n:(u+1)*m.n], shared)
	}
	for j := range m.rest {
		p := 0.0
		for _, u := range m.users.row(j) {
			p += y[u]
		}
		out[j] -= (out[j] - p) / m.rest[j]
	}
}
