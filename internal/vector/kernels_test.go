package vector

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// randomCodes returns n codes of so many words as an Index holds them, n a multiple of lanes.
func randomCodes(n, words int) []uint64 {
	r := rand.New(rand.NewPCG(uint64(n), uint64(words)))
	codes := make([]uint64, n*words)
	for i := range codes {
		codes[i] = r.Uint64()
	}
	return codes
}

func TestKernelsDot(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 8))
	for _, n := range []int{64, 128, 320, 384, 1536} {
		a, b := randomVector(r, n), randomVector(r, n)
		var want, magnitude float64
		for i := range a {
			product := float64(a[i]) * float64(b[i])
			want += product
			magnitude += math.Abs(product)
		}
		results := map[float32]string{}
		for _, k := range available() {
			got := k.dot(a, b)
			if math.Abs(float64(got)-want) > 1e-6*magnitude {
				t.Errorf("%s: of %d numbers %g, want %g", k.name, n, got, want)
			}
			if k.name != "portable" {
				results[got] = k.name
			}
		}
		if len(results) > 1 {
			t.Errorf("of %d numbers: assemblies differ: %v", n, results)
		}
	}
}

// Every kernel adds the same numbers, to the last bit.
func TestKernelsAddScaled(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 9))
	for _, n := range []int{32, 64, 384, 1536} {
		sum, v := randomVector(r, n), randomVector(r, n)
		want := slices.Clone(sum)
		portableAddScaled(want, .37, v)
		for _, k := range available() {
			got := slices.Clone(sum)
			k.addScaled(got, .37, v)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: of %d numbers (-want +got):\n%s", k.name, n, diff)
			}
		}
	}
}

// Every kernel finds the same codes within a bound, at their exact distances, however many codes there are.
func TestKernelsScan(t *testing.T) {
	const n = 2*longestCheck + 8
	for _, words := range []int{1, 5, 6, 7} {
		codes := randomCodes(n, words)
		query := sketch(randomCodes(8, words)[:3*words])
		for w := range words {
			codes[(n-8)*words+w*lanes] = query[w]    // one like the query, in the last block
			codes[(n-8)*words+w*lanes+7] = ^query[w] // one unlike it in every bit
			codes[w*lanes+3] = query[w]              // and one in the first block
		}
		all := make([]uint16, n)
		for o := range all {
			for i := range 64 * words {
				code := codes[o/lanes*lanes*words+i/64*lanes+o%lanes]
				if bit(code, i) != bit(query[i/64], i) {
					all[o] += bit(query[words+i/64], i) + 2*bit(query[2*words+i/64], i)
				}
			}
		}
		sorted := slices.Sorted(slices.Values(all))
		for _, count := range []int{0, 8, 16, 504, n} {
			for _, bound := range []int{0, int(sorted[20]), int(sorted[n/2]) - 1, int(sorted[n/2]), 3 * 64 * words} {
				for _, k := range available() {
					t.Run(fmt.Sprintf("%s/%d words/%d codes/bound %d", k.name, words, count, bound), func(t *testing.T) {
						checkScan(t, k, query, codes[:count*words], all[:count], bound)
					})
				}
			}
		}
	}
	for _, k := range available() {
		t.Run(k.name+", the largest distance", func(t *testing.T) {
			query := make(sketch, 18)
			for i := 6; i < 18; i++ {
				query[i] = math.MaxUint64
			}
			all := slices.Repeat([]uint16{3 * 384}, 8)
			checkScan(t, k, query, slices.Repeat([]uint64{math.MaxUint64}, 48), all, 3*384)
			checkScan(t, k, query, slices.Repeat([]uint64{math.MaxUint64}, 48), all, 3*384-1)
		})
		t.Run(k.name+", more distances than codes", func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			k.scan(make([]uint8, 2), make([]uint16, 16), make(sketch, 18), make([]uint64, 48), 9)
		})
	}
}

