package learn

import (
	"math"
	"slices"
	"testing"
)

// A list gains 1 / log2(2 + how many come before) for each hit among the first ten, of what the best order would.
func TestGainByHand(t *testing.T) {
	falling := make([]float32, 12)
	for i := range falling {
		falling[i] = float32(-i)
	}
	second, tenth := 1/math.Log2(3), 1/math.Log2(11)
	tests := map[string]struct {
		scores []float32
		hits   []int
		wanted int
		want   float64
	}{
		"first":                    {[]float32{1, 5, 2}, []int{1}, 1, 1},
		"behind an equal":          {[]float32{5, 5, 2}, []int{1}, 1, second},
		"before an equal":          {[]float32{5, 5, 2}, []int{0}, 1, 1},
		"tenth":                    {falling, []int{9}, 1, tenth},
		"eleventh":                 {falling, []int{10}, 1, 0},
		"eleventh from the front":  {slices.Repeat([]float32{2, 1}, 10), []int{1}, 1, 0},
		"two of two":               {[]float32{1, 5, 2}, []int{1, 2}, 2, 1},
		"the second of two":        {[]float32{1, 5, 2}, []int{2}, 2, second / (1 + second)},
		"none of the wanted ones":  {[]float32{1, 5, 2}, nil, 1, 0},
		"eleven of eleven":         {falling, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 11, 1},
		"no numbers":               {slices.Repeat([]float32{float32(math.NaN())}, 12), []int{3}, 1, 0},
		"all alike, the last ones": {make([]float32, 12), []int{10, 11}, 2, 0},
	}
	for name, test := range tests {
		l := &list{hits: test.hits}
		l.Relevant = make([]int64, test.wanted)
		if got := l.gain(test.scores); math.Abs(got-test.want) > 1e-12 {
			t.Errorf("%s: %g, want %g", name, got, test.want)
		}
	}
}
