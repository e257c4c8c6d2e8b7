package moments

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func random(n int) []float64 {
	r := rand.New(rand.NewPCG(uint64(n), 1))
	values := make([]float64, n)
	for i := range values {
		values[i] = 3 + r.NormFloat64()*math.Exp2(float64(r.IntN(6)))
	}
	return values
}

func TestOf(t *testing.T) {
	tests := map[string]struct {
		values          []float64
		mean, deviation float64
	}{
		"none":     {nil, 0, 0},
		"one":      {[]float64{7}, 7, 0},
		"by hand":  {[]float64{2, 4, 4, 4, 5, 5, 7, 9}, 5, 2},
		"constant": {slices.Repeat([]float64{.5}, 100), .5, 0},
		"a block":  {slices.Repeat([]float64{1, 3}, 8), 2, 1},
		"and more": {slices.Repeat([]float64{1, 3}, 25), 2, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if mean, deviation := Of(test.values); mean != test.mean || deviation != test.deviation {
				t.Errorf("mean %g, deviation %g", mean, deviation)
			}
		})
	}
	for _, n := range []int{1, 15, 16, 17, 500, 2136} {
		values := random(n)
		var sum, squares float64
		for _, v := range values {
			sum += v
		}
		for _, v := range values {
			squares += (v - sum/float64(n)) * (v - sum/float64(n))
		}
		mean, deviation := Of(values)
		if math.Abs(mean-sum/float64(n)) > 1e-12 || math.Abs(deviation-math.Sqrt(squares/float64(n))) > 1e-12 {
			t.Errorf("of %d values: mean %g, deviation %g", n, mean, deviation)
		}
	}
}

// Every kernel gives the same bits.
func TestKernels(t *testing.T) {
	for _, n := range []int{16, 32, 160, 2128} {
		values := random(n)
		var all [][]float64
		for _, k := range available() {
			out := random(n)
			sums, squares := k.sums(values), k.squares(values, 3.3)
			k.addStandardised(out, values, 3.3, .7, 1.9)
			near := random(n)
			k.addNear(near, values, 3.3, .01, .7)
			all = append(all, slices.Concat(sums[:], squares[:], out, near))
			if diff := cmp.Diff(all[0], all[len(all)-1]); diff != "" {
				t.Errorf("%d values: %s differs:\n%s", n, k.name, diff)
			}
		}
	}
}

// What is added to many is what is added to one.
func TestAddStandardised(t *testing.T) {
	for _, n := range []int{0, 1, 16, 21, 300} {
		values, out, want := random(n), make([]float64, n), make([]float64, n)
		for i := range out {
			out[i] = float64(i)
			want[i] = out[i] + Standardised(values[i], 2.5, .3, -4)
		}
		AddStandardised(out, values, 2.5, .3, -4)
		if diff := cmp.Diff(want, out); diff != "" {
			t.Errorf("%d values (-want +got):\n%s", n, diff)
		}
	}
}

// What is added to many is what the formula says of each.
func TestAddNear(t *testing.T) {
	for _, n := range []int{0, 1, 16, 21, 300} {
		values, out, want := random(n), make([]float64, n), make([]float64, n)
		for i := range out {
			out[i] = float64(i)
			want[i] = out[i] + 2/(1+math.Abs(values[i]-4)*.5)
		}
		AddNear(out, values, 4, .5, 2)
		if diff := cmp.Diff(want, out, cmpopts.EquateApprox(0, 1e-14)); diff != "" {
			t.Errorf("%d values (-want +got):\n%s", n, diff)
		}
	}
}

func BenchmarkOf(b *testing.B) {
	values := random(2136)
	for _, k := range available() {
		b.Run(fmt.Sprint(k.name), func(b *testing.B) {
			fastest = k
			defer func() { fastest = available()[0] }()
			for b.Loop() {
				Of(values)
			}
		})
	}
}

// What is left out changes nothing but the place that others stand at.
func TestWithout(t *testing.T) {
	values := []float64{1, 1e300, 3, math.NaN(), 5}
	mean, deviation := Without(values, []int32{1, 3})
	if mean != 3 || deviation != math.Sqrt(8./3) {
		t.Errorf("mean %g, deviation %g", mean, deviation)
	}
	if values[1] != mean || values[3] != mean {
		t.Errorf("%v: those left out are not the mean", values)
	}
	if mean, deviation := Without([]float64{7}, []int32{0}); mean != 0 || deviation != 0 {
		t.Errorf("of nothing: mean %g, deviation %g", mean, deviation)
	}
}
