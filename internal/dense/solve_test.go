package dense

import (
	"math"
	"testing"
)

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
		Solve(a, b)
		for i := range n {
			if math.Abs(b[i]-want[i]) > 1e-8 {
				t.Errorf("n = %d: x[%d] = %v, want %v", n, i, b[i], want[i])
			}
		}
	}
}
