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
				posts, want := []catalog.Ordinal{3, 1000, 90000}, make([]float32, 12)
				for o := range catalog.Ordinal(40) {
					v := unit()
					ix.Put(o*117, v, 1) // in two chunks
					if posts = append(posts, o*117); o*117 == 3 {
						t.Fatal("it is to have none")
					}
					for i := range 4 {
						if i < n {
							want = append(want, Dot(queries[i], v))
						} else {
							want = append(want, 0)
						}
					}
				}
				ix.Put(3, unit(), 1)
				ix.Remove(3)
				got := slices.Repeat([]float32{7}, 4*len(posts)+1)
				ix.Cosines(&p, posts, got[:4*len(posts)])
				for i, w := range want {
					if math.Abs(float64(got[i]-w)) > .008 || w == 0 && got[i] != 0 {
						t.Errorf("post %d: cosine %d is %g, want %g", posts[i/4], i%4, got[i], w)
					}
				}
				if got[4*len(posts)] != 7 {
					t.Error("it wrote past the end")
				}
				p.Set(randomVector(r, dim+1))
				ix.Cosines(&p, posts, got)
				if slices.ContainsFunc(got[:4*len(posts)], func(c float32) bool { return c != 0 }) {
					t.Error("another dimension is compared")
				}
			})
		}
	}
}

// Every kernel compares alike, to the last bit, with the largest bytes too.
func TestKernelsCosines(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 6))
	for _, dim := range []int{64, 384, 385} {
		c := coarse{dim: dim}
		for o := range catalog.Ordinal(50) {
			c.put(o, randomVector(r, dim))
		}
		for i := range c.at(7) {
			c.at(7)[i], c.at(8)[i] = 127, -127
		}
		var p Probe
		vectors := [][]float32{randomVector(r, dim), slices.Repeat([]float32{.1}, dim), slices.Repeat([]float32{-.1}, dim), randomVector(r, dim)}
		var posts []catalog.Ordinal
		for range 100 {
			posts = append(posts, catalog.Ordinal(r.IntN(50)))
		}
		posts = append(posts, 7, 8)
		for _, n := range []int{1, 2, 3, 4, len(posts)} {
			p.Set(vectors[:min(n, 4)]...)
			want := make([]float32, 4*n+1)
			portableCosines(want[:4*n], &p, c.chunks[0], c.scales, posts[:n])
			for _, k := range available() {
				got := make([]float32, 4*n+1)
				k.cosines(got[:4*n], &p, c.chunks[0], c.scales, posts[:n])
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s: %d posts of %d bytes (-want +got):\n%s", k.name, n, dim, diff)
				}
			}
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
	var posts []catalog.Ordinal
	for o := range vectors {
		posts = append(posts, catalog.Ordinal(o))
	}
	cosines := make([]float32, 4*len(posts))
	for b.Loop() {
		ix.Cosines(&p, posts, cosines)
	}
}
