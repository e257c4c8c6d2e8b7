package collab

import (
	"context"
	"fmt"
	"time"

	"resonance/internal/errs"
)

// PopularityParams are the parameters of Popularity.
type PopularityParams struct {
	HalfLife time.Duration // of a touch's weight, at least 0; 0 counts every touch fully
	Now      int64         // the moment at which a touch weighs 1, Unix milliseconds
}

// Popularity counts the users of every item, the recent ones for more:
//
//	score_j = sum over the touches of j of .5^((now - at) / halfLife)
//
// It needs no history. It never changes and is safe for concurrent use; Update and At return
// another one.
type Popularity struct {
	data   *Data
	ageing ageing
	now    int64
	counts []int64 // fixed
}

// FitPopularity counts.
func FitPopularity(ctx context.Context, d *Data, p PopularityParams) (*Popularity, error) {
	if p.HalfLife < 0 {
		return nil, fmt.Errorf("fit popularity: half-life %v: %w", p.HalfLife, errs.Invalid)
	}
	m := &Popularity{data: d, ageing: ageing{p.Now, p.HalfLife}, now: p.Now, counts: make([]int64, d.items)}
	for _, row := range d.rows {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("fit popularity: %w", err)
		}
		m.count(row, 1)
	}
	return m, nil
}

func (m *Popularity) count(row []Touch, sign int64) {
	for _, t := range row {
		m.counts[t.Item] += sign * m.ageing.fixed(1, t.At)
	}
}

// Update returns the popularity of next, which must come from the fitted data by With. It is
// bit for bit what a fit of next with the same parameters gives, at the price of the rows that
// changed and of copying the counts.
func (m *Popularity) Update(next *Data) *Popularity {
	updated := *m
	updated.data = next
	updated.counts = make([]int64, next.items)
	copy(updated.counts, m.counts)
	changedRows(m.data, next, func(before, after []Touch) {
		updated.count(before, -1)
		updated.count(after, 1)
	})
	return &updated
}

// At returns the popularity as of another moment, in Unix milliseconds; the order of the items
// is the same, their values are not.
func (m *Popularity) At(now int64) *Popularity {
	moved := *m
	moved.now = now
	return &moved
}

// Score overwrites out with the score of every item; items past the model's get 0.
func (m *Popularity) Score(out []float64) {
	clear(out)
	worth := m.ageing.worth(m.now)
	for j, c := range m.counts {
		out[j] = float64(c) * worth
	}
}
