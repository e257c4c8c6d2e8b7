package rerank

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// BenchmarkOrder orders candidates into a feed of ten.
func BenchmarkOrder(b *testing.B) {
	for _, n := range []int{60, 2000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			candidates := chance(rand.New(rand.NewPCG(1, 2)), n)
			unsorted := slices.Clone(candidates)
			b.ReportAllocs()
			for b.Loop() {
				copy(candidates, unsorted)
				Order(candidates, 10, Options{Diversity: DefaultDiversity, Deviation: 1})
			}
		})
	}
}
