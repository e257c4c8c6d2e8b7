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
// matrix, so Replace brings the model up to date at the price of one row, and a request costs at
// most one visit to every touch. Replace is not safe while the model is read.
type RP3Beta struct {
	rows  [][]int32 // by user: items
	users [][]int32 // by item: users
	step  powers    // by length of a row, to the -alpha
	held  powers    // by number of users, to the -beta
	back  []float64 // by item: what it is held back by, with the point where it belongs, see walkBits
}

// powers are those of the whole numbers from 0 on. Their exponent is negative; that of 0 is 0.
type powers struct {
	exponent float64
	of       []float64
}

// reach makes sure that the power of n is known.
func (p *powers) reach(n int) {
	for len(p.of) <= n {
		p.of = append(p.of, math.Pow(float64(len(p.of)), p.exponent))
	}
	p.of[0] = 0
}

// NewRP3Beta returns the model of nothing, for Replace to fill; the parameters must be in range.
func NewRP3Beta(p RP3BetaParams) *RP3Beta {
	return &RP3Beta{step: powers{exponent: -p.Alpha}, held: powers{exponent: -p.Beta}}
}

// FitRP3Beta fits the model.
func FitRP3Beta(ctx context.Context, d *Data, p RP3BetaParams) (*RP3Beta, error) {
	if !(p.Alpha >= 0 && p.Beta >= 0) {
		return nil, fmt.Errorf("fit RP3beta: alpha %v, beta %v, want at least 0: %w", p.Alpha, p.Beta, errs.Invalid)
	}
	m := NewRP3Beta(p)
	m.users = make([][]int32, d.items)
	for u, row := range d.rows {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("fit RP3beta: %w", err)
		}
		m.Replace(int32(u), d.items, nil, row)
	}
	return m, nil
}

// Replace takes the row of the user with this ordinal out and puts another one in its place, over
// items 0 .. items-1.
func (m *RP3Beta) Replace(user int32, items int, before, after []Touch) {
	m.users, m.back, m.rows = grown(m.users, items), grown(m.back, items), grown(m.rows, int(user)+1)
	head, tail := difference(before, after)
	for _, t := range before[head : len(before)-tail] {
		at := slices.Index(m.users[t.Item], user)
		m.users[t.Item] = slices.Delete(m.users[t.Item], at, at+1)
		m.hold(t.Item)
	}
	for _, t := range after[head : len(after)-tail] {
		m.users[t.Item] = append(m.users[t.Item], user)
		m.step.reach(len(m.users[t.Item]))
		m.hold(t.Item)
	}
	m.step.reach(len(after))
	m.rows[user] = m.rows[user][:0]
	for _, t := range after {
		m.rows[user] = append(m.rows[user], t.Item)
	}
}

// hold finds out by how much an item is held back.
func (m *RP3Beta) hold(item int32) {
	n := len(m.users[item])
	m.held.reach(n)
	m.back[item] = m.held.of[n] * (1. / (1 << walkBits))
}

// walkBits is where the point stands in sums of a walk: they are whole numbers, so that a score
// does not depend on the order in which users came.
const walkBits = 40

// Reach adds the scores to sums. The user with the ordinal self, -1 for nobody, is walked past:
// all that this user leads to is in the history.
func (m *RP3Beta) Reach(history []Weighted, self int32, sums *Sums, s *Scratch) {
	m.toUsers(history, s)
	for _, u := range m.nearest(self, s) {
		share := s.walk.At(u) * m.step.of[len(m.rows[u])]
		whole := math.Round(share * (1 << walkBits))
		sums.addTo(m.rows[u], whole)
	}
	for _, j := range sums.Reached() {
		sums.values[j] *= m.back[j]
	}
}

// toUsers takes the first two steps of a walk: s.walk holds how surely each user is reached, at least
// for all that a walk can go on from.
func (m *RP3Beta) toUsers(history []Weighted, s *Scratch) {
	s.walk.Reset(len(m.rows))
	s.departures = s.departures[:0]
	crowded := false
	for _, h := range history {
		if int(h.Item) < len(m.users) && len(m.users[h.Item]) > 0 {
			audience := len(m.users[h.Item])
			s.departures = append(s.departures, departure{h.Item, audience, h.Weight * m.step.of[audience]})
			crowded = crowded || audience > m.crowd()
		}
	}
	if crowded { // the few whom a rare item leads to come first
		slices.SortStableFunc(s.departures, func(a, b departure) int { return cmp.Compare(a.audience, b.audience) })
	}
	for i, from := range s.departures {
		if from.audience > m.crowd() && m.shortcut(s.departures[i:], s) {
			return
		}
		s.walk.addTo(m.users[from.item], from.step)
	}
}

// departure is an item that a walk starts from.
type departure struct {
	item     int32
	audience int
	step     float64 // how surely it leads to each of its users
}

// crowd is an audience that is not gone through as long as there is a shorter way.
func (m *RP3Beta) crowd() int { return 4 * m.crossed() }

// shortcut adds what the items that are left say of users who were reached, where all of these items
// together cannot bring another user among those that a walk goes on from. Otherwise it does nothing and returns
// false.
func (m *RP3Beta) shortcut(left []departure, s *Scratch) bool {
	reached, crossed := s.walk.Reached(), m.crossed()
	if len(reached) <= crossed {
		return false
	}
	most := 0.
	for _, from := range left {
		most += from.step
	}
	s.ranked = s.ranked[:0]
	for _, u := range reached {
		s.ranked = append(s.ranked, -s.walk.At(u))
	}
	partial.TopK(s.ranked, crossed+1) // one of them may be the user who asks
	least := -slices.Max(s.ranked[:crossed+1])
	if most >= least {
		return false
	}
	for _, u := range reached {
		if s.walk.At(u)+most < least {
			continue
		}
		for _, from := range left {
			if slices.Contains(m.rows[u], from.item) {
				s.walk.Add(u, from.step)
			}
		}
	}
	return true
}

// crossed returns how many users a walk goes on from at most, those it reached most surely. Where there are many
// users the nearest are nearer: the fewer then tell as much, and what a walk costs does not grow with their rows.
func (m *RP3Beta) crossed() int {
	const many, usual, few = 16384, 1000, 250
	if len(m.rows) > many {
		return few
	}
	return usual
}

// nearest returns the users that a walk goes on from, self not among them.
func (m *RP3Beta) nearest(self int32, s *Scratch) []int32 {
	s.near = s.near[:0]
	for _, u := range s.walk.Reached() {
		if u != self {
			s.near = append(s.near, u)
		}
	}
	crossed := m.crossed()
	if len(s.near) <= crossed {
		return s.near
	}
	less := func(a, b int32) int { return cmp.Compare(s.walk.At(b), s.walk.At(a)) }
	partial.TopKFunc(s.near, crossed, less)
	least := s.walk.At(s.near[0])
	for _, u := range s.near[:crossed] {
		least = min(least, s.walk.At(u))
	}
	return slices.DeleteFunc(s.near, func(u int32) bool { return s.walk.At(u) < least }) // equals of the last go on too
}

// Score implements the contract of the package.
func (m *RP3Beta) Score(history []Weighted, out []float64, s *Scratch) {
	s.sums.Reset(len(m.users))
	m.Reach(history, -1, &s.sums, s)
	s.sums.write(out)
}

// Users returns the users who touched an item, by ordinal, in no order that means something; it
// must not be changed.
func (m *RP3Beta) Users(item int32) []int32 {
	if int(item) >= len(m.users) {
		return nil
	}
	return m.users[item]
}
