package rerank

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"resonance/internal/catalog"
	"resonance/internal/rank"
)

func unseen(id int64, score float64) Candidate        { return Candidate{PostID: id, Score: score} }
func by(author catalog.Name, c Candidate) Candidate   { c.Author = author; return c }
func in(category catalog.Name, c Candidate) Candidate { c.Category = category; return c }
func at(degrees float64, c Candidate) Candidate {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	c.Vector = []float32{float32(cos), float32(sin)}
	return c
}
func ignored(times int, c Candidate) Candidate { c.Ignored = times; return c }

func ids(picks []Pick) []int64 {
	ids := []int64{}
	for _, p := range picks {
		ids = append(ids, p.PostID)
	}
	return ids
}

// Whatever variety is worth, these are settled.
func TestOrder(t *testing.T) {
	tests := map[string]struct {
		candidates []Candidate
		k          int
		want       []int64
	}{
		"nothing":             {nil, 10, []int64{}},
		"best first":          {[]Candidate{unseen(1, .1), unseen(2, .3), unseen(3, .2)}, 10, []int64{2, 3, 1}},
		"only k":              {[]Candidate{unseen(1, .1), unseen(2, .3), unseen(3, .2)}, 2, []int64{2, 3}},
		"k is 0":              {[]Candidate{unseen(1, .1)}, 0, []int64{}},
		"equal scores by id":  {[]Candidate{unseen(math.MaxInt32, .5), unseen(7, .5), unseen(2, .5)}, 10, []int64{2, 7, math.MaxInt32}},
		"negative scores":     {[]Candidate{unseen(1, -.5), unseen(2, -.1), unseen(3, 0)}, 10, []int64{3, 2, 1}},
		"zeros of both signs": {[]Candidate{unseen(2, 0), unseen(1, math.Copysign(0, -1))}, 10, []int64{1, 2}},
		"no numbers come last": {
			[]Candidate{unseen(1, math.NaN()), unseen(2, math.Inf(-1)), unseen(3, 0), unseen(4, math.Inf(1))}, 10, []int64{4, 3, 2, 1},
		},
	}
	for name, test := range tests {
		for _, o := range []Options{{}, {Diversity: DefaultDiversity, Deviation: 1}, {Diversity: 1, Deviation: 3}} {
			t.Run(fmt.Sprintf("%s, diversity %g", name, o.Diversity), func(t *testing.T) {
				if diff := cmp.Diff(test.want, ids(Order(slices.Clone(test.candidates), test.k, o))); diff != "" {
					t.Errorf("order (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// What variety and ignored impressions cost, by hand, with their parts.
func TestAdjustmentsByHand(t *testing.T) {
	full := Options{Diversity: 1, Deviation: 2}
	type place struct {
		ID    int64
		Score float64
		Parts []rank.Part
	}
	variety := func(v float64) []rank.Part { return []rank.Part{{Name: Variety, Value: v}} }
	tests := map[string]struct {
		candidates []Candidate
		options    Options
		want       []place
	}{
		"without diversity nothing is lost": {
			[]Candidate{by(1, in(1, at(0, unseen(1, 3)))), by(1, in(1, at(0, unseen(2, 2.9))))}, Options{Deviation: 2},
			[]place{{1, 3, nil}, {2, 2.9, nil}},
		},
		"an author again": {
			[]Candidate{by(1, unseen(1, 3)), by(1, unseen(2, 2.5)), by(2, unseen(3, 1.6)), by(1, unseen(4, 1.4))}, full,
			[]place{{1, 3, nil}, {3, 1.6, nil}, {2, 1.5, variety(-1)}, {4, 1.4 - 2, variety(-2)}},
		},
		"an author again, where the score justifies it": {
			[]Candidate{by(1, unseen(1, 3)), by(1, unseen(2, 2.7)), by(2, unseen(3, 1.6))}, full,
			[]place{{1, 3, nil}, {2, 1.7, variety(-1)}, {3, 1.6, nil}},
		},
		"a category again": {
			[]Candidate{in(1, unseen(1, 3)), in(1, unseen(2, 2)), in(2, unseen(3, 1.9))}, full,
			[]place{{1, 3, nil}, {3, 1.9, nil}, {2, 1.8, variety(-.2)}},
		},
		"no author and no category are nobody's and nothing's": {
			[]Candidate{unseen(1, 3), unseen(2, 2), by(1, in(1, unseen(3, 1.9)))}, full,
			[]place{{1, 3, nil}, {2, 2, nil}, {3, 1.9, nil}},
		},
		"the same again": {
			[]Candidate{at(0, unseen(1, 3)), at(0, unseen(2, 2.9)), at(60, unseen(3, 2.1)), at(90, unseen(4, .95))}, full,
			// A cosine of 1/2 costs 1, one of 1 costs 2; of the last the likest counts: cos 30.
			[]place{{1, 3, nil}, {3, 1.1, variety(-1)}, {2, .9, variety(-2)}, {4, .95 - math.Sqrt(3), variety(-math.Sqrt(3))}},
		},
		"the opposite is no gain": {
			[]Candidate{at(0, unseen(1, 3)), at(180, unseen(2, 2))}, full,
			[]place{{1, 3, nil}, {2, 2, nil}},
		},
		"half the diversity, half the cost": {
			[]Candidate{by(1, at(0, unseen(1, 3))), by(1, at(0, unseen(2, 2)))}, Options{Diversity: .5, Deviation: 2},
			[]place{{1, 3, nil}, {2, .5, variety(-1.5)}},
		},
		"vectors of other dimensions are unlike": {
			[]Candidate{at(0, unseen(1, 3)), {PostID: 2, Score: 2, Vector: []float32{1}}, unseen(3, 1)}, full,
			[]place{{1, 3, nil}, {2, 2, nil}, {3, 1, nil}},
		},
		"ignored once and often": {
			[]Candidate{ignored(1, unseen(1, 3)), unseen(2, 2.6), ignored(8, unseen(3, 5)), ignored(999, unseen(4, 5))}, Options{Deviation: 2},
			[]place{
				{2, 2.6, nil}, {1, 2.5, []rank.Part{{Name: Ignored, Value: -.5}}},
				{3, 1, []rank.Part{{Name: Ignored, Value: -4}}}, {4, 1, []rank.Part{{Name: Ignored, Value: -4}}},
			},
		},
		"ignored, and of the same author": {
			[]Candidate{by(1, unseen(1, 3)), by(1, ignored(2, unseen(2, 2)))}, full,
			[]place{{1, 3, nil}, {2, 0, []rank.Part{{Name: Ignored, Value: -1}, {Name: Variety, Value: -1}}}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var got []place
			for _, p := range Order(test.candidates, 10, test.options) {
				got = append(got, place{p.PostID, p.Score, p.Parts})
			}
			if diff := cmp.Diff(test.want, got, cmpopts.EquateApprox(0, 1e-6)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// chance returns candidates at random, with ties in everything.
func chance(r *rand.Rand, n int) []Candidate {
	candidates := make([]Candidate, n)
	for i := range candidates {
		c := Candidate{
			Place: i, PostID: int64(i + 1), Score: math.Round(r.NormFloat64()*4) / 4, Author: catalog.Name(r.IntN(5)), Category: catalog.Name(r.IntN(3)),
			Ignored: max(0, r.IntN(12)-8),
		}
		if r.IntN(5) > 0 {
			c = at(float64(r.IntN(24)*15), c)
		}
		candidates[i] = c
	}
	return candidates
}

// every option and size at which properties are checked.
func chances(check func(r *rand.Rand, candidates []Candidate, o Options)) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 13))
		for _, n := range []int{0, 1, 7, 60, 150} {
			check(r, chance(r, n), Options{Diversity: []float64{0, .1, .5, 1}[seed%4], Deviation: []float64{0, .3, 1, 10}[seed/4%4]})
		}
	}
}

// The order is total: whatever order candidates come in, they leave in the same one.
func TestOrderIsTotal(t *testing.T) {
	chances(func(r *rand.Rand, candidates []Candidate, o Options) {
		want := Order(slices.Clone(candidates), 100, o)
		r.Shuffle(len(candidates), func(i, j int) { candidates[i], candidates[j] = candidates[j], candidates[i] })
		if diff := cmp.Diff(want, Order(candidates, 100, o)); diff != "" {
			t.Fatalf("%+v (-in order +shuffled):\n%s", o, diff)
		}
	})
}

// A shorter feed is the head of a longer one.
func TestShorterOrderIsAPrefix(t *testing.T) {
	chances(func(_ *rand.Rand, candidates []Candidate, o Options) {
		long := Order(slices.Clone(candidates), 100, o)
		for _, k := range []int{0, 1, 2, 10, 41, 99} {
			if diff := cmp.Diff(long[:min(k, len(long))], Order(slices.Clone(candidates), k, o), cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("%+v, %d of %d (-want +got):\n%s", o, k, len(candidates), diff)
			}
		}
	})
}

// Every place holds another post, as many as there are; scores never rise; and what parts say is what became of the
// score.
func TestOrderKeepsItsBounds(t *testing.T) {
	chances(func(_ *rand.Rand, candidates []Candidate, o Options) {
		before := slices.Clone(candidates)
		picks := Order(slices.Clone(candidates), 100, o)
		if len(picks) != min(100, len(candidates)) {
			t.Fatalf("%d picks of %d candidates", len(picks), len(candidates))
		}
		known := map[int64]bool{}
		for i, p := range picks {
			if known[p.PostID] {
				t.Fatalf("post %d comes twice", p.PostID)
			}
			known[p.PostID] = true
			if i > 0 && p.Score > picks[i-1].Score {
				t.Fatalf("place %d: score %g after score %g", i, p.Score, picks[i-1].Score)
			}
			sum := before[p.Place].Score
			for _, part := range p.Parts {
				sum += part.Value
				if part.Value >= 0 {
					t.Fatalf("%+v gains", part)
				}
			}
			if math.Abs(sum-p.Score) > 1e-9 {
				t.Fatalf("post %d: %g and %v make %g, not %g", p.PostID, before[p.Place].Score, p.Parts, sum, p.Score)
			}
		}
	})
}

// Seen posts stand behind the others as they come, whatever they score, and their part says so.
func TestAgain(t *testing.T) {
	for name, test := range map[string]struct {
		scores []float64
		want   []float64
	}{
		"behind nothing": {nil, []float64{-1, -2}}, "behind good ones": {[]float64{3, .5}, []float64{3, .5, -1, -2}}, "behind bad ones": {[]float64{3, -7}, []float64{3, -7, -8, -9}},
	} {
		t.Run(name, func(t *testing.T) {
			var picks []Pick
			for i, score := range test.scores {
				picks = append(picks, Pick{Candidate: unseen(int64(10+i), score), Score: score})
			}
			var scores []float64
			for i, p := range Again(picks, []Candidate{unseen(2, 99), unseen(1, 999)}) {
				scores = append(scores, p.Score)
				if again := i >= len(test.scores); p.Seen != again || again && (p.PostID != int64(2-i+len(test.scores)) || len(p.Parts) != 1 || p.Parts[0] != rank.Part{Name: Seen, Value: p.Score}) {
					t.Errorf("place %d: %+v", i, p)
				}
			}
			if diff := cmp.Diff(test.want, scores); diff != "" {
				t.Errorf("scores (-want +got):\n%s", diff)
			}
		})
	}
}

// More diversity, more authors in a page.
func TestDiversityDiversifies(t *testing.T) {
	least := map[float64]int{}
	for _, diversity := range []float64{0, .1, .5, 1} {
		r, authors := rand.New(rand.NewPCG(3, 3)), 0
		for range 50 {
			var candidates []Candidate
			for id := range int64(100) { // the best are of few authors
				candidates = append(candidates, by(catalog.Name(1+id/10+int64(r.IntN(2))), unseen(id, -float64(id)/30+r.NormFloat64()/4)))
			}
			distinct := map[catalog.Name]bool{}
			for _, p := range Order(candidates, 10, Options{Diversity: diversity, Deviation: 1}) {
				distinct[p.Author] = true
			}
			authors += len(distinct)
		}
		least[diversity] = authors
	}
	if !(least[0] < least[.1] && least[.1] < least[.5] && least[.5] < least[1]) {
		t.Errorf("authors in fifty pages of ten, by diversity: %v", least)
	}
}
