package learn

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/optimize"

	"resonance/internal/rank"
	"resonance/internal/vector"
)

// Weights are those under which this is highest, over n lists:
//
//	mean over lists, and over their relevant posts i, of 1 / log2(1 + rank_i), of what an ideal list gives
//	    - |weights - prior|² · ridge / n
//	rank_i = 1 + Σ over the other kept candidates j of sigmoid((score_j - score_i) / smoothness)
//
// It is nDCG with ranks made smooth (ApproxNDCG: Qin, Liu and Li 2010), so that it has a slope: a step towards a
// better list counts before it changes the first ten, and one list less changes little. nDCG itself, which was
// climbed before, gained nothing on other users. The ridge holds weights to those that are equal within families,
// the more so the fewer lists there are; the smoothness is in units of a score, whose deviation is about five.
const (
	smoothness = 3
	furthest   = 12 // a sigmoid of more than this is 1
	mostHits   = 6  // relevant posts of a list that are looked at, spread evenly
)

// ridges are how much weights are held to the prior, of which one is chosen.
var ridges = []float64{1, .03}

// weigh returns the best weights for lists, by their places, as signals are read, under each of ridges; no weight is
// below 0.
func (sh *sheet) weigh(ctx context.Context, r reading, places []int) (all []rank.Weights, err error) {
	o := sh.objective(r, places)
	weights := rank.Prior()
	for _, ridge := range ridges {
		o.ridge = ridge / float64(max(1, len(places)))
		if weights, err = o.descend(ctx, weights, sh.exam.effort); err != nil {
			return nil, fmt.Errorf("fit weights: %w", err)
		}
		all = append(all, weights)
	}
	return all, nil
}

// objective returns the objective of lists.
func (sh *sheet) objective(r reading, places []int) *objective {
	o := &objective{slope: make([]float64, len(r))}
	for _, place := range places {
		if l := sh.lists[place]; len(l.hits) > 0 {
			o.lists = append(o.lists, question{hits: sampled(l.hits), cells: sideBySide(sh.read(r, place))})
		}
	}
	return o
}

// descend returns the weights at the end of the way down from others.
func (o *objective) descend(ctx context.Context, from rank.Weights, effort Effort) (rank.Weights, error) {
	o.at = nil
	problem := optimize.Problem{
		Func: func(x []float64) float64 { return o.set(x, effort) },
		Grad: func(slope, x []float64) {
			o.set(x, effort)
			copy(slope, o.slope)
		},
		Status: func() (optimize.Status, error) {
			if err := ctx.Err(); err != nil {
				return optimize.Failure, err
			}
			return optimize.NotTerminated, nil
		},
	}
	settings := &optimize.Settings{MajorIterations: 40, FuncEvaluations: 100, Converger: &optimize.FunctionConverge{Absolute: 1e-6, Iterations: 3}}
	found, err := optimize.Minimize(problem, from, settings, &optimize.LBFGS{})
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case found == nil:
		return nil, err
	}
	weights := rank.Weights(found.X) // where a line search finds nothing better any more is an end as well
	for s := range weights {
		weights[s] = max(0, weights[s])
	}
	return weights, nil
}

// question is a list that weights are fitted to.
type question struct {
	hits  []int       // places of relevant candidates
	cells [][]float32 // by signal, then candidate
}

// sideBySide returns a copy of rows that follow one another in memory: they are read often, in one sweep.
func sideBySide(rows [][]float32) [][]float32 {
	all := slices.Concat(rows...)
	n := len(all) / len(rows)
	together := make([][]float32, len(rows))
	for i := range rows {
		together[i] = all[i*n : (i+1)*n]
	}
	return together
}

// sampled returns as many hits as are looked at.
func sampled(hits []int) []int {
	if len(hits) <= mostHits {
		return hits
	}
	sample := make([]int, mostHits)
	for i := range sample {
		sample[i] = hits[i*len(hits)/mostHits]
	}
	return sample
}

// objective is what is minimised, at the weights that were asked last.
type objective struct {
	lists []question
	ridge float64
	at    []float64
	value float64
	slope []float64

	scores, pull, product []float32
}

// set moves to other weights and returns the value there.
func (o *objective) set(weights []float64, effort Effort) float64 {
	if slices.Equal(o.at, weights) {
		return o.value
	}
	effort.Do(func() { o.move(weights) })
	return o.value
}

func (o *objective) move(weights []float64) {
	o.at = append(o.at[:0], weights...)
	o.value = 0
	clear(o.slope)
	for i := range o.lists {
		o.value -= o.ask(&o.lists[i])
	}
	n := float64(max(1, len(o.lists)))
	o.value /= n
	prior := rank.Prior()
	for s, w := range weights {
		d := w - prior[s]
		o.value += o.ridge * d * d
		o.slope[s] = o.slope[s]/n + 2*o.ridge*d
	}
}

// ask returns what a list gains, of what an ideal one does, and takes its slope from that of the objective.
func (o *objective) ask(q *question) (gain float64) {
	n := len(q.cells[0])
	o.scores, o.pull = zeros(o.scores, n), zeros(o.pull, n)
	o.product = slices.Grow(o.product[:0], n)[:n]
	for s, cells := range q.cells {
		vector.AddScaled(o.scores, float32(o.at[s]/smoothness), cells)
	}
	var ideal float64
	for place := range q.hits {
		ideal += discounts[place]
	}
	for _, hit := range q.hits {
		at := 1.
		for i, score := range o.scores {
			o.product[i] = sigmoid(score - o.scores[hit])
			at += float64(o.product[i])
		}
		at -= float64(o.product[hit])
		o.product[hit] = 0
		log := math.Log2(1 + at)
		gain += 1 / log / ideal
		// The slope of the gain along rank_i, and along a score through all ranks that it has a part in.
		steep := float32(1 / (log * log * (1 + at) * math.Ln2 * ideal * smoothness))
		var all float32
		for i, p := range o.product {
			p *= steep * (1 - p)
			o.pull[i] += p
			all += p
		}
		o.pull[hit] -= all
	}
	for s, cells := range q.cells {
		o.slope[s] += float64(vector.Dot(o.pull, cells))
	}
	return gain
}

// sigmoid is read from a table, between whose values it is a straight line.
func sigmoid(x float32) float32 {
	switch {
	case !(x < furthest):
		return 1
	case x <= -furthest:
		return 0
	}
	at := (x + furthest) * finest
	i := int(at)
	return sigmoids[i] + (at-float32(i))*(sigmoids[i+1]-sigmoids[i])
}

// finest is how many values the table of sigmoids has from one whole number to the next.
const finest = 128

var sigmoids = func() (table [2*furthest*finest + 2]float32) {
	for i := range table {
		table[i] = float32(1 / (1 + math.Exp(furthest-float64(i)/finest)))
	}
	return table
}()

// zeros returns a slice of n zeros, in the memory of an old one.
func zeros(old []float32, n int) []float32 {
	old = slices.Grow(old[:0], n)[:n]
	clear(old)
	return old
}
