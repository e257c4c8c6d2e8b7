package rank

import (
	"math"

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
	Scores    []float64 // by candidate
	Deviation float64   // standard deviation of the scores of all posts that the feed could hold
	weights   Weights
	values    [][]float64 // z by signal, then candidate
}

// Score asks every signal of weight about the candidates of q.
func Score(q *signal.Question, weights Weights) *Ranking {
	n := len(q.Candidates)
	r := &Ranking{Scores: make([]float64, n), weights: weights, values: make([][]float64, len(weights))}
	cells := make([]float64, n*len(weights))
	for s, sig := range signal.All() {
		if weights[s] == 0 {
			continue
		}
		z := cells[s*n : (s+1)*n]
		q.Ask(sig, z)
		if mean, deviation := q.Moments(sig, z); normalise(z, mean, deviation) {
			r.values[s] = z
			for i, x := range z {
				r.Scores[i] += weights[s] * x
			}
		}
	}
	_, r.Deviation = q.Spread(r.Scores)
	return r
}

// Parts returns the parts of the score of the candidate at place i, in the order of signal.All.
func (r *Ranking) Parts(i int) []Part {
	parts := make([]Part, 0, len(r.weights))
	for s, sig := range signal.All() {
		if r.values[s] != nil {
			parts = append(parts, Part{Name: sig.Name, Value: r.weights[s] * r.values[s][i]})
		}
	}
	return parts
}

// Normalise scales values in place to mean 0 and standard deviation 1, and reports whether they
// differ at all; those that do not become 0.
func Normalise(values []float64) bool {
	mean, deviation := moments(values)
	return normalise(values, mean, deviation)
}

func normalise(values []float64, mean, deviation float64) bool {
	if !(deviation > 1e-9*math.Abs(mean)) || math.IsInf(deviation, 0) {
		clear(values)
		return false
	}
	scale := 1 / deviation
	for i, v := range values {
		values[i] = (v - mean) * scale
	}
	return true
}

func moments(values []float64) (mean, deviation float64) {
	if len(values) == 0 {
		return 0, 0
	}
	n := float64(len(values))
	for _, v := range values {
		mean += v
	}
	mean /= n
	var squares float64
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(squares / n)
}
