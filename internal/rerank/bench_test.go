package rerank

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkOrder orders candidates into a feed of ten.
func BenchmarkOrder(b *testing.B) {
	for _, n := range []int{100, 2000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			candidates := chance(rand.New(rand.NewPCG(1, 2)), n)
			b.ReportAllocs()
			for b.Loop() {
				Order(candidates, 10, Options{Diversity: DefaultDiversity, Deviation: 1})
			}
		})
	}
}
