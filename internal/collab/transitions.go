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
type Transitions struct {
	data   *Data
	params TransitionsParams
	ageing ageing
	now    int64
	rows   []*transitionRow // one an item; nil where nothing followed
}

// transitionRow is what followed one item. It never changes.
type transitionRow struct {
	to     []int32 // ascending
	weight []int64 // fixed, above 0
	total  float64 // sum of weight
}

// FitTransitions fits the model.
func FitTransitions(ctx context.Context, d *Data, p TransitionsParams) (*Transitions, error) {
	if p.Steps < 1 || p.HalfLife < 0 || !(p.Norm >= 0 && p.Norm <= 1) || p.Last < 1 || !(p.Decay > 0 && p.Decay <= 1) {
		return nil, fmt.Errorf("fit transitions: %+v: %w", p, errs.Invalid)
	}
	m := &Transitions{data: d, params: p, ageing: ageing{p.Now, p.HalfLife}, now: p.Now, rows: make([]*transitionRow, d.items)}
	visits := d.visits()
	sums := make([]int64, d.items)
	for a := range m.rows {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("fit transitions: %w", err)
		}
		var reached []int32
		for _, v := range visits.of(a) {
			m.follow(d.rows[v.user], int(v.place), func(b int32, w int64) {
				if sums[b] == 0 && w > 0 {
					reached = append(reached, b)
				}
				sums[b] += w
			})
		}
		slices.Sort(reached)
		m.rows[a] = gather(reached, sums)
	}
	return m, nil
}

// follow calls add with every item that came after the given place of a row, and its weight.
func (m *Transitions) follow(row []Touch, place int, add func(b int32, w int64)) {
	for s := 1; s <= m.params.Steps && place+s < len(row); s++ {
		next := row[place+s]
		add(next.Item, m.ageing.fixed(1/float64(s), next.At))
	}
}

// gather returns the row of the sums at to, which ascends, and sets these to 0.
func gather(to []int32, sums []int64) *transitionRow {
	r := &transitionRow{}
	for _, b := range to {
		if w := sums[b]; w != 0 {
			r.to, r.weight = append(r.to, b), append(r.weight, w)
			r.total += float64(w)
		}
		sums[b] = 0
	}
	if len(r.to) == 0 {
		return nil
	}
	return r
}

// At returns the model as of another moment, in Unix milliseconds. It shares everything.
func (m *Transitions) At(now int64) *Transitions {
	moved := *m
	moved.now = now
	return &moved
}

// Score implements the contract of the package.
func (m *Transitions) Score(history []Weighted, out []float64, _ *Scratch) {
	clear(out)
	worth := m.ageing.worth(m.now)
	decay := 1.0
	for _, h := range history[:min(m.params.Last, len(history))] {
		if int(h.Item) < len(m.rows) && m.rows[h.Item] != nil {
			row := m.rows[h.Item]
			w := h.Weight * decay * worth / math.Pow(1+row.total*worth, m.params.Norm)
			for at, b := range row.to {
				out[b] += w * float64(row.weight[at])
			}
		}
		decay *= m.params.Decay
	}
}

// visit is where a touch of an item stands.
type visit struct{ user, place int32 }

// visitIndex holds the visits of every item, by user.
type visitIndex struct {
	at []int
	to []visit
}

func (x visitIndex) of(item int) []visit { return x.to[x.at[item]:x.at[item+1]] }

// visits returns where every item was touched.
func (d *Data) visits() visitIndex {
	x := visitIndex{at: make([]int, d.items+1)}
	for _, row := range d.rows {
		for _, t := range row {
			x.at[t.Item+1]++
		}
	}
	for i := range d.items {
		x.at[i+1] += x.at[i]
	}
	x.to = make([]visit, x.at[d.items])
	next := slices.Clone(x.at)
	for u, row := range d.rows {
		for place, t := range row {
			x.to[next[t.Item]] = visit{int32(u), int32(place)}
			next[t.Item]++
		}
	}
	return x
}
