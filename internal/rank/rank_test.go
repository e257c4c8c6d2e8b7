package rank

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"resonance/internal/catalog"
	"resonance/internal/collab"
	"resonance/internal/signal"
	"resonance/internal/vector"
)

const day = 24 * 60 * 60 * 1000 // milliseconds

func TestNormalise(t *testing.T) {
	tests := map[string]struct {
		in, want []float64
		differ   bool
	}{
		"nothing":           {[]float64{}, []float64{}, false},
		"one":               {[]float64{7}, []float64{0}, false},
		"by hand":           {[]float64{1, 3}, []float64{-1, 1}, true},
		"four":              {[]float64{2, 4, 4, 4, 5, 5, 7, 9}, []float64{-1.5, -.5, -.5, -.5, 0, 0, 1, 2}, true},
		"negative":          {[]float64{-1, -3}, []float64{1, -1}, true},
		"tiny":              {[]float64{1e-300, 3e-300}, []float64{0, 0}, false}, // their squares are 0
		"small":             {[]float64{1e-100, 3e-100}, []float64{-1, 1}, true},
		"constant":          {[]float64{7, 7, 7}, []float64{0, 0, 0}, false},
		"zeros":             {[]float64{0, 0}, []float64{0, 0}, false},
		"rounding":          {[]float64{.1, .1 + 1e-17, .1}, []float64{0, 0, 0}, false},
		"rounding of large": {[]float64{1e15, 1e15 + .125}, []float64{0, 0}, false},
		"huge":              {[]float64{math.MaxFloat64, -math.MaxFloat64}, []float64{0, 0}, false},
		"no number":         {[]float64{1, math.NaN(), 2}, []float64{0, 0, 0}, false},
		"infinite":          {[]float64{1, math.Inf(1), 2}, []float64{0, 0, 0}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if differ := Normalise(test.in); differ != test.differ {
				t.Errorf("they differ: %t", differ)
			}
			if diff := cmp.Diff(test.want, test.in, cmpopts.EquateApprox(0, 1e-12)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A sample that differs by what rounding left of zeros says nothing beside a candidate that is far from it.
func TestRoundingIsNoDifference(t *testing.T) {
	values := []float64{1e-17, -1e-17, 2e-3}
	if !apart(values, 0, 1e-17) {
		t.Errorf("values that are alike but for rounding differ: %v", values)
	}
	if values := []float64{1e-9, -1e-9, 2e-3}; apart(values, 0, 1e-9) {
		t.Errorf("one that stands out is apart: %v", values)
	}
}

// Whatever is normalised has mean 0 and deviation 1, keeps its order, and does not notice another
// unit or another zero.
func TestNormalisedValues(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		values, moved := make([]float64, 2+r.IntN(500)), []float64(nil)
		for i := range values {
			values[i] = r.NormFloat64() * math.Exp2(float64(r.IntN(5)))
		}
		scale, zero := math.Exp(r.NormFloat64()*10), r.NormFloat64()*10
		for _, v := range values {
			moved = append(moved, (v+zero)*scale)
		}
		before := slices.Clone(values)
		Normalise(values)
		Normalise(moved)
		var sum, squares float64
		for i, v := range values {
			sum, squares = sum+v, squares+v*v
			if math.Abs(moved[i]-v) > 1e-9 {
				t.Fatalf("%g at one scale is %g at another", v, moved[i])
			}
			if (before[i] < before[0]) != (v < values[0]) {
				t.Fatalf("%g and %g changed places", before[i], before[0])
			}
		}
		if n := float64(len(values)); math.Abs(sum) > 1e-9*n || math.Abs(squares-n) > 1e-9*n {
			t.Fatalf("mean %g, variance %g", sum/n, squares/n)
		}
	}
}

// question is forty posts, a few users' rows, and a user with a history.
func question(seed uint64) *signal.Question { return questionOf(seed, 40) }

// questionOf is the same of more posts.
func questionOf(seed uint64, posts int) *signal.Question {
	r := rand.New(rand.NewPCG(seed, 9))
	index := new(catalog.Index)
	q := &signal.Question{Now: 30 * day}
	q.Embeddings = new(vector.Index)
	var vectors [][]float32
	for id := range int64(posts) {
		o := index.Put(catalog.Features{
			ID: id + 1, CreatedAt: r.Int64N(30) * day, Public: true, Author: fmt.Sprint(r.IntN(9)), Category: fmt.Sprint(r.IntN(4)),
			Counters: catalog.Counters{Upvotes: r.Int64N(50), Views: r.Int64N(500)},
		}, 1)
		angle := r.Float64() * 2 * math.Pi
		q.Candidates = append(q.Candidates, o)
		vectors = append(vectors, []float32{float32(math.Cos(angle)), float32(math.Sin(angle))})
		q.Embeddings.Put(o, vectors[o], 1)
	}
	q.Catalog, q.Crowd = index, signal.NewCrowd(signal.DefaultSettings(), 29*day)
	for user := range int64(10) {
		var row []collab.Touch
		for _, item := range r.Perm(posts)[:8] {
			row = append(row, collab.Touch{Item: int32(item), At: 20*day + int64(len(row))*day})
		}
		q.Crowd.Put(index, user+1, row)
	}
	for _, o := range r.Perm(posts)[:5] {
		q.Crowd.Rate(catalog.Ordinal(o), 60, 2)
		q.History = append(q.History, signal.Touch{Post: catalog.Ordinal(o), Weight: 1, Vector: vectors[o], Seen: true})
	}
	return q
}

func score(q *signal.Question, w Weights) *Ranking {
	r := new(Ranking)
	r.Score(q, w, nil)
	return r
}

// weights returns equal weights but for those named.
func weights(named map[string]float64) Weights {
	w := Prior()
	for i, s := range signal.All() {
		if x, ok := named[s.Name]; ok {
			w[i] = x
		}
	}
	return w
}

// only returns weights of 0 but for those named.
func only(named map[string]float64) Weights {
	w := make(Weights, len(Prior()))
	for i, s := range signal.All() {
		w[i] = named[s.Name]
	}
	return w
}

// Two signals by hand: ages of 0, 1 and 2 half-lives and ratings far above, far below and of
// everyone's mean.
func TestScoreByHand(t *testing.T) {
	index := new(catalog.Index)
	q := &signal.Question{World: signal.World{Catalog: index, Crowd: signal.NewCrowd(signal.DefaultSettings(), 0)}}
	for id := range int64(3) {
		q.Candidates = append(q.Candidates, index.Put(catalog.Features{ID: id, CreatedAt: -id * day, Public: true}, 1))
	}
	q.Crowd.Rate(0, 10, 1)
	q.Crowd.Rate(1, 90, 1)
	// Freshness 1, .5, .25: mean 7/12, deviation sqrt(14)/12. Quality 510/11, 590/11, 50 = 550/11: deviation sqrt(3200/3)/11.
	fresh := []float64{5 / math.Sqrt(14), -1 / math.Sqrt(14), -4 / math.Sqrt(14)}
	good := []float64{-math.Sqrt(1.5), math.Sqrt(1.5), 0}
	r := score(q, only(map[string]float64{"freshness": 2, "quality": .5, "popularity": 9}))
	for i := range 3 {
		want := []Part{{"freshness", 2 * fresh[i]}, {"quality", .5 * good[i]}}
		if diff := cmp.Diff(want, r.Parts(i), cmpopts.EquateApprox(0, 1e-12)); diff != "" {
			t.Errorf("parts of candidate %d (-want +got):\n%s", i, diff)
		}
		if want := 2*fresh[i] + .5*good[i]; math.Abs(r.Scores[i]-want) > 1e-12 {
			t.Errorf("candidate %d has the score %g, want %g", i, r.Scores[i], want)
		}
	}
	// The two are uncorrelated but for the one third in which they disagree.
	variance := 4 + .25
	for i := range 3 {
		variance += 2 * 2 * .5 * fresh[i] * good[i] / 3
	}
	if got := r.Deviation; math.Abs(got-math.Sqrt(variance)) > 1e-12 {
		t.Errorf("the scores deviate by %g, want %g", got, math.Sqrt(variance))
	}
}

// A client that adds the named parts in their order gets the score to the last bit.
func TestPartsAddUpExactly(t *testing.T) {
	r := rand.New(rand.NewPCG(12, 1))
	for seed := range uint64(20) {
		w := Prior()
		for i := range w {
			w[i] = r.NormFloat64() * math.Exp2(float64(r.IntN(20)-10))
		}
		ranking := score(question(seed), w)
		for i, score := range ranking.Scores {
			var sum float64
			var names []string
			for _, part := range ranking.Parts(i) {
				sum += part.Value
				names = append(names, part.Name)
			}
			if sum != score {
				t.Fatalf("parts add up to %g, the score is %g", sum, score)
			}
			inOrder := slices.IsSortedFunc(names, func(a, b string) int { return place(a) - place(b) })
			if !inOrder || len(names) < 8 {
				t.Fatalf("parts %v", names)
			}
		}
	}
}

func place(name string) int {
	return slices.IndexFunc(signal.All(), func(s signal.Signal) bool { return s.Name == name })
}

// A signal that is not asked for and one that finds all posts alike have no part and change no
// score, whatever the weight.
func TestWhatSaysNothingCountsNothing(t *testing.T) {
	without := score(question(1), weights(map[string]float64{"freshness": 0, "ease": 0, "neighbours": 0, "factors": 0}))
	with := score(question(1), weights(map[string]float64{"freshness": 0, "ease": 100, "neighbours": -3, "factors": 1e9})) // nothing is fitted
	if diff := cmp.Diff(without.Scores, with.Scores); diff != "" {
		t.Errorf("scores (-without +with):\n%s", diff)
	}
	for _, r := range []*Ranking{without, with} {
		for _, part := range r.Parts(0) {
			if slices.Contains([]string{"freshness", "ease", "neighbours", "factors"}, part.Name) {
				t.Errorf("%s has the part %g", part.Name, part.Value)
			}
		}
	}
	q := question(1)
	q.Candidates = q.Candidates[:1]
	if r := score(q, Prior()); len(r.Parts(0)) != 0 || r.Scores[0] != 0 || r.Deviation != 0 {
		t.Errorf("a post alone has the parts %v", r.Parts(0))
	}
	q.Candidates = nil
	if r := score(q, Prior()); len(r.Scores) != 0 || r.Deviation != 0 {
		t.Errorf("no posts have the scores %v", r.Scores)
	}
}

// Weighing twice as much makes a part twice as large and leaves the others.
func TestWeightsScaleParts(t *testing.T) {
	one, two := score(question(2), Prior()), score(question(2), weights(map[string]float64{"taste": 2}))
	for i := range one.Scores {
		want := one.Parts(i)
		for n := range want {
			if want[n].Name == "taste" {
				want[n].Value *= 2
			}
		}
		if diff := cmp.Diff(want, two.Parts(i)); diff != "" {
			t.Fatalf("candidate %d (-want +got):\n%s", i, diff)
		}
	}
}

// The order of candidates is no part of a score.
func TestScoresIgnoreTheOrderOfCandidates(t *testing.T) {
	q := question(3)
	one := score(q, Prior())
	slices.Reverse(q.Candidates)
	other := score(q, Prior())
	slices.Reverse(other.Scores)
	if diff := cmp.Diff(one.Scores, other.Scores, cmpopts.EquateApprox(1e-12, 0)); diff != "" {
		t.Errorf("(-in order +reversed):\n%s", diff)
	}
}

// Signals of a family count alike.
func TestPrior(t *testing.T) {
	w, families := Prior(), map[signal.Family]float64{}
	for i, s := range signal.All() {
		if x, met := families[s.Family]; met && x != w[i] || w[i] <= 0 {
			t.Errorf("%s counts %v, others of its family %v", s.Name, w[i], x)
		}
		families[s.Family] = w[i]
	}
	w[0] = 5
	if Prior()[0] != 1 {
		t.Error("weights are shared")
	}
}
