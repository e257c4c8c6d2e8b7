package collab

import "context"

// easeItems is EASE in its item form, over the touched items.
type easeItems struct {
	items   []int32   // the touched ones, ascending
	index   []int32   // of every item its place in items, -1 where it was not touched
	weights []float64 // B, len(items) x len(items), row-major
}

func fitEASEItems(ctx context.Context, users pattern, touched []int32, userCount int, lambda float64) (*easeItems, error) {
	m := &easeItems{items: touched, index: make([]int32, users.rows())}
	for j := range m.index {
		m.index[j] = -1
	}
	for at, j := range touched {
		m.index[j] = int32(at)
	}
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
	if err := invert(ctx, g, n); err != nil {
		return nil, err
	}
	diagonal := make([]float64, n)
	for j := range n {
		diagonal[j] = g[j*n+j]
		g[j*n+j] = 0
	}
	for i := range n {
		for j := range n {
			g[i*n+j] /= -diagonal[j]
		}
	}
	m.weights = g
	return m, nil
}

func (m *easeItems) fold(history []Weighted, s *Scratch) {
	n := len(m.items)
	for _, h := range history {
		if int(h.Item) >= len(m.index) || m.index[h.Item] < 0 {
			continue
		}
		row := m.weights[int(m.index[h.Item])*n:][:n]
		for at, j := range m.items {
			s.sums.Add(j, h.Weight*row[at])
		}
	}
}
