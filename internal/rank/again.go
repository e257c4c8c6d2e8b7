package rank

import (
	"slices"

	"resonance/internal/lambdamart"
	"resonance/internal/moments"
	"resonance/internal/signal"
)

// Again is how many of the best candidates trees rank again:
//
//	score(post) = Σ weight_s · z_s(post) + scale · trees(z(post))
//
// scale makes what trees say deviate as the weighted sums do, among these. A signal that says nothing, or has no
// weight, is 0 to trees too. All others keep the weighted sum: trees grew on the best of lists only.
const Again = 100

// again is what trees said of the best.
type again struct {
	places []int32   // of candidates, ascending
	shares []float64 // by place in places, then signal: what it adds through trees

	highest            Highest
	values, sums, said []float64
	parts              []Part
}

// of returns the shares of the candidate at place i, nil where trees were not asked.
func (a *again) of(i int) []float64 {
	at, found := slices.BinarySearch(a.places, int32(i))
	if !found {
		return nil
	}
	n := len(signal.All())
	return a.shares[at*n : (at+1)*n]
}

// rankAgain adds what trees, whose features are all signals, say of the best candidates to their scores.
func (r *Ranking) rankAgain(trees *lambdamart.Forest) {
	a, n := &r.again, len(signal.All())
	a.places = a.highest.Exactly(r.Scores, Again, r.Deviation)
	a.shares = slices.Grow(a.shares[:0], n*len(a.places))[:n*len(a.places)]
	a.values = slices.Grow(a.values[:0], n)[:n]
	a.sums, a.said = a.sums[:0], a.said[:0]
	for k, i := range a.places {
		clear(a.values)
		for s := range r.asked {
			asked := &r.asked[s]
			a.values[asked.signal] = (asked.values[i] - asked.mean) * asked.inverse
		}
		a.said = append(a.said, trees.Explain(a.values, a.shares[k*n:(k+1)*n]))
		a.sums = append(a.sums, r.Scores[i])
	}
	scale := Scale(a.sums, a.said)
	for i := range a.shares {
		a.shares[i] *= scale
	}
	for _, i := range a.places {
		a.parts = r.parts(a.parts[:0], int(i))
		r.Scores[i] = 0
		for _, part := range a.parts {
			r.Scores[i] += part.Value
		}
	}
}

// Scale returns by what to multiply what trees said of candidates, so that it deviates as much as their weighted sums do; 0
// where it does not differ.
func Scale(sums, said []float64) float64 {
	_, spread := moments.Of(sums)
	mean, deviation := moments.Of(said)
	if !differ(mean, deviation) {
		return 0
	}
	return spread / deviation
}
