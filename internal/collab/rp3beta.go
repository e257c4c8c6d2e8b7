package collab

import (
	"context"
	"fmt"

	"resonance/internal/errs"
)

// RP3BetaParams are the parameters of RP3Beta.
type RP3BetaParams struct {
	Alpha float64 // power of the transition probabilities, at least 0; .6..1.4
	Beta  float64 // how much an item's popularity is held against it, at least 0; 0..0.8
}

// RP3Beta scores an item by the chance that a random walk of three steps, from the history to
// users who touched it to items they touched, ends there, popular items held back (Paudel et
// al. 2017, equations 2 and 5).
//
//	score_j = sum over i in the history, u who touched i and j, of
//	          weight_i (1/|U_i|)^alpha (1/|I_u|)^alpha / |U_j|^beta
//
// The walk is taken at request time over the touches themselves, not over a pruned item-item
// matrix: a fit is two passes over the data, so a model of the latest events costs
// milliseconds, and a request at most one visit to every touch.
type RP3Beta struct {
	items, users   pattern
	fromItem       []float64 // (1/|U_i|)^alpha
	fromUser       []float64 // (1/|I_u|)^alpha
	againstPopular []float64 // 1/|U_j|^beta
}

// FitRP3Beta fits the model.
func FitRP3Beta(ctx context.Context, d *Data, p RP3BetaParams) (*RP3Beta, error) {
	if !(p.Alpha >= 0 && p.Beta >= 0) {
		return nil, fmt.Errorf("fit RP3beta: alpha %v, beta %v, want at least 0: %w", p.Alpha, p.Beta, errs.Invalid)
	}
	items, users, err := d.patterns(ctx)
	if err != nil {
		return nil, fmt.Errorf("fit RP3beta: %w", err)
	}
	return &RP3Beta{
		items: items, users: users,
		fromItem: users.powers(-p.Alpha), fromUser: items.powers(-p.Alpha), againstPopular: users.powers(-p.Beta),
	}, nil
}

// Score implements the contract of the package.
func (m *RP3Beta) Score(history []Weighted, out []float64, s *Scratch) {
	clear(out)
	at := zeroed(&s.users, m.items.rows())
	for _, h := range history {
		if int(h.Item) >= len(m.fromItem) {
			continue
		}
		for _, u := range m.users.row(int(h.Item)) {
			at[u] += h.Weight * m.fromItem[h.Item]
		}
	}
	for u, x := range at {
		if x == 0 {
			continue
		}
		for _, j := range m.items.row(u) {
			out[j] += x * m.fromUser[u]
		}
	}
	for j, x := range m.againstPopular {
		out[j] *= x
	}
}
