package dense

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
)

// positiveDefinite returns a random X X' + 2 I, n x n.
func positiveDefinite(n int) []float64 {
	random := rand.New(rand.NewPCG(uint64(n), 0))
	x := make([]float64, n*n)
	for i := range x {
		if random.IntN(5) == 0 {
			x[i] = 1
		}
	}
	a := make([]float64, n*n)
	for i := range n {
		for j := range n {
			for k := range n {
				a[i*n+j] += x[i*n+k] * x[j*n+k]
			}
		}
		a[i*n+i] += 2
	}
	return a
}

// TestInvert multiplies back, at sizes around those of panels and tiles.
func TestInvert(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 7, 8, 9, 13, panel - 1, panel, panel + 1, 2*panel - 4, 4*panel + 37} {
		a := positiveDefinite(n)
		lower := make([]float64, n*n)
		for i := range n {
			for j := range n {
				lower[i*n+j] = math.NaN()
				if j <= i {
					lower[i*n+j] = a[i*n+j]
				}
			}
		}
		if err := Invert(t.Context(), lower, n); err != nil {
			t.Fatal(err)
		}
		worst := 0.0
		for i := range n {
			for j := range n {
				x := 0.0
				for k := range n {
					x += a[i*n+k] * lower[k*n+j]
				}
				if i == j {
					x--
				}
				worst = max(worst, math.Abs(x))
			}
		}
		if !(worst < 1e-9) {
			t.Errorf("n = %d: a times its inverse is off by %v", n, worst)
		}
	}
}

func TestInvertByHand(t *testing.T) {
	a := []float64{4, math.NaN(), 2, 3} // the upper triangle is not read
	if err := Invert(t.Context(), a, 2); err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{3. / 8, -2. / 8, -2. / 8, 4. / 8} {
		if math.Abs(a[i]-want) > 1e-15 {
			t.Errorf("inverse = %v, want 1/8 of 3 -2 -2 4", a)
		}
	}
}

func BenchmarkInvert1000(b *testing.B) {
	a := positiveDefinite(1000)
	work := make([]float64, len(a))
	for b.Loop() {
		copy(work, a)
		if err := Invert(context.Background(), work, 1000); err != nil {
			b.Fatal(err)
		}
	}
}
