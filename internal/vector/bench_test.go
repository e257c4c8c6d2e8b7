package vector

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"resonance/internal/catalog"
)

// clustered returns n unit vectors around 40 centres, as embeddings of posts on 40 themes lie.
func clustered(n, dim int) [][]float32 {
	r := rand.New(rand.NewPCG(40, 384))
	centres := make([][]float32, 40)
	for i := range centres {
		centres[i] = randomVector(r, dim)
	}
	vectors := make([][]float32, n)
	for i := range vectors {
		vectors[i] = randomVector(r, dim)
		AddScaled(vectors[i], 1.2, centres[r.IntN(len(centres))])
		Normalise(vectors[i])
	}
	return vectors
}

// BenchmarkNearest asks a large scope four questions at once, as a feed does.
func BenchmarkNearest(b *testing.B) {
	for _, n := range []int{20_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			vectors := clustered(n, 384)
			all := posts(n)
			all.Settle(1000)
			var ix Index
			for o, v := range vectors {
				ix.Put(catalog.Ordinal(o), v, 1)
			}
			scope := all.Scope("")
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				queries := []Query{{vectors[i*7919%n], 3200, 200}}
				for j := range 3 {
					queries = append(queries, Query{vectors[(i+j)*7907%n], 1100, 70})
				}
				ix.Nearest(scope, func(catalog.Ordinal) bool { return true }, queries...)
			}
		})
	}
}

func BenchmarkDot(b *testing.B) {
	vectors := clustered(64, 384)
	for _, k := range available() {
		b.Run(k.name, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				k.dot(vectors[i%64], vectors[0])
			}
		})
	}
}

// BenchmarkScan compares with 100,000 codes of 384 bits, 4.8 MB.
func BenchmarkScan(b *testing.B) {
	codes := randomCodes(100_000, 6)
	near, distances := make([]uint8, 100_000/lanes), make([]uint16, 100_000)
	for _, k := range available() {
		b.Run(k.name, func(b *testing.B) {
			b.SetBytes(int64(8 * len(codes)))
			for b.Loop() {
				k.scan(near, distances, sketch(codes[:18]), codes, 200)
			}
		})
	}
}
