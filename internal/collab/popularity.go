package collab

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/big"
	"math/bits"
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
	order  order   // of the items that somebody touched
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
		before := m.counts[t.Item]
		m.counts[t.Item] += sign * fixed(m.ageing.factor(t.At))
		m.order.move(t.Item, before, m.counts[t.Item])
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
// means something; equal ones as first has it, and items that nobody touched are never among them.
func (m *Popularity) Top(n int, is func(item int32) bool, first func(a, b int32) int) []int32 {
	var best []int32
	m.order.fromTop(func(equals []int32) bool {
		for _, item := range equals {
			if is(item) {
				best = append(best, item)
			}
		}
		return len(best) < n
	})
	if len(best) > n {
		partial.TopKFunc(best, n, func(a, b int32) int {
			if m.counts[a] != m.counts[b] {
				return cmp.Compare(m.counts[b], m.counts[a])
			}
			return first(a, b)
		})
		best = best[:n]
	}
	return best
}

// Spread returns mean and standard deviation of the scores, of worth 1, of n items: those for which is
// holds, and others that nobody touched. They are exact, whatever stands out.
func (m *Popularity) Spread(n int, is func(item int32) bool) (mean, deviation float64) {
	var sum, squares big.Int
	var total, high, low uint64
	for item, c := range m.counts {
		if c != 0 && is(int32(item)) {
			total += uint64(c)
			h, l := bits.Mul64(uint64(c), uint64(c))
			var carry uint64
			low, carry = bits.Add64(low, l, 0)
			high += h + carry
		}
	}
	sum.SetUint64(total)
	squares.SetUint64(high).Lsh(&squares, 64).Add(&squares, new(big.Int).SetUint64(low))
	count := big.NewInt(int64(n))
	variance := squares.Mul(&squares, count) // n Σ x² - (Σ x)², in whole numbers
	variance.Sub(variance, new(big.Int).Mul(&sum, &sum))
	v, _ := new(big.Float).SetInt(variance).Float64()
	return float64(total) / float64(n), math.Sqrt(v) / float64(n)
}
