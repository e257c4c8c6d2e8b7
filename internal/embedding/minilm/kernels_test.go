package minilm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/embedding/minilm/weights"
)

// everyKernel runs test on each set of kernels that this processor can run.
func everyKernel(t *testing.T, test func(t *testing.T, k kernels)) {
	for _, k := range available() {
		t.Run(k.name, func(t *testing.T) { test(t, k) })
	}
}

func random(rows, cols int) matrix {
	r := rand.New(rand.NewPCG(uint64(rows), uint64(cols)))
	m := newMatrix(rows, cols)
	for i := range m.data {
		m.data[i] = float32(r.NormFloat64())
	}
	return m
}

func randomCodes(inputs, outputs int) codes {
	r := rand.New(rand.NewPCG(uint64(inputs), uint64(outputs)))
	c := codes{
		codes: make([]int8, inputs*outputs), scales: random(inputs/weights.Group, outputs).data,
		inputs: inputs, outputs: outputs,
	}
	for i := range c.codes {
		c.codes[i] = int8(r.IntN(255) - 127)
	}
	return c
}

// number is the weight from input k to output j.
func (c codes) number(k, j int) float32 {
	first := j / strip * strip
	scale := c.scales[first*(c.inputs/weights.Group)+k/weights.Group*strip+j%strip]
	return scale * float32(c.codes[first*c.inputs+k*strip+j%strip])
}

// Views into wider matrices, so that strides count, of every number of rows that a block can have.
func TestMultiply(t *testing.T) {
	everyKernel(t, func(t *testing.T, k kernels) {
		for rows := 1; rows <= k.rows; rows++ {
			for _, inner := range []int{1, 2, 3, 32, 33, 384, 1536} {
				x := random(rows+2, inner+3).rowsFrom(1, rows+1).colsFrom(2, inner+2)
				w := random(inner+1, k.cols+5).colsFrom(1, k.cols+1)
				bias := random(1, k.cols).data
				checkProduct(t, x, bias, func(c, j int) float32 { return w.row(c)[j] }, func(dst matrix) {
					k.multiply(dst, x, panelOf(w), bias)
				})
			}
		}
	})
}

func TestMultiplyCodes(t *testing.T) {
	everyKernel(t, func(t *testing.T, k kernels) {
		for rows := 1; rows <= k.rows; rows++ {
			for _, inner := range []int{64, 384, 1536} {
				x := random(rows+2, inner+3).rowsFrom(1, rows+1).colsFrom(2, inner+2)
				all := randomCodes(inner, 2*k.cols)
				w := all.from(k.cols, 2*k.cols)
				bias := random(1, k.cols).data
				number := func(c, j int) float32 { return all.number(c, k.cols+j) }
				numbers := panel{data: make([]float32, k.cols*inner), stride: strip, gap: strip * inner}
				k.dequantise(numbers, w)
				unpacked := checkProduct(t, x, bias, number, func(dst matrix) { k.multiply(dst, x, numbers, bias) })
				if k.direct == 0 {
					continue
				}
				direct := checkProduct(t, x, bias, number, func(dst matrix) { k.multiplyCodes(dst, x, w, bias) })
				if diff := cmp.Diff(unpacked, direct); diff != "" {
					t.Fatalf("%d rows of %d: codes give other bits (-dequantised +direct):\n%s", rows, inner, diff)
				}
			}
		}
	})
}

// checkProduct lets multiply fill a block inside a wider matrix, compares it with x·w + bias in
// float64, and returns the block.
func checkProduct(t *testing.T, x matrix, bias []float32, w func(c, j int) float32, multiply func(dst matrix)) []float32 {
	t.Helper()
	whole := random(x.rows+1, len(bias)+2)
	before := append([]float32(nil), whole.data...)
	dst := whole.rowsFrom(0, x.rows).colsFrom(1, len(bias)+1)
	multiply(dst)
	var block []float32
	for i := range x.rows {
		for j := range bias {
			want, magnitude := float64(bias[j]), math.Abs(float64(bias[j]))
			for c, v := range x.row(i) {
				product := float64(v) * float64(w(c, j))
				want += product
				magnitude += math.Abs(product)
			}
			if got := float64(dst.row(i)[j]); math.Abs(got-want) > 1e-6*magnitude {
				t.Fatalf("%d rows of %d: entry %d, %d is %g, want %g", x.rows, x.cols, i, j, got, want)
			}
			before[i*whole.stride+1+j] = dst.row(i)[j]
		}
		block = append(block, dst.row(i)...)
	}
	for i, v := range whole.data {
		if v != before[i] {
			t.Fatalf("%d rows of %d: number %d, outside dst, was written", x.rows, x.cols, i)
		}
	}
	return block
}

