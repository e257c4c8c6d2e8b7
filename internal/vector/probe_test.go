package vector

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"resonance/internal/catalog"
)

// A probe's cosines are those of the vectors, nearly; what has no embedding, or one of another dimension, has none.
func TestProbe(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 5))
	for _, dim := range []int{1, 63, 64, 65, 384} {
		for n := 1; n <= 4; n++ {
			t.Run(fmt.Sprintf("%d of %d", n, dim), func(t *testing.T) {
				unit := func() []float32 {
					v := randomVector(r, dim)
					Normalise(v)
					return v
				}
				var ix Index
				var queries [][]float32
				for range n {
					queries = append(queries, unit())
				}
				var p Probe
				p.Set(randomVector(r, dim+7))
				p.Set(queries...)
				for o := range catalog.Ordinal(40) {
					v := unit()
					ix.Put(o, v, 1)
					got, ok := ix.Cosines(&p, o)
					if !ok {
						t.Fatal("not compared")
					}
					for i, q := range queries {
						if want := Dot(q, v); math.Abs(float64(got[i]-want)) > .008 {
							t.Errorf("cosine %g, want %g", got[i], want)
						}
					}
				}
				ix.Remove(3)
				for _, o := range []catalog.Ordinal{3, 1000} {
					if _, ok := ix.Cosines(&p, o); ok {
						t.Errorf("post %d is compared", o)
					}
				}
				p.Set(randomVector(r, dim+1))
				if _, ok := ix.Cosines(&p, 0); ok {
					t.Error("another dimension is compared")
				}
			})
		}
	}
}

func TestKernelsFourDotBytes(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 7))
	for _, n := range []int{64, 384, 1536} {
		queries, v := make([]int16, 4*n), make([]int8, n)
		for i := range queries {
			queries[i] = int16(r.IntN(255) - 127)
		}
		for i := range v {
			v[i] = int8(r.IntN(255) - 127)
		}
		var want [4]int32
		portableFourDotBytes(&want, queries, v)
		for _, k := range available() {
			var got [4]int32
			if k.fourDotBytes(&got, queries, v); got != want {
				t.Errorf("%s: %d numbers: %v, want %v", k.name, n, got, want)
			}
		}
	}
}

// BenchmarkProbe compares four vectors with 2,000, .8 MB.
func BenchmarkProbe(b *testing.B) {
	vectors := clustered(2_000, 384)
	var ix Index
	for o, v := range vectors {
		ix.Put(catalog.Ordinal(o), v, 1)
	}
	var p Probe
	p.Set(vectors[:4]...)
	for b.Loop() {
		for o := range vectors {
			ix.Cosines(&p, catalog.Ordinal(o))
		}
	}
}
