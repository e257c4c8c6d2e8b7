package minilm

import "math"

// kernels are the two loops in which nearly all time goes. Everything else of the forward
// pass is plain Go and shared. An implementation for another processor is one more function
// that returns them, and a case in fastest.
type kernels struct {
	// matmul sets dst[i][j] to the dot product of x[i] and w[j], that is dst = x·wᵀ.
	// dst is x.rows × w.rows, x.cols equals w.cols, and dst overlaps neither.
	matmul func(dst, x, w matrix)
	// exp sets every x to e^x. Every x is 0 or less; what would be below 1e-37 may become 0.
	exp func(x []float32)
}

// fastest returns the kernels to use on this processor.
func fastest() kernels {
	if vekAccelerated() {
		return vekKernels()
	}
	return pureKernels()
}

// blockFloats is how many weights stay in the first-level cache (32 KB or more) while all
// rows of x pass over them, with room for a row of x.
const blockFloats = 6 << 10

// blockRows is how many rows of w make a block; at least 1.
func blockRows(w matrix) int { return max(1, blockFloats/w.cols) }

// pureKernels run on any processor.
func pureKernels() kernels { return kernels{matmul: pureMatmul, exp: pureExp} }

func pureMatmul(dst, x, w matrix) {
	block := blockRows(w)
	for from := 0; from < w.rows; from += block {
		to := min(from+block, w.rows)
		for i := range x.rows {
			in, out := x.row(i), dst.row(i)
			for j := from; j < to; j++ {
				out[j] = dot(in, w.row(j))
			}
		}
	}
}

// dot returns the inner product of two vectors of equal length. Four sums run side by side,
// so that an addition need not wait for the one before it.
func dot(x, y []float32) float32 {
	y = y[:len(x)]
	var a, b, c, d float32
	for len(x) >= 4 {
		a += x[0] * y[0]
		b += x[1] * y[1]
		c += x[2] * y[2]
		d += x[3] * y[3]
		x, y = x[4:], y[4:]
	}
	for i := range x {
		a += x[i] * y[i]
	}
	return (a + b) + (c + d)
}

func pureExp(x []float32) {
	for i := range x {
		x[i] = float32(math.Exp(float64(x[i])))
	}
}