// What a row becomes must not depend on the rows that share its block.
func TestABlocksShapeLeavesNoTrace(t *testing.T) {
	everyKernel(t, func(t *testing.T, k kernels) {
		x, w, bias := random(k.rows, hidden), random(hidden, k.cols), random(1, k.cols).data
		want := newMatrix(k.rows, k.cols)
		k.multiply(want, x, panelOf(w), bias)
		for rows := 1; rows < k.rows; rows++ {
			got := newMatrix(rows, k.cols)
			k.multiply(got, x.rowsFrom(0, rows), panelOf(w), bias)
			if diff := cmp.Diff(want.data[:len(got.data)], got.data); diff != "" {
				t.Fatalf("in a block of %d (-in %d +in %d):\n%s", rows, k.rows, rows, diff)
			}
		}
	})
}

func TestGELU(t *testing.T) {
	everyKernel(t, func(t *testing.T, k kernels) {
		x := make([]float32, 4016)
		for i := range x {
			x[i] = float32(i-2008) / 100
		}
		k.gelu(x)
		for i, got := range x {
			v := float64(float32(i-2008) / 100)
			want := v / 2 * (1 + math.Erf(v/math.Sqrt2))
			if math.Abs(float64(got)-want) > 1e-6*max(1, math.Abs(v)) {
				t.Errorf("gelu(%g) is %g, want %g", v, got, want)
			}
		}
	})
}

func TestSoftmax(t *testing.T) {
	minus := float32(math.Inf(-1))
	everyKernel(t, func(t *testing.T, k kernels) {
		for _, length := range []int{16, 32, 256} {
			for _, tokens := range []int{1, 2, 3, 15, 16, length} {
				for _, spread := range []float64{0, 1, 30, 1e4} {
					r := rand.New(rand.NewPCG(uint64(length), uint64(tokens)))
					scores, want, sum := make([]float32, length), make([]float64, length), 0.
					for i := range scores {
						if scores[i] = minus; i < tokens {
							scores[i] = float32(spread * r.NormFloat64())
						}
					}
					largest := float64(scores[0])
					for _, s := range scores {
						largest = max(largest, float64(s))
					}
					for i, s := range scores {
						want[i] = math.Exp((float64(s) - largest) / 4)
						sum += want[i]
					}
					k.softmax(scores, .25)
					for i, got := range scores {
						want := want[i] / sum
						if miss := math.Abs(float64(got) - want); miss > 5e-6*want+1e-37 || got < 0 {
							t.Fatalf("%d of %d scores, sd %g: share %d is %g, want %g", tokens, length, spread, i, got, want)
						}
					}
				}
			}
		}
	})
}

func TestAddNorm(t *testing.T) {
	everyKernel(t, func(t *testing.T, k kernels) {
		for _, n := range []int{16, 48, hidden} {
			x, y := random(1, n).data, random(2, n).data[n:]
			norm := weights.Norm{Scale: random(3, n).data[2*n:], Shift: random(4, n).data[3*n:]}
			sums, mean, variance := make([]float64, n), 0., 0.
			for i := range x {
				sums[i] = float64(x[i]) + float64(y[i])
				mean += sums[i] / float64(n)
			}
			for _, s := range sums {
				variance += (s - mean) * (s - mean) / float64(n)
			}
			k.addNorm(x, y, norm)
			for i, got := range x {
				want := (sums[i]-mean)/math.Sqrt(variance)*float64(norm.Scale[i]) + float64(norm.Shift[i])
				if math.Abs(float64(got)-want) > 5e-6 {
					t.Fatalf("number %d of %d is %g, want %g", i, n, got, want)
				}
			}
		}
		flat := make([]float32, 16) // no variance: nothing but the shift
		k.addNorm(flat, make([]float32, 16), weights.Norm{Scale: make([]float32, 16), Shift: random(1, 16).data})
		if diff := cmp.Diff(random(1, 16).data, flat); diff != "" {
			t.Errorf("a constant row (-want +got):\n%s", diff)
		}
	})
}

