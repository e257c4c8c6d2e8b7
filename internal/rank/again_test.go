package rank

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"resonance/internal/lambdamart"
	"resonance/internal/signal"
)

// trees ask for signals at random, by their places.
func trees(seed uint64, signals ...int) *lambdamart.Forest {
	r := rand.New(rand.NewPCG(seed, 1))
	f := &lambdamart.Forest{Features: signal.Names()}
	ask := func(right int) lambdamart.Node {
		return lambdamart.Node{Feature: signals[r.IntN(len(signals))], Threshold: r.NormFloat64(), Right: right, Value: r.NormFloat64()}
	}
	leaf := func() lambdamart.Node { return lambdamart.Node{Value: r.NormFloat64()} }
	for range 20 {
		f.Trees = append(f.Trees, lambdamart.Tree{ask(4), ask(3), leaf(), leaf(), ask(6), leaf(), leaf()})
	}
	return f
}

func scoreAgain(q *signal.Question, w Weights, f *lambdamart.Forest) *Ranking {
	r := new(Ranking)
	r.Score(q, w, f)
	return r
}

// The best hundred get what trees say, in the weighted sums' measure; the others keep their sums.
func TestTheBestAreRankedAgain(t *testing.T) {
	q, every := questionOf(4, 150), []int{2, 4, 6, 7, 8, 10, 13, 14}
	plain, again := score(q, Prior()), scoreAgain(q, Prior(), trees(1, every...))
	best := new(Highest).Exactly(plain.Scores, Again, plain.Deviation)
	if len(best) != Again {
		t.Fatalf("%d are best", len(best))
	}
	var sums, added []float64
	for i, sum := range plain.Scores {
		if !slices.Contains(best, int32(i)) {
			if again.Scores[i] != sum {
				t.Errorf("candidate %d is none of the best and has the score %g for %g", i, again.Scores[i], sum)
			}
			continue
		}
		sums, added = append(sums, sum), append(added, again.Scores[i]-sum)
	}
	if got := Scale(sums, added); math.Abs(got-1) > 1e-9 {
		t.Errorf("what trees add deviates %g times as much as the sums", 1/got)
	}
	if again.Deviation != plain.Deviation {
		t.Errorf("all scores deviate by %g, before by %g", again.Deviation, plain.Deviation)
	}
}

// By hand: one question to one signal, so that its part has all of what trees add.
func TestRankAgainByHand(t *testing.T) {
	q := question(5)
	fresh := place("freshness")
	f := &lambdamart.Forest{Features: signal.Names(), Trees: []lambdamart.Tree{{{Feature: fresh, Threshold: 0, Right: 2, Value: 3}, {Value: 2}, {Value: 5}}}}
	plain, again := score(q, Prior()), scoreAgain(q, Prior(), f)
	var said []float64
	for i := range q.Candidates {
		say := -1.
		for _, p := range plain.Parts(i) {
			if p.Name == "freshness" && p.Value > 0 {
				say = 2
			}
		}
		said = append(said, say)
	}
	scale := Scale(plain.Scores, said)
	for i := range q.Candidates {
		want := plain.Parts(i)
		for n := range want {
			if want[n].Name == "freshness" {
				want[n].Value += scale * said[i]
			}
		}
		if diff := cmp.Diff(want, again.Parts(i), cmpopts.EquateApprox(0, 1e-12)); diff != "" {
			t.Errorf("candidate %d (-want +got):\n%s", i, diff)
		}
	}
}

// With trees, too, the parts add up to the score to the last bit, in the order of signals.
func TestPartsOfTreesAddUpExactly(t *testing.T) {
	for seed := range uint64(20) {
		q := questionOf(seed, 150)
		again := scoreAgain(q, Prior(), trees(seed, 0, 1, 2, 6, 7, 8, 10, 13, 14, 15))
		for i, score := range again.Scores {
			var sum float64
			var names []string
			for _, part := range again.Parts(i) {
				sum += part.Value
				names = append(names, part.Name)
			}
			if sum != score || math.IsNaN(score) {
				t.Fatalf("parts add up to %g, the score is %g", sum, score)
			}
			if !slices.IsSortedFunc(names, func(a, b string) int { return place(a) - place(b) }) {
				t.Fatalf("parts %v", names)
			}
		}
	}
}

// Trees that ask for what has no weight, or says nothing, tell nobody apart: not even by a rounding.
func TestTreesAskWhatCounts(t *testing.T) {
	fresh := place("freshness")
	w := weights(map[string]float64{"freshness": 0})
	for name, f := range map[string]*lambdamart.Forest{
		"no weight": trees(2, fresh), "nothing is fitted": trees(2, place("ease"), place("factors")), "no trees": {Features: signal.Names()},
	} {
		plain, again := score(question(6), w), scoreAgain(question(6), w, f)
		if diff := cmp.Diff(plain.Scores, again.Scores); diff != "" {
			t.Errorf("%s (-without +with):\n%s", name, diff)
		}
	}
}

// A ranking that is used again remembers nothing, and the order of candidates is no part of a score.
func TestRankAgainForgets(t *testing.T) {
	f := trees(3, 6, 8, 10)
	used := scoreAgain(questionOf(8, 150), Prior(), f)
	used.Score(question(7), Prior(), nil)
	if diff := cmp.Diff(score(question(7), Prior()).Parts(3), used.Parts(3)); diff != "" {
		t.Errorf("without trees after a feed with them (-want +got):\n%s", diff)
	}
	used.Score(question(7), Prior(), f)
	q := question(7)
	slices.Reverse(q.Candidates)
	reversed := scoreAgain(q, Prior(), f)
	slices.Reverse(reversed.Scores)
	if diff := cmp.Diff(used.Scores, reversed.Scores, cmpopts.EquateApprox(1e-12, 1e-12)); diff != "" {
		t.Errorf("(-in order +reversed):\n%s", diff)
	}
}
