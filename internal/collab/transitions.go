package collab

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"resonance/internal/errs"
)

// TransitionsParams are the parameters of Transitions.
type TransitionsParams struct {
	Steps    int           // how far apart two touches may be, at least 1; 5..10
	HalfLife time.Duration // of a transition's weight, at least 0; 0 never ages; 30 days where the app is live
	Norm     float64       // how much a row's total is held against it, 0..1; .5
	Last     int           // items of the history that count, at least 1; 10
	Decay    float64       // what a position further back counts for, above 0 and at most 1; .8
	Now      int64         // the moment at which a transition weighs fully, Unix milliseconds
}

// Transitions scores an item by how often people went on to it from the latest items of the
// history: sequential rules (Ludewig and Jannach 2018, section 3.2, with 1/step weights).
//
//	T_ab  = sum over users who touched b s <= Steps places after a of 1/s .5^((now - at_b) / halfLife)
//	score_b = sum over the newest Last positions p, a their items, of
//	          weight_p Decay^p T_ab / (1 + sum over b of T_ab)^Norm
//
// Places are counted in the user's row, by (At, Item). An item that the model has not seen
// holds its position all the same.
//
// Replace brings it up to date, which is not safe while Score runs.
type Transitions struct {
	params TransitionsParams
	ageing ageing
	rows   []*transitionRow // one an item, nil where nothing followed it yet
}

// transitionRow is what followed one item.
type transitionRow struct {
	to     []int32 // ascending
	weight []int64 // fixed, above 0
	total  int64   // sum of weight
}

// NewTransitions returns the model of nothing, for Replace to fill; the parameters must be in range.
func NewTransitions(p TransitionsParams) *Transitions {
	return &Transitions{params: p, ageing: ageing{p.Now, p.HalfLife}}
}

// FitTransitions fits the model.
func FitTransitions(ctx context.Context, d *Data, p TransitionsParams) (*Transitions, error) {
	if p.Steps < 1 || p.HalfLife < 0 || !(p.Norm >= 0 && p.Norm <= 1) || p.Last < 1 || !(p.Decay > 0 && p.Decay <= 1) {
		return nil, fmt.Errorf("fit transitions: %+v: %w", p, errs.Invalid)
	}
	m := NewTransitions(p)
	if err := m.Fill(ctx, d.items, d.rows); err != nil {
		return nil, fmt.Errorf("fit transitions: %w", err)
	}
	return m, nil
}

// From returns the same counts, asked from other positions of the history. Neither may be changed afterwards.
func (m *Transitions) From(last int, decay float64) *Transitions {
	from := *m
	from.params.Last, from.params.Decay = last, decay
	return &from
}

// Fill counts many rows at once, over items 0 .. items-1, in place of all that was counted. It
// leaves bit for bit what replacing nothing by each of them does.
func (m *Transitions) Fill(ctx context.Context, items int, rows [][]Touch) error {
	m.rows = make([]*transitionRow, items)
	visits := visitsOf(items, rows)
	factors := make([][]float64, len(rows)) // of every touch
	for u, row := range rows {
		factors[u] = make([]float64, len(row))
		for place, t := range row {
			factors[u][place] = m.ageing.factor(t.At)
		}
	}
	sums := make([]int64, items)
	var reached []int32
	var lay layout
	for a := range m.rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		reached = reached[:0]
		for _, v := range visits.of(a) {
			row, factor := rows[v.user], factors[v.user]
			for s := 1; s <= m.params.Steps && int(v.place)+s < len(row); s++ {
				b := row[int(v.place)+s].Item
				w := fixed(1 / float64(s) * factor[int(v.place)+s])
				if sums[b] == 0 && w > 0 {
					reached = append(reached, b)
				}
				sums[b] += w
			}
		}
		if len(reached) > 0 {
			slices.Sort(reached)
			m.rows[a] = lay.row(reached, sums)
		}
	}
	return nil
}

// follow calls add with every item that came after the given place of a row, and its weight.
func (m *Transitions) follow(row []Touch, place int, add func(b int32, w int64)) {
	for s := 1; s <= m.params.Steps && place+s < len(row); s++ {
		next := row[place+s]
		add(next.Item, fixed(1/float64(s)*m.ageing.factor(next.At)))
	}
}

// layout is memory for many rows side by side, with no room left behind any of them.
type layout struct {
	rows   []transitionRow
	to     []int32
	weight []int64
}

// laidAtOnce is how many rows, and how many items that follow, are given memory at a time.
const laidAtOnce = 4096

// row returns the row of the sums at to, which ascends and is not empty, and sets these to 0.
func (l *layout) row(to []int32, sums []int64) *transitionRow {
	if len(l.rows) == 0 {
		l.rows = make([]transitionRow, laidAtOnce)
	}
	n := len(to)
	if len(l.to) < n {
		l.to, l.weight = make([]int32, max(n, laidAtOnce)), make([]int64, max(n, laidAtOnce))
	}
	r := &l.rows[0]
	*r = transitionRow{to: l.to[:n:n], weight: l.weight[:n:n]}
	l.rows, l.to, l.weight = l.rows[1:], l.to[n:], l.weight[n:]
	for at, b := range to {
		r.to[at], r.weight[at] = b, sums[b]
		r.total += sums[b]
		sums[b] = 0
	}
	return r
}

// Reach adds the scores as of the moment now, in Unix milliseconds, to sums.
func (m *Transitions) Reach(history []Weighted, now int64, sums *Sums) {
	worth := m.ageing.worth(now)
	decay := 1.0
	for _, h := range history[:min(m.params.Last, len(history))] {
		if int(h.Item) < len(m.rows) && m.rows[h.Item] != nil {
			row := m.rows[h.Item]
			w := h.Weight * decay * worth / math.Pow(1+float64(row.total)*worth, m.params.Norm)
			for at, b := range row.to {
				sums.Add(b, w*float64(row.weight[at]))
			}
		}
		decay *= m.params.Decay
	}
}

// Score implements the contract of the package, as of Now.
func (m *Transitions) Score(history []Weighted, out []float64, s *Scratch) {
	s.sums.Reset(len(m.rows))
	m.Reach(history, m.params.Now, &s.sums)
	s.sums.write(out)
}

// visit is where a touch of an item stands.
type visit struct{ user, place int32 }

// visitIndex holds the visits of every item, by user.
type visitIndex struct {
	at []int
	to []visit
}

func (x visitIndex) of(item int) []visit { return x.to[x.at[item]:x.at[item+1]] }

// visitsOf returns where every item was touched.
func visitsOf(items int, rows [][]Touch) visitIndex {
	x := visitIndex{at: make([]int, items+1)}
	for _, row := range rows {
		for _, t := range row {
			x.at[t.Item+1]++
		}
	}
	for i := range items {
		x.at[i+1] += x.at[i]
	}
	x.to = make([]visit, x.at[items])
	next := slices.Clone(x.at)
	for u, row := range rows {
		for place, t := range row {
			x.to[next[t.Item]] = visit{int32(u), int32(place)}
			next[t.Item]++
		}
	}
	return x
}
