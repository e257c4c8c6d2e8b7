package lambdamart

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// Every kernel counts the same, to the last bit.
func TestKernels(t *testing.T) {
	const rows = 3*256 + 7
	for _, features := range []int{1, 7, 8, 9, 16, 19} {
		r := rand.New(rand.NewPCG(5, uint64(features)))
		binned, slopes := make([]uint8, rows*features), make([]slope, rows)
		for i := range binned {
			binned[i] = uint8(r.IntN(256)) // beyond bins too, which count modulo bins
		}
		for i := range slopes {
			slopes[i] = slope{r.NormFloat64(), r.Float64()}
		}
		before := make([][bins]cell, features)
		before[features-1][bins-1] = cell{slope: slope{3, 4}, rows: 5}
		for _, n := range []int{1, 2, 256, 257, rows} {
			some := make([]int32, n)
			for i, row := range r.Perm(rows)[:n] {
				some[i] = int32(row)
			}
			want, wantSum := slices.Clone(before), cell{slope: slope{1, 2}, rows: 7}
			portableCount(want, &wantSum, binned, slopes, some)
			for _, k := range available() {
				got, sum := slices.Clone(before), cell{slope: slope{1, 2}, rows: 7}
				k.count(got, &sum, binned, slopes, some)
				if !slices.Equal(got, want) || sum != wantSum {
					t.Errorf("%s: %d rows of %d features are counted differently", k.name, n, features)
				}
			}
		}
	}
}

// A row beyond those that there are is a mistake that is found, not read.
func TestCountPanicsBeyondRows(t *testing.T) {
	for _, k := range available() {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", k.name)
				}
			}()
			k.count(make([][bins]cell, 1), new(cell), make([]uint8, 2), make([]slope, 2), []int32{0, 2})
		}()
	}
}