// checkScan compares what a kernel finds with all distances.
func checkScan(t *testing.T, k kernels, query sketch, codes []uint64, all []uint16, bound int) {
	t.Helper()
	near, distances := make([]uint8, len(all)/lanes+1), make([]uint16, len(all)+1)
	near[len(all)/lanes], distances[len(all)] = 77, 77
	k.scan(near[:len(all)/lanes], distances[:len(all)], query, codes, bound)
	for o, want := range all {
		found := near[o/lanes]>>(o%lanes)&1 != 0
		if found != (int(want) <= bound) || distances[o] != want {
			t.Fatalf("code %d: found %t at %d, is at %d", o, found, distances[o], want)
		}
	}
	if near[len(all)/lanes] != 77 || distances[len(all)] != 77 {
		t.Error("written past the end")
	}
}

func bit(word uint64, i int) uint16 { return uint16(word >> (i % 64) & 1) }

// A sign counts for more where the component is larger.
func TestSketchByHand(t *testing.T) {
	v := make([]float32, 100) // steps of 1/15
	v[0], v[1], v[63], v[64], v[65], v[99] = .03, -.1, .16, -.9, 0, float32(math.Copysign(0, -1))
	// They count for 0, 2, 2, 3, 0 and 0.
	want := sketch{1 | 1<<63, 0, 0, 1, 1<<1 | 1<<63, 1}
	if diff := cmp.Diff(want, newSketch(v)); diff != "" {
		t.Errorf("sketch (-want +got):\n%s", diff)
	}
}

// longestCheck is as many codes as a kernel scans in one go.
const longestCheck = 4096

// Products of bytes are exact, and bytes become numbers in the same way everywhere.
func TestKernelsBytes(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 8))
	for _, n := range []int{64, 128, 320, 384, 1536} {
		a, b := make([]int8, n), make([]int8, n)
		for i := range a {
			a[i], b[i] = int8(r.IntN(255)-127), int8(r.IntN(255)-127)
		}
		if n == 1536 { // the largest sum there is
			for i := range a {
				a[i], b[i] = 127, 127
			}
		}
		var want int32
		wantScaled := make([]float32, n+1)
		wantScaled[n] = 7
		for i := range a {
			want += int32(a[i]) * int32(b[i])
			wantScaled[i] = .0123 * float32(a[i])
		}
		for _, k := range available() {
			if got := k.dotBytes(a, b); got != want {
				t.Errorf("%s: of %d bytes %d, want %d", k.name, n, got, want)
			}
			got := make([]float32, n+1)
			got[n] = 7
			k.scaled(got[:n], a, .0123)
			if diff := cmp.Diff(wantScaled, got); diff != "" {
				t.Errorf("%s: %d bytes scaled (-want +got):\n%s", k.name, n, diff)
			}
		}
	}
}

// Every kernel makes the same bytes and the same code of a vector, numbers that lie half-way between two bytes, zeros of both signs
// and what is no number included.
func TestKernelsQuantise(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 9))
	for _, n := range []int{64, 128, 320, 384, 1536} {
		for trial := range 20 {
			v := randomVector(r, n)
			for i := range v {
				switch r.IntN(8) {
				case 1:
					v[i] = 0
				case 2:
					v[i] = float32(math.Copysign(0, -1))
				case 3:
					v[i] = (float32(r.IntN(255)-127) + .5) / 127
				case 4:
					v[i] = -math.SmallestNonzeroFloat32
				}
			}
			if trial == 0 {
				v[n-1] = float32(math.NaN())
			}
			factor := 127 / math.Float32frombits(portableLargest(v))
			wantBytes, wantCode := make([]int8, n+1), make([]uint64, n/64+1)
			wantBytes[n], wantCode[n/64] = 7, 7
			portableRounded(wantBytes[:n], v, factor)
			portableSigns(wantCode[:n/64], v)
			for _, k := range available() {
				if got, want := k.largest(v), portableLargest(v); got != want {
					t.Errorf("%s: the largest of %d is %x, want %x", k.name, n, got, want)
				}
				gotBytes, gotCode := make([]int8, n+1), make([]uint64, n/64+1)
				gotBytes[n], gotCode[n/64] = 7, 7
				k.rounded(gotBytes[:n], v, factor)
				k.signs(gotCode[:n/64], v)
				if diff := cmp.Diff(wantBytes, gotBytes); diff != "" {
					t.Errorf("%s: bytes of %d (-want +got):\n%s", k.name, n, diff)
				}
				if diff := cmp.Diff(wantCode, gotCode); diff != "" {
					t.Errorf("%s: code of %d (-want +got):\n%s", k.name, n, diff)
				}
			}
		}
	}
}

