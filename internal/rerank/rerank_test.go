package rerank

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func unseen(id int64, score float64) Scored { return Scored{PostID: id, Score: score} }
func seen(id, at int64, score float64) Scored {
	return Scored{PostID: id, SeenAt: at, Score: score, Seen: true}
}

func TestOrder(t *testing.T) {
	tests := map[string]struct {
		candidates []Scored
		k          int
		want       []int64
	}{
		"nothing":               {nil, 10, []int64{}},
		"best first":            {[]Scored{unseen(1, .1), unseen(2, .3), unseen(3, .2)}, 10, []int64{2, 3, 1}},
		"only k":                {[]Scored{unseen(1, .1), unseen(2, .3), unseen(3, .2)}, 2, []int64{2, 3}},
		"k is 0":                {[]Scored{unseen(1, .1)}, 0, []int64{}},
		"equal scores by id":    {[]Scored{unseen(math.MaxInt32, .5), unseen(7, .5), unseen(2, .5)}, 10, []int64{2, 7, math.MaxInt32}},
		"negative scores":       {[]Scored{unseen(1, -.5), unseen(2, -.1), unseen(3, 0)}, 10, []int64{3, 2, 1}},
		"zeros of both signs":   {[]Scored{unseen(2, 0), unseen(1, math.Copysign(0, -1))}, 10, []int64{1, 2}},
		"unseen before seen":    {[]Scored{seen(1, 5, .9), unseen(2, -.9)}, 10, []int64{2, 1}},
		"seen, longest ago":     {[]Scored{seen(1, 5, .9), seen(2, -5, .1), seen(3, 0, .5)}, 10, []int64{2, 3, 1}},
		"seen together, by id":  {[]Scored{seen(9, 5, .9), seen(3, 5, .1)}, 10, []int64{3, 9}},
		"SeenAt without Seen":   {[]Scored{{PostID: 1, SeenAt: -99, Score: .1}, unseen(2, .2)}, 10, []int64{2, 1}},
		"seen at the last time": {[]Scored{seen(1, math.MaxInt64, 0), seen(2, math.MinInt64, 0)}, 10, []int64{2, 1}},
		"as many seen as fit":   {[]Scored{seen(1, 2, 0), seen(2, 1, 0), unseen(3, 0)}, 2, []int64{3, 2}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			ids := []int64{}
			for _, s := range Order(test.candidates, test.k) {
				ids = append(ids, s.PostID)
			}
			if diff := cmp.Diff(test.want, ids); diff != "" {
				t.Errorf("order (-want +got):\n%s", diff)
			}
		})
	}
}

// The order is total: whatever order candidates come in, they leave in the same one.
func TestOrderIsTotal(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 13))
	scores := []float64{0, .25, .5, -.5, math.Inf(1), math.NaN()}
	candidates := make([]Scored, 60)
	for i := range candidates {
		candidates[i] = Scored{PostID: int64(i), Score: scores[r.IntN(len(scores))], Seen: r.IntN(2) == 0, SeenAt: r.Int64N(4)}
	}
	want := append([]Scored(nil), Order(candidates, len(candidates))...)
	for range 50 {
		r.Shuffle(len(candidates), func(i, j int) { candidates[i], candidates[j] = candidates[j], candidates[i] })
		for i, got := range Order(candidates, 60) {
			if got.PostID != want[i].PostID {
				t.Fatalf("place %d holds post %d, held %d", i, got.PostID, want[i].PostID)
			}
		}
	}
}