func TestBlocksCoverEveryRowOnce(t *testing.T) {
	for n := 1; n < 60; n++ {
		next, smallest, largest := 0, n, 0
		for b := range blocks(n, 12) {
			if b.from != next {
				t.Fatalf("of %d: a block begins at %d, want %d", n, b.from, next)
			}
			next, smallest, largest = b.to, min(smallest, b.to-b.from), max(largest, b.to-b.from)
		}
		if next != n || largest > 12 || largest-smallest > 1 {
			t.Errorf("of %d: blocks end at %d, have %d to %d rows", n, next, smallest, largest)
		}
	}
}

func TestWrongShapesPanic(t *testing.T) {
	for _, k := range available() {
		if k.name == "portable" {
			continue // its slices end where they end
		}
		for name, call := range map[string]func(){
			"too many rows": func() {
				k.multiply(newMatrix(k.rows+1, k.cols), newMatrix(k.rows+1, 4), panelOf(newMatrix(4, k.cols)), noBias[:])
			},
			"a row too few":   func() { k.multiply(newMatrix(1, k.cols), newMatrix(2, 4), panelOf(newMatrix(4, k.cols)), noBias[:]) },
			"too few weights": func() { k.multiply(newMatrix(1, k.cols), newMatrix(1, 4), panelOf(newMatrix(3, k.cols)), noBias[:]) },
			"too little bias": func() { k.multiply(newMatrix(1, k.cols), newMatrix(1, 4), panelOf(newMatrix(4, k.cols)), noBias[:15]) },
			"too few codes":   func() { k.multiplyCodes(newMatrix(1, k.cols), newMatrix(1, 128), randomCodes(64, k.cols), noBias[:]) },
			"half a strip":    func() { k.gelu(make([]float32, 24)) },
			"half a row":      func() { k.softmax(make([]float32, 8), 1) },
			"another's summand": func() {
				k.addNorm(make([]float32, 32), make([]float32, 16), weights.Norm{Scale: make([]float32, 32), Shift: make([]float32, 32)})
			},
		} {
			t.Run(fmt.Sprint(k.name, ", ", name), func(t *testing.T) {
				defer func() {
					if recover() == nil {
						t.Error("no panic")
					}
				}()
				call()
			})
		}
	}
}

// A call of a kernel can't be preempted, so none may be long, whatever the text.
func TestNoKernelCallIsLong(t *testing.T) {
	everyKernel(t, func(t *testing.T, k kernels) {
		counted := k
		longest, calls := 0, 0
		count := func(n int) { longest, calls = max(longest, n), calls+1 }
		counted.multiply = func(dst, x matrix, _ panel, _ []float32) { count(x.rows * x.cols * dst.cols) }
		counted.multiplyCodes = func(dst, x matrix, _ codes, _ []float32) { count(x.rows * x.cols * dst.cols) }
		counted.dequantise = func(_ panel, w codes) { count(w.inputs * w.outputs) }
		counted.softmax = func(scores []float32, _ float32) { count(len(scores)) }
		counted.gelu = func(x []float32) { count(len(x)) }
		counted.addNorm = func(x, _ []float32, _ weights.Norm) { count(len(x)) }
		m := loadModel(t, counted).WithWorkers(1) // which count one after the other
		for _, words := range []int{1, 14, 300} {
			embed(t, m, strings.Repeat("word ", words))
		}
		if longest > mostWork/4 || calls == 0 {
			t.Errorf("of %d calls the longest computes %d numbers, want at most %d", calls, longest, mostWork/4)
		}
	})
}