// Bytes are the nearest to a component, of two equally near ones the even one, whatever the dimension.
func TestQuantiseByHand(t *testing.T) {
	for _, n := range []int{5, 64, 69} {
		v, want := make([]float32, n), make([]int8, n)
		copy(v[n-5:], []float32{-1, .5 / 127, 1.5 / 127, -.0001, .9 / 127})
		copy(want[n-5:], []int8{-127, 0, 2, 0, 1})
		got := make([]int8, n)
		scale := quantise(got, v)
		if diff := cmp.Diff(want, got); diff != "" || math.Abs(1/float64(scale)-math.Sqrt(127*127+4+1)) > 1e-3 {
			t.Errorf("of %d: scale %g, bytes (-want +got):\n%s", n, scale, diff)
		}
		code := make([]uint64, (n+63)/64)
		signs(code, v)
		for i, x := range v {
			if bit(code[i/64], i) == 1 != (x > 0) {
				t.Errorf("of %d: sign %d is wrong", n, i)
			}
		}
	}
}

func TestPositive(t *testing.T) {
	for x, want := range map[float32]uint64{
		0: 0, 1: 1, -1: 0, math.SmallestNonzeroFloat32: 1, -math.SmallestNonzeroFloat32: 0, math.MaxFloat32: 1, -math.MaxFloat32: 0,
	} {
		if got := positive(x); got != want {
			t.Errorf("%g: %d", x, got)
		}
	}
	if got := positive(float32(math.Copysign(0, -1))); got != 0 {
		t.Errorf("-0: %d", got)
	}
}

// Every kernel multiplies rows alike, to the last bit; what has no row is 0.
func TestKernelsDotRows(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 6))
	for _, width := range []int{1, 3, 4, 8, 16, 20, 64} {
		rows, v := make([]float32, 9*width), make([]float64, width)
		for i := range rows {
			rows[i] = float32(r.NormFloat64())
		}
		for i := range v {
			v[i] = r.NormFloat64()
		}
		for _, places := range [][]int32{{8}, {-1}, {-1, -1}, {9}, {math.MaxInt32, math.MinInt32}, {0, 8, -1, 3, 3, 9, 7}} {
			want := make([]float64, len(places))
			for i, place := range places {
				if place >= 0 && place < 9 {
					for k, x := range rows[int(place)*width:][:width] {
						want[i] += float64(x) * v[k]
					}
				}
			}
			got := make([]float64, len(places))
			DotRows(got, rows, places, v)
			if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0, 1e-12)); diff != "" {
				t.Errorf("%d wide (-want +got):\n%s", width, diff)
			}
			exact := make([]float64, len(places))
			portableDotRows(exact, rows, places, v)
			if diff := cmp.Diff(exact, got); diff != "" {
				t.Errorf("%d wide (-portable +got):\n%s", width, diff)
			}
		}
	}
	DotRows(nil, nil, nil, []float64{1, 2, 3, 4})
	got := []float64{7}
	if DotRows(got, nil, []int32{-1}, []float64{1, 2, 3, 4}); got[0] != 0 {
		t.Errorf("without rows: %v", got)
	}
}
