package vector

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// randomVector returns a vector of dim normal components.
func randomVector(r *rand.Rand, dim int) []float32 {
	v := make([]float32, dim)
	for i := range v {
		v[i] = float32(r.NormFloat64())
	}
	return v
}

func TestDotEqualsThePlainSum(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, dim := range []int{0, 1, 2, 7, 8, 9, 31, 33, 383, 384, 385} {
		a, b := randomVector(r, dim), randomVector(r, dim)
		var want float64
		for i := range a {
			want += float64(a[i]) * float64(b[i])
		}
		if got := Dot(a, b); math.Abs(float64(got)-want) > 1e-4 {
			t.Errorf("dim %d: Dot = %g, want %g", dim, got, want)
		}
	}
}

// Equal vectors give equal products wherever in memory they lie, else ties would not be ties.
func TestDotDoesNotDependOnAlignment(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	for _, dim := range []int{8, 45, 384} {
		a, b := randomVector(r, dim), randomVector(r, dim)
		want := Dot(a, b)
		for shift := range 9 {
			moved := append(make([]float32, shift, shift+dim), a...)[shift:]
			if got := Dot(moved, b); got != want {
				t.Errorf("dim %d, shifted by %d floats: %g, not %g", dim, shift, got, want)
			}
		}
	}
}

func TestAddScaled(t *testing.T) {
	sum := []float32{1, 2, 3}
	AddScaled(sum, -2, []float32{1, 0, -1})
	AddScaled(sum, 0, []float32{math.MaxFloat32, 1, 1})
	if diff := cmp.Diff([]float32{-1, 2, 5}, sum); diff != "" {
		t.Errorf("sum (-want +got):\n%s", diff)
	}
}

func TestNormalise(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	tests := map[string]struct {
		in, want []float32
		ok       bool
	}{
		"three, four":     {[]float32{3, -4}, []float32{.6, -.8}, true},
		"unit already":    {[]float32{0, 1}, []float32{0, 1}, true},
		"small":           {[]float32{3e-15, 4e-15}, []float32{.6, .8}, true},
		"large":           {[]float32{3e15, 4e15}, []float32{.6, .8}, true},
		"zero":            {[]float32{0, 0}, []float32{0, 0}, false},
		"empty":           {[]float32{}, []float32{}, false},
		"not a number":    {[]float32{nan, 1}, []float32{nan, 1}, false},
		"infinite":        {[]float32{inf, 1}, []float32{inf, 1}, false},
		"one dimension":   {[]float32{-7}, []float32{-1}, true},
		"negative zeroes": {[]float32{float32(math.Copysign(0, -1))}, []float32{0}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			ok := Normalise(test.in)
			if diff := cmp.Diff(test.want, test.in, cmpopts.EquateApprox(0, 1e-6), cmpopts.EquateNaNs()); diff != "" || ok != test.ok {
				t.Errorf("ok %t, want %t; vector (-want +got):\n%s", ok, test.ok, diff)
			}
		})
	}
}
