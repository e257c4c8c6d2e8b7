package dense

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func random(seed uint64, n int) []float64 {
	r := rand.New(rand.NewPCG(seed, uint64(n)))
	values := make([]float64, n)
	for i := range values {
		values[i] = r.NormFloat64()
	}
	return values
}

func TestMulByHand(t *testing.T) {
	out := []float64{9, 9}
	if Mul(out, []float64{1, 2, 2, 5}, []float64{3, -1}); out[0] != 1 || out[1] != 1 {
		t.Errorf("product %v, want 1 1", out)
	}
}

// The rows are (1, 2) and (0, -1): they meet v = (3, 1) at 5 and -1, and count 10 + 2·5 = 20 and 10 - 2 = 8 times.
func TestAddAlongByHand(t *testing.T) {
	out := []float64{1, 1}
	rows := []float64{7, 7, 1, 2, 0, -1}
	if AddAlong(out, rows, []int32{1, 2}, []float64{3, 1}, 2, 10); out[0] != 21 || out[1] != 33 {
		t.Errorf("sum %v, want 21 33", out)
	}
	if AddAlong(out, rows, nil, []float64{3, 1}, 2, 10); out[0] != 21 || out[1] != 33 {
		t.Errorf("of no rows: sum %v, want 21 33", out)
	}
}

// Every kernel gives the same bits.
func TestKernels(t *testing.T) {
	for _, k := range available() {
		for _, stride := range []int{tileWidth, 11, 100} {
			x, y := random(1, tileRows*panel), random(2, panel*tileWidth)
			want := random(3, (tileRows-1)*stride+tileWidth)
			got := slices.Clone(want)
			portableAddTile(want, stride, x, y)
			k.addTile(got, stride, x, y)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: a tile of stride %d (-want +got):\n%s", k.name, stride, diff)
			}
		}
		for _, n := range []int{8, 16, 24, 32, 64} {
			a, v := random(4, n*n), random(5, n)
			for i := range n {
				for j := range i {
					a[j*n+i] = a[i*n+j]
				}
			}
			want, got := make([]float64, n), make([]float64, n)
			portableMul(want, a, v)
			k.mul(got, a, v)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: a product of %d (-want +got):\n%s", k.name, n, diff)
			}
		}
		for _, n := range []int{8, 16, 40} {
			want, y := random(10, n), random(11, n)
			got := slices.Clone(want)
			portableAddScaled(want, .3, y)
			k.addScaled(got, .3, y)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: %d scaled numbers (-want +got):\n%s", k.name, n, diff)
			}
		}
		for _, n := range []int{4, 8, 12, 16, 32} {
			rows, v, want := random(6, 9*n), random(7, n), random(8, n)
			places := slices.Repeat([]int32{8, 0, 3, 3}, 150) // more than one call goes through
			got := slices.Clone(want)
			portableAddAlong(want, rows, places, v, .01, -.02)
			k.addAlong(got, rows, places, v, .01, -.02)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: along rows of %d (-want +got):\n%s", k.name, n, diff)
			}
		}
	}
}

// A row beyond those that there are is a mistake that is found, not read.
func TestAddAlongPanicsBeyondRows(t *testing.T) {
	for _, k := range available() {
		for _, place := range []int32{-1, 2} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s: no panic at place %d", k.name, place)
					}
				}()
				k.addAlong(make([]float64, lanes), make([]float64, 2*lanes), []int32{0, place}, make([]float64, lanes), 1, 1)
			}()
		}
	}
}

// Sizes for which there are no kernels are taken as well.
func TestOddSizes(t *testing.T) {
	for _, n := range []int{0, 1, 3, 5, 7, 9, 20} {
		a, v := positiveDefinite(n), random(9, n)
		out, want := make([]float64, n), make([]float64, n)
		Mul(out, a, v)
		for i := range n {
			want[i] = Dot(a[i*n:][:n], v)
		}
		if diff := cmp.Diff(want, out, cmpopts.EquateApprox(1e-12, 1e-12)); diff != "" {
			t.Errorf("a product of %d (-want +got):\n%s", n, diff)
		}
		copy(want, out)
		AddAlong(out, a, []int32{int32(n) - 1}[:min(1, n)], v, 2, 3)
		for i := range n {
			want[i] += a[(n-1)*n+i] * (3 + 2*Dot(a[(n-1)*n:], v))
		}
		if diff := cmp.Diff(want, out, cmpopts.EquateApprox(1e-12, 1e-12)); diff != "" {
			t.Errorf("along a row of %d (-want +got):\n%s", n, diff)
		}
	}
}
