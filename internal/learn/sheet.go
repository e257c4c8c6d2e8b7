package learn

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/viterin/partial"

	"resonance/internal/catalog"
	"resonance/internal/rank"
	"resonance/internal/signal"
)

// A list keeps the candidates that any ranking worth considering could show: the best by each
// signal, the best by all with equal weights, and the relevant ones.
const (
	keptBySignal = 30
	keptByAll    = 60
)

// sheet is what every signal says, normalised over all candidates, of the kept ones of each list.
type sheet struct {
	exam  *exam
	cells [][][]float32 // by signal, list, kept candidate
	users []int64       // by list
	first []int         // by split: the place of its first list
}

// newSheet asks every signal and decides what is kept.
func newSheet(ctx context.Context, e *exam, s signal.Settings) (*sheet, error) {
	sh := &sheet{exam: e}
	for i := range e.splits {
		sh.first = append(sh.first, len(sh.users))
		for n := range e.splits[i].lists {
			sh.users = append(sh.users, e.splits[i].lists[n].User)
		}
	}
	everything := make([]int, len(signal.All()))
	sh.cells = make([][][]float32, len(everything))
	for i := range everything {
		everything[i] = i
		sh.cells[i] = make([][]float32, len(sh.users))
	}
	err := e.ask(ctx, s, everything, func(split, n int, candidates []catalog.Ordinal, values [][]float64) {
		l := &e.splits[split].lists[n]
		sh.keep(l, candidates, values)
		sh.fill(split, n, everything, candidates, values)
	})
	return sh, err
}

// keep chooses the candidates of a list that are kept.
func (sh *sheet) keep(l *list, candidates []catalog.Ordinal, values [][]float64) {
	catalog := sh.exam.past.Catalog
	chosen := map[int]bool{}
	all := make([]float64, len(candidates))
	for _, z := range values {
		best(z, keptBySignal, chosen)
		for i, x := range z {
			all[i] += x
		}
	}
	best(all, keptByAll, chosen)
	for i, o := range candidates {
		if _, hit := slices.BinarySearch(l.Relevant, catalog.Entry(o).ID); hit {
			chosen[i] = true
		}
	}
	l.kept, l.relevant, l.relevants = nil, nil, 0
	for i := range candidates { // in their order, by id
		if chosen[i] {
			_, hit := slices.BinarySearch(l.Relevant, catalog.Entry(candidates[i]).ID)
			l.kept, l.relevant = append(l.kept, candidates[i]), append(l.relevant, hit)
			if hit {
				l.relevants++
			}
		}
	}
}

// best adds the places of the k largest values to chosen.
func best(values []float64, k int, chosen map[int]bool) {
	places := make([]int, len(values))
	for i := range places {
		places[i] = i
	}
	k = min(k, len(places))
	partial.TopKFunc(places, k, func(a, b int) int { return cmp.Or(cmp.Compare(values[b], values[a]), cmp.Compare(a, b)) })
	for _, i := range places[:k] {
		chosen[i] = true
	}
}

// fill writes what the signals say of a list's kept candidates.
func (sh *sheet) fill(split, n int, signals []int, candidates []catalog.Ordinal, values [][]float64) {
	l := &sh.exam.splits[split].lists[n]
	for k, sig := range signals {
		kept := make([]float32, 0, len(l.kept))
		for i, o := range candidates {
			if len(kept) < len(l.kept) && l.kept[len(kept)] == o {
				kept = append(kept, float32(values[k][i]))
			}
		}
		sh.cells[sig][sh.first[split]+n] = kept
	}
}

// lists calls visit with every list and its place.
func (sh *sheet) lists(visit func(place int, l *list)) {
	for i := range sh.exam.splits {
		for n := range sh.exam.splits[i].lists {
			visit(sh.first[i]+n, &sh.exam.splits[i].lists[n])
		}
	}
}

// gains returns the nDCG of every list under weights.
func (sh *sheet) gains(w rank.Weights) []float64 {
	gains := make([]float64, len(sh.users))
	var scores []float64
	sh.lists(func(place int, l *list) {
		scores = append(scores[:0], make([]float64, len(l.kept))...)
		for s, weight := range w {
			if weight != 0 {
				for i, z := range sh.cells[s][place] {
					scores[i] += weight * float64(z)
				}
			}
		}
		gains[place] = l.gain(scores)
	})
	return gains
}

// length is how much of a list counts in what is chosen by: a page.
const length = 10

// gain returns the nDCG of the list, candidates ranked by scores, equals by id.
func (l *list) gain(scores []float64) float64 {
	var top [length]int // places of the best, best first
	n := 0
	for i, s := range scores {
		if n == length && s <= scores[top[n-1]] {
			continue
		}
		n = min(n+1, length)
		at := n - 1
		for ; at > 0 && s > scores[top[at-1]]; at-- {
			top[at] = top[at-1]
		}
		top[at] = i
	}
	var gain, ideal float64
	for place, i := range top[:n] {
		if l.relevant[i] {
			gain += discounts[place]
		}
	}
	for place := range min(length, len(l.Relevant)) {
		ideal += discounts[place]
	}
	return gain / ideal
}

// discounts are what a hit at each place counts.
var discounts = func() (d [length]float64) {
	for place := range d {
		d[place] = 1 / math.Log2(float64(place+2))
	}
	return d
}()

func mean(values []float64) float64 {
	var sum float64
	for _, v := range values {
		sum += v
	}
	return sum / float64(max(1, len(values)))
}
