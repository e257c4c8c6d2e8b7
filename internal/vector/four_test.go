package vector

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// Comparing with several vectors at once gives the very numbers that comparing with each gives.
func TestFourDots(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for _, dim := range []int{1, 63, 64, 65, 384, 1000} {
		for n := 1; n <= 4; n++ {
			t.Run(fmt.Sprintf("%d of %d", n, dim), func(t *testing.T) {
				var vectors [][]float32
				for range n {
					vectors = append(vectors, randomVector(r, dim))
				}
				four, v := NewFour(vectors...), randomVector(r, dim)
				if four.Dim() != dim {
					t.Errorf("Dim() = %d", four.Dim())
				}
				for i, got := range four.Dots(v) {
					if i < n && got != Dot(vectors[i], v) {
						t.Errorf("product %d is %g, alone %g", i, got, Dot(vectors[i], v))
					}
				}
			})
		}
	}
}
