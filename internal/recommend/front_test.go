package recommend

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
		m := &met{scores: make([]float64, r.IntN(200))}
		for i := range m.scores {
			m.scores[i] = float64(r.IntN(50) - 25) // many are equal
			if r.IntN(4) == 0 {
				m.scores[i] = math.Inf(-1)
			}
		}
		n := 1 + r.IntN(60)
		sorted := slices.Sorted(slices.Values(m.scores))
		least := math.Inf(-1)
		if n <= len(sorted) {
			least = sorted[len(sorted)-n]
		}
		want := []int32{}
		for i, score := range m.scores {
			if score >= least && !math.IsInf(score, -1) {
				want = append(want, int32(i))
			}
		}
		got := slices.Clone(m.highest(n, []float64{0, 1, 10, 100}[r.IntN(4)]))
		if !slices.Equal(got, want) {
			t.Fatalf("the %d highest of %v (-want +got):\n%s", n, m.scores, cmp.Diff(want, got))
		}
	}
}
