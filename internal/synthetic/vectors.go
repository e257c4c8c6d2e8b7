package synthetic

import (
	_ "embed"
	"math"
)

// Dim is the length of every vector.
const Dim = 384

// embedded holds the embeddings of the demo posts, in their order: Dim signed bytes each, in
// proportion to the components. A test compares it with what the model says, and with -update writes it.
//
//go:embed demo.int8
var embedded string

// mixed is how many demo posts a post is like: one that is its theme, and others at random.
const mixed = 3

// noise is the norm of what a vector has that no demo post has, before all is scaled to norm 1.
const noise = .7

// Vector returns the embedding of the post with this id, of unit norm: a random mix of the embeddings of demo
// posts, and noise of .7/sqrt(Dim) a component.
func (c *Catalogue) Vector(id int64) []float32 {
	dice := dice(2, id)
	var sum [Dim]float64
	add := func(post int, weight float64) {
		code := embedded[post*Dim:][:Dim]
		for i := range sum {
			sum[i] += weight * float64(int8(code[i]))
		}
	}
	add(c.theme(int(c.ranks[id-1])), .5+dice.Float64()/2)
	for range mixed - 1 {
		add(dice.IntN(len(c.themes)), dice.Float64())
	}
	scale := 1 / norm(sum[:])
	for i := range sum {
		sum[i] = sum[i]*scale + noise/math.Sqrt(Dim)*dice.NormFloat64()
	}
	v := make([]float32, Dim)
	scale = 1 / norm(sum[:])
	for i, x := range sum {
		v[i] = float32(x * scale)
	}
	return v
}

func norm(v []float64) float64 {
	var squares float64
	for _, x := range v {
		squares += x * x
	}
	return math.Sqrt(squares)
}
