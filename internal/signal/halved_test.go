package signal

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestHalved(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	values := []float64{0, 1, 2, .5, 1 - 1e-16, 1021.999, 1. / 256, 3. / 256}
	for range 10_000 {
		values = append(values, 1021*math.Pow(r.Float64(), 8))
	}
	for _, x := range values {
		if got, want := halved(x), math.Exp2(-x); math.Abs(got/want-1) > 3e-12 {
			t.Errorf("halved(%v) = %g, want %g", x, got, want)
		}
	}
	for _, x := range []float64{1022, 1e300, math.Inf(1)} {
		if got := halved(x); got != 0 {
			t.Errorf("halved(%g) = %g", x, got)
		}
	}
	if halved(0) != 1 || halved(3) != .125 {
		t.Errorf("whole halvings: %g, %g", halved(0), halved(3))
	}
}
