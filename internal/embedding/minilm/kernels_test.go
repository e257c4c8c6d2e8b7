package minilm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// everyKernel runs test on each set of kernels that this processor can run.
func everyKernel(t *testing.T, test func(t *testing.T, k kernels)) {
	t.Run("pure", func(t *testing.T) { test(t, pureKernels()) })
	t.Run("vek", func(t *testing.T) {
		if !vekAccelerated() {
			t.Skip("needs a processor with AVX2 and FMA")
		}
		test(t, vekKernels())
	})
}

func random(rows, cols int) matrix {
	r := rand.New(rand.NewPCG(uint64(rows), uint64(cols)))
	m := newMatrix(rows, cols)
	for i := range m.data {
		m.data[i] = float32(r.NormFloat64())
	}
	return m
}

func TestMatmul(t *testing.T) {
	shapes := []struct{ n, inner, outputs int }{
		{1, 1, 1}, {1, 3, 2}, {2, 32, 5}, {5, 33, 7}, {32, 384, 40}, {3, 1536, 9}, {2, blockFloats + 1, 3},
	}
	everyKernel(t, func(t *testing.T, k kernels) {
		for _, s := range shapes {
			t.Run(fmt.Sprintf("%dx%dx%d", s.n, s.inner, s.outputs), func(t *testing.T) {
				// Views into wider matrices, so that strides count.
				x := random(s.n+2, s.inner+3).rowsFrom(1, s.n+1).colsFrom(2, s.inner+2)
				w := random(s.outputs+1, s.inner+5).rowsFrom(0, s.outputs).colsFrom(1, s.inner+1)
				whole := random(s.n+1, s.outputs+2)
				before := append([]float32(nil), whole.data...)
				dst := whole.rowsFrom(0, s.n).colsFrom(1, s.outputs+1)
				k.matmul(dst, x, w)
				for i := range s.n {
					for j := range s.outputs {
						var want, magnitude float64
						for c, v := range x.row(i) {
							product := float64(v) * float64(w.row(j)[c])
							want += product
							magnitude += math.Abs(product)
						}
						if got := float64(dst.row(i)[j]); math.Abs(got-want) > 1e-6*magnitude {
							t.Fatalf("entry %d, %d is %g, want %g", i, j, got, want)
						}
						before[i*whole.stride+1+j] = dst.row(i)[j]
					}
				}
				for i, v := range whole.data {
					if v != before[i] {
						t.Fatalf("number %d, outside dst, was written", i)
					}
				}
			})
		}
	})
}

func TestExp(t *testing.T) {
	everyKernel(t, func(t *testing.T, k kernels) {
		for length := 1; length < 20; length++ {
			x := make([]float32, length)
			for start := float32(0); start > -130; start -= 0.37 {
				for i := range x {
					x[i] = start - float32(i)*0.013
				}
				k.exp(x)
				for i, got := range x {
					want := math.Exp(float64(start - float32(i)*0.013))
					if miss := math.Abs(float64(got) - want); miss > 1e-5*want+1e-37 || got < 0 {
						t.Fatalf("e^%g is %g, want %g", start-float32(i)*0.013, got, want)
					}
				}
			}
		}
		far := []float32{float32(math.Inf(-1)), -1e30, -1000, -105, -104, -103, -100, -90, 0}
		k.exp(far)
		for i, v := range far {
			if want := float32(i / 8); math.Abs(float64(v-want)) > 1e-37 {
				t.Errorf("number %d is %g, want %g", i, v, want)
			}
		}
	})
}

func TestGELU(t *testing.T) {
	everyKernel(t, func(t *testing.T, k kernels) {
		x, buffer := make([]float32, 4001), make([]float32, 4001)
		for i := range x {
			x[i] = float32(i-2000) / 100
		}
		gelu(k, x, buffer)
		for i, got := range x {
			v := float64(float32(i-2000) / 100)
			want := v / 2 * (1 + math.Erf(v/math.Sqrt2))
			if math.Abs(float64(got)-want) > 1e-6*max(1, math.Abs(v)) {
				t.Errorf("gelu(%g) is %g, want %g", v, got, want)
			}
		}
	})
}

func TestSoftmax(t *testing.T) {
	tests := []struct {
		name         string
		scores, want []float32
	}{
		{"one", []float32{-7}, []float32{1}},
		{"equal", []float32{3, 3, 3, 3}, []float32{.25, .25, .25, .25}},
		{"ln 3 apart", []float32{0, float32(math.Log(3))}, []float32{.25, .75}},
		{"large", []float32{1e4, 1e4, 0}, []float32{.5, .5, 0}},
	}
	everyKernel(t, func(t *testing.T, k kernels) {
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				got := append([]float32(nil), test.scores...)
				softmax(k, got)
				for i := range got {
					if math.Abs(float64(got[i]-test.want[i])) > 1e-6 {
						t.Fatalf("got %v, want %v", got, test.want)
					}
				}
			})
		}
	})
}
