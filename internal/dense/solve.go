package dense

import "math"

// Solve replaces b by the solution x of a x = b, where a is symmetric positive definite,
// n x n and row-major, n = len(b). Of a the lower triangle is read, and overwritten by its
// Cholesky factor L, a = L L'. For small n: a fold-in's factors.
func Solve(a, b []float64) {
	n := len(b)
	for i := range n {
		for j := range i + 1 {
			x := a[i*n+j]
			for k := range j {
				x -= float64(a[i*n+k] * a[j*n+k])
			}
			if i == j {
				a[i*n+i] = math.Sqrt(x)
			} else {
				a[i*n+j] = x / a[j*n+j]
			}
		}
	}
	for i := range n { // L z = b
		for k := range i {
			b[i] -= float64(a[i*n+k] * b[k])
		}
		b[i] /= a[i*n+i]
	}
	for i := n - 1; i >= 0; i-- { // L' x = z
		for k := i + 1; k < n; k++ {
			b[i] -= float64(a[k*n+i] * b[k])
		}
		b[i] /= a[i*n+i]
	}
}
