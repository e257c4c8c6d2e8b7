package rank

import (
	"math"
	"slices"

	"resonance/internal/lambdamart"
	"resonance/internal/moments"
	"resonance/internal/signal"
)

// Ranking is what every candidate of a question is worth, and why:
//
//	score(post) = Σ over the signals s of weight_s · z_s(post),   z_s = (value_s - mean_s) / deviation_s
//
// mean and deviation are those of all posts that the feed could hold (signal.Question.Moments), so a
// score does not depend on which of them were retrieved as candidates. A signal that finds all of them alike says nothing.
// Nothing is clipped: a post that stands out far stands out.
type Ranking struct {
	Scores    []float64 // by candidate; -Inf for those that are Out
	Deviation float64   // standard deviation of the scores of all posts that the feed could hold
	asked     []asked
	cells     []float64
	again     again
}

// asked is what one signal said.
type asked struct {
	signal        int // its place in signal.All
	weight        float64
	mean, inverse float64 // over all posts that the feed could hold; inverse is 1 / deviation
	values        []float64
}

// part is what the signal adds to the score of a candidate of that value.
func (a *asked) part(value float64) float64 {
	return moments.Standardised(value, a.mean, a.inverse, a.weight)
}

// Score asks every signal of weight about the candidates of q, in place of what r ranked before, and trees, unless they are
// nil, about the best of them. The zero Ranking is ready, and one that is used again saves memory.
func (r *Ranking) Score(q *signal.Question, weights Weights, trees *lambdamart.Forest) {
	n := len(q.Candidates)
	r.Scores, r.asked = slices.Grow(r.Scores[:0], n)[:n], r.asked[:0]
	r.cells = slices.Grow(r.cells[:0], n*len(weights))[:n*len(weights)]
	clear(r.Scores)
	q.Prepare()
	for s, sig := range signal.All() {
		if weights[s] == 0 {
			continue
		}
		a := asked{signal: s, weight: weights[s], values: r.cells[s*n : (s+1)*n]}
		q.Ask(sig, a.values)
		mean, deviation := q.Moments(sig, a.values)
		if !differ(mean, deviation) || q.Rest != nil && apart(a.values, mean, deviation) {
			continue
		}
		a.mean, a.inverse = mean, 1/deviation
		moments.AddStandardised(r.Scores, a.values, a.mean, a.inverse, a.weight)
		r.asked = append(r.asked, a)
	}
	_, r.Deviation = q.Spread(r.Scores)
	for _, i := range q.Out {
		r.Scores[i] = math.Inf(-1)
	}
	r.again.places = nil
	if trees != nil {
		r.rankAgain(trees)
	}
}

// Parts returns the parts of the score of the candidate at place i, in the order of signal.All.
func (r *Ranking) Parts(i int) []Part { return r.parts(make([]Part, 0, len(r.asked)), i) }

// parts appends them.
func (r *Ranking) parts(parts []Part, i int) []Part {
	shares := r.again.of(i)
	asked := r.asked
	for s, sig := range signal.All() {
		part, said := Part{Name: sig.Name}, false
		if len(asked) > 0 && asked[0].signal == s {
			part.Value, said, asked = asked[0].part(asked[0].values[i]), true, asked[1:]
		}
		if shares != nil && shares[s] != 0 {
			part.Value, said = part.Value+shares[s], true
		}
		if said {
			parts = append(parts, part)
		}
	}
	return parts
}

// Normalise scales values in place to mean 0 and standard deviation 1, and reports whether they
// differ at all; those that do not become 0.
func Normalise(values []float64) bool {
	mean, deviation := moments.Of(values)
	if !differ(mean, deviation) {
		clear(values)
		return false
	}
	inverse := 1 / deviation
	for i, v := range values {
		values[i] = (v - mean) * inverse
	}
	return true
}

// differ reports whether values of these moments differ by more than rounding.
func differ(mean, deviation float64) bool {
	return deviation > 1e-9*math.Abs(mean) && !math.IsInf(deviation, 0)
}

// apart reports whether one of the values is farther from the others, whose moments are given, than any can be:
// what a sample of a large scope differs by is what rounding left of zeros, and the one is none of the sample.
func apart(values []float64, mean, deviation float64) bool {
	for _, v := range values {
		if math.Abs(v-mean) > mostDeviations*deviation {
			return true
		}
	}
	return false
}

const mostDeviations = 1e9
