package collab

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/viterin/partial"

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
// It needs no history. Replace brings it up to date, which is not safe while it is read.
type Popularity struct {
	ageing ageing
	counts []int64 // fixed
}

// NewPopularity returns the popularity of nothing, for Replace to fill; the parameters must be in range.
func NewPopularity(p PopularityParams) *Popularity {
	return &Popularity{ageing: ageing{p.Now, p.HalfLife}}
}

// FitPopularity counts.
func FitPopularity(ctx context.Context, d *Data, p PopularityParams) (*Popularity, error) {
	if p.HalfLife < 0 {
		return nil, fmt.Errorf("fit popularity: half-life %v: %w", p.HalfLife, errs.Invalid)
	}
	m := NewPopularity(p)
	for _, row := range d.rows {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("fit popularity: %w", err)
		}
		m.Replace(d.items, nil, row)
	}
	return m, nil
}

func (m *Popularity) count(row []Touch, sign int64) {
	for _, t := range row {
		m.counts[t.Item] += sign * fixed(m.ageing.factor(t.At))
	}
}

// Replace takes a user's row out and counts another one in its place, over items 0 .. items-1.
// It leaves bit for bit what a fit with the same parameters gives.
func (m *Popularity) Replace(items int, before, after []Touch) {
	m.counts = grown(m.counts, items)
	head, tail := difference(before, after)
	m.count(before[head:len(before)-tail], -1)
	m.count(after[head:len(after)-tail], 1)
}

// Score overwrites out with the score of every item as of the moment now, in Unix milliseconds;
// items past the model's get 0.
func (m *Popularity) Score(now int64, out []float64) {
	clear(out)
	worth := m.ageing.worth(now)
	for j, c := range m.counts {
		out[j] = float64(c) * worth
	}
}

// Worth returns what counts are to be multiplied with at the moment now, in Unix milliseconds.
func (m *Popularity) Worth(now int64) float64 { return m.ageing.worth(now) }

// At returns the score of one item, of the given worth.
func (m *Popularity) At(item int32, worth float64) float64 {
	if int(item) >= len(m.counts) {
		return 0
	}
	return float64(m.counts[item]) * worth
}

// Top returns the n items with the highest scores among those for which is holds, in no order that
// means something; items that nobody touched are never among them.
func (m *Popularity) Top(n int, is func(item int32) bool) []int32 {
	type counted struct {
		item  int32
		count int64
	}
	best := make([]counted, 0, 2*n)
	least := int64(0)
	trim := func() {
		partial.TopKFunc(best, n, func(a, b counted) int { return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.item, b.item)) })
		best = best[:n]
		least = best[0].count
		for _, c := range best {
			least = min(least, c.count)
		}
	}
	for j, c := range m.counts {
		if c > least && is(int32(j)) {
			if best = append(best, counted{int32(j), c}); len(best) == 2*n {
				trim()
			}
		}
	}
	if len(best) > n {
		trim()
	}
	items := make([]int32, len(best))
	for i, c := range best {
		items[i] = c.item
	}
	return items
}
