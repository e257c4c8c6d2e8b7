// Package vector compares embeddings: exact products of two, and an index that finds the
// nearest of many.
//
// An embedding is a []float32 of unit norm, so the dot product of two is their cosine
// similarity, in [-1, 1], higher is nearer.
package vector

import (
	"math"

	"github.com/viterin/vek/vek32"
)

// Dot returns the dot product of a and b, which have the same length.
func Dot(a, b []float32) float32 {
	if len(a) == 0 {
		return 0
	}
	return vek32.Dot(a, b)
}

// AddScaled adds scale·v to sum in place; both have the same length.
func AddScaled(sum []float32, scale float32, v []float32) {
	for i, x := range v {
		sum[i] += scale * x
	}
}

// Normalise scales v in place to unit norm and reports whether it has a direction: a zero
// vector, or one that is not finite, stays as it is.
func Normalise(v []float32) bool {
	norm := math.Sqrt(float64(Dot(v, v)))
	if norm == 0 || math.IsNaN(norm) || math.IsInf(norm, 0) {
		return false
	}
	scale := float32(1 / norm)
	for i := range v {
		v[i] *= scale
	}
	return true
}
