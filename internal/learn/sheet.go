package learn

import (
	"context"
	"slices"

	"resonance/internal/catalog"
	"resonance/internal/metric"
	"resonance/internal/rank"
	"resonance/internal/signal"
	"resonance/internal/vector"
)

// A list keeps the candidates that any ranking worth considering could show: the best by each
// signal, the best by all with equal weights, and the relevant ones.
const (
	keptBySignal = 30
	keptByAll    = 60
)

// sheet is what every signal says under the settings to begin with and, of the signals that a knob turns, under
// each of its values: normalised over all candidates, of the kept ones of each list. It is asked once; what is best
// for whichever users is then a matter of reading it.
type sheet struct {
	exam    *exam
	begin   signal.Settings
	knobs   []knob
	signals [][]int       // by knob: its signals, by their places in signal.All
	columns [][][]int     // by knob, value, signal of the knob
	cells   [][][]float32 // by column, list, kept candidate; the first columns are those of signal.All, to begin with
	lists   []*list
	users   []int64 // by list
}

// reading says from which column each signal is read.
type reading []int

// newSheet asks every signal and decides what is kept.
func newSheet(ctx context.Context, e *exam, begin signal.Settings, knobs []knob) (*sheet, error) {
	sh := &sheet{exam: e, begin: begin, knobs: knobs, signals: make([][]int, len(knobs)), columns: make([][][]int, len(knobs))}
	var first []int // by split: the place of its first list
	for i := range e.splits {
		first = append(first, len(sh.users))
		for n := range e.splits[i].lists {
			l := &e.splits[i].lists[n]
			sh.lists, sh.users = append(sh.lists, l), append(sh.users, l.User)
		}
	}
	askings, columns := sh.plan()
	err := e.ask(ctx, askings, func(a answer) {
		place := first[a.split] + a.list
		l := sh.lists[place]
		if a.asking == 0 {
			l.keep(e.past.Catalog, a.candidates, a.values)
		}
		for i, values := range a.values {
			kept := make([]float32, len(l.kept))
			for n, at := range l.kept {
				kept[n] = float32(values[at])
			}
			sh.cells[columns[a.asking][i]][place] = kept
		}
	})
	return sh, err
}

// plan makes room for what is to be asked, and lists it with the columns of each asking's signals.
func (sh *sheet) plan() (askings []asking, columns [][]int) {
	add := func(settings signal.Settings, signals []int) (own []int) {
		for range signals {
			own = append(own, len(sh.cells))
			sh.cells = append(sh.cells, make([][]float32, len(sh.users)))
		}
		askings, columns = append(askings, asking{settings, signals}), append(columns, own)
		return own
	}
	var all []int
	for i := range signal.All() {
		all = append(all, i)
	}
	add(sh.begin, all)
	for i := range sh.knobs {
		k := &sh.knobs[i]
		signals := places(k.signals)
		sh.signals[i] = signals
		for _, value := range k.values {
			tried := sh.begin
			value(&tried)
			if tried == sh.begin {
				sh.columns[i] = append(sh.columns[i], signals)
				continue
			}
			sh.columns[i] = append(sh.columns[i], add(tried, signals))
		}
	}
	return askings, columns
}

// begun returns the reading under the settings to begin with.
func (sh *sheet) begun() reading {
	r := make(reading, len(signal.All()))
	for i := range r {
		r[i] = i
	}
	return r
}

// read returns what signals say of a list's kept candidates.
func (sh *sheet) read(r reading, place int) [][]float32 {
	cells := make([][]float32, len(r))
	for s, column := range r {
		cells[s] = sh.cells[column][place]
	}
	return cells
}

// gains returns the nDCG of lists, by their places, under weights.
func (sh *sheet) gains(r reading, w rank.Weights, places []int) []float64 {
	gains := make([]float64, len(places))
	for i, scores := range sh.blend(r, w, places) {
		gains[i] = sh.lists[places[i]].gain(scores)
	}
	return gains
}

// blend returns the scores of the kept candidates of lists.
func (sh *sheet) blend(r reading, w rank.Weights, places []int) [][]float32 {
	blends := make([][]float32, len(places))
	for i, place := range places {
		blends[i] = make([]float32, len(sh.lists[place].kept))
		for s, column := range r {
			vector.AddScaled(blends[i], float32(w[s]), sh.cells[column][place])
		}
	}
	return blends
}

// keep chooses the candidates of the list that are kept.
func (l *list) keep(index *catalog.Index, candidates []catalog.Ordinal, values [][]float64) {
	chosen := make([]bool, len(candidates))
	all := make([]float64, len(candidates))
	for _, z := range values {
		best(z, keptBySignal, chosen)
		for i, x := range z {
			all[i] += x
		}
	}
	best(all, keptByAll, chosen)
	l.kept, l.hits = nil, nil
	for i, o := range candidates { // in their order, by id
		_, hit := slices.BinarySearch(l.Relevant, index.Entry(o).ID)
		if hit {
			l.hits = append(l.hits, len(l.kept))
		}
		if hit || chosen[i] {
			l.kept = append(l.kept, int32(i))
		}
	}
}

// best marks the places of the k largest values, the first of equals.
func best(values []float64, k int, chosen []bool) {
	top := make([]int, 0, k+1) // places, best first
	for i, x := range values {
		if len(top) == k && x <= values[top[k-1]] {
			continue
		}
		at, _ := slices.BinarySearchFunc(top, x, func(place int, x float64) int {
			if values[place] >= x {
				return -1
			}
			return 1
		})
		if top = slices.Insert(top, at, i); len(top) > k {
			top = top[:k]
		}
	}
	for _, i := range top {
		chosen[i] = true
	}
}

// length is how much of a list counts in what is chosen by: a page.
const length = 10

// gain returns the nDCG of the list, candidates ranked by scores, equals by id.
func (l *list) gain(scores []float32) (gain float64) {
	for _, hit := range l.hits {
		if place := placeOf(hit, scores, length); place < length {
			gain += discounts[place]
		}
	}
	return gain / l.ideal(length)
}

// placeOf returns how many come before the candidate at a place, or most where as many do. Of NaN, which has no order, the worst is assumed.
func placeOf[F float32 | float64](at int, scores []F, most int) (before int) {
	for i, score := range scores {
		if score < scores[at] || score == scores[at] && i >= at {
			continue
		}
		if before++; before == most {
			return most
		}
	}
	return before
}

// ideal returns what the best order gains among the first so many, rank.Again at most.
func (l *list) ideal(first int) (gain float64) {
	for place := range min(first, len(l.Relevant)) {
		gain += discounts[place]
	}
	return gain
}

// discounts are what a hit at each place counts.
var discounts = func() (d [rank.Again]float64) {
	for place := range d {
		d[place] = metric.Discount(place)
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
