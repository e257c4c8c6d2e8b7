package rank

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The highest scores are those that sorting finds, equals of the last among them, however many stand out.
func TestHighest(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		scores := make([]float64, r.IntN(200))
		for i := range scores {
			scores[i] = float64(r.IntN(50) - 25) // many are equal
			if r.IntN(4) == 0 {
				scores[i] = math.Inf(-1)
			}
		}
		n := 1 + r.IntN(60)
		sorted := slices.Sorted(slices.Values(scores))
		least := math.Inf(-1)
		if n <= len(sorted) {
			least = sorted[len(sorted)-n]
		}
		want := []int32{}
		for i, score := range scores {
			if score >= least && !math.IsInf(score, -1) {
				want = append(want, int32(i))
			}
		}
		h, deviation := new(Highest), []float64{0, 1, 10, 100}[r.IntN(4)]
		if got := h.Of(scores, n, deviation); !slices.Equal(got, want) {
			t.Fatalf("the %d highest of %v (-want +got):\n%s", n, scores, cmp.Diff(want, got))
		}
		for len(want) > n { // of equals the first are kept
			last := len(want) - 1
			for scores[want[last]] > least {
				last--
			}
			want = slices.Delete(want, last, last+1)
		}
		if got := h.Exactly(scores, n, deviation); !slices.Equal(got, want) {
			t.Fatalf("exactly the %d highest of %v (-want +got):\n%s", n, scores, cmp.Diff(want, got))
		}
	}
}
