package collab

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

// TestInvert multiplies back, at sizes around the widths of panel and tile.
func TestInvert(t *testing.T) {
	for _, n := range []int{0, 1, 2, 63, 64, 65, panelWidth - 1, panelWidth, panelWidth + 1, 2*panelWidth + 37} {
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
		if err := invert(t.Context(), lower, n); err != nil {
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
	if err := invert(t.Context(), a, 2); err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{3. / 8, -2. / 8, -2. / 8, 4. / 8} {
		if math.Abs(a[i]-want) > 1e-15 {
			t.Errorf("inverse = %v, want 1/8 of 3 -2 -2 4", a)
		}
	}
}

func TestSolve(t *testing.T) {
	for _, n := range []int{1, 2, 9, 32} {
		a := positiveDefinite(n)
		want, b := make([]float64, n), make([]float64, n)
		for i := range n {
			want[i] = float64(i) - 3
		}
		for i := range n {
			for j := range n {
				b[i] += a[i*n+j] * want[j]
			}
		}
		solve(a, b)
		for i := range n {
			if math.Abs(b[i]-want[i]) > 1e-8 {
				t.Errorf("n = %d: x[%d] = %v, want %v", n, i, b[i], want[i])
			}
		}
	}
}

func BenchmarkInvert1000(b *testing.B) {
	a := positiveDefinite(1000)
	work := make([]float64, len(a))
	for b.Loop() {
		copy(work, a)
		if err := invert(context.Background(), work, 1000); err != nil {
			b.Fatal(err)
		}
	}
}
