package vector

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/catalog"
)

// randomCodes returns n codes of so many words, and the ordinals of all.
func randomCodes(n, words int) (codes []uint64, ordinals []catalog.Ordinal) {
	r := rand.New(rand.NewPCG(uint64(n), uint64(words)))
	for i := range n {
		for range words {
			codes = append(codes, r.Uint64())
		}
		ordinals = append(ordinals, catalog.Ordinal(i))
	}
	return slices.Clip(codes), ordinals
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
		bits := map[float32]string{}
		for _, k := range available() {
			got := k.dot(a, b)
			if math.Abs(float64(got)-want) > 1e-6*magnitude {
				t.Errorf("%s: of %d numbers %g, want %g", k.name, n, got, want)
			}
			if k.name != "portable" {
				bits[got] = k.name
			}
		}
		if len(bits) > 1 {
			t.Errorf("of %d numbers: assemblies differ: %v", n, bits)
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

// Every kernel counts exactly, whichever codes are asked for and in whatever order.
func TestKernelsScan(t *testing.T) {
	for _, words := range []int{1, 5, 6, 7} {
		codes, all := randomCodes(5000, words)
		copy(codes[17*words:], codes[:words]) // one like the query
		for w := range words {
			codes[18*words+w] = ^codes[w] // and one unlike it in every bit
		}
		for name, ordinals := range map[string][]catalog.Ordinal{
			"all": all, "none": nil, "the last": {4999}, "some": {4999, 0, 17, 18, 17},
		} {
			want := make([]uint16, len(ordinals))
			portableScan(want, codes[:words], codes, ordinals)
			for _, k := range available() {
				t.Run(fmt.Sprintf("%s/%d words/%s", k.name, words, name), func(t *testing.T) {
					got := make([]uint16, len(ordinals)+1)
					got[len(ordinals)] = 77
					k.scan(got[:len(ordinals)], codes[:words], codes, ordinals)
					if diff := cmp.Diff(append(want, 77), got); diff != "" {
						t.Errorf("distances (-want +got):\n%s", diff)
					}
				})
			}
		}
	}
	var distances [2]uint16
	codes, _ := randomCodes(3, 6)
	portableScan(distances[:], []uint64{0, 0, 0, 0, 0, 1}, []uint64{0, 0, 0, 0, 0, 1, 7, 0, 1, 0, 0, 0}, []catalog.Ordinal{0, 1})
	if distances != [2]uint16{0, 5} {
		t.Errorf("counted by hand 0 and 5, got %v", distances)
	}
	for _, k := range available() {
		for _, o := range []catalog.Ordinal{-1, 3} {
			t.Run(fmt.Sprint(k.name, ", no code ", o), func(t *testing.T) {
				defer func() {
					if recover() == nil {
						t.Error("no panic")
					}
				}()
				k.scan(distances[:1], codes[:6], codes, []catalog.Ordinal{o})
			})
		}
	}
}
