// Package vector compares embeddings: exact products of two, and an index that finds the
// nearest of many.
//
// An embedding is a []float32 of unit norm, so the dot product of two is their cosine
// similarity, in [-1, 1], higher is nearer.
package vector

import "math"

// Dot returns the dot product of a and b, which have the same length. Its bits are the same on all
// processors that have AVX2; on others they may differ by rounding.
func Dot(a, b []float32) float32 {
	whole := len(a) &^ 63
	if whole == 0 {
		return portableDot(a, b)
	}
	return fastest.dot(a[:whole], b[:whole]) + portableDot(a[whole:], b[whole:])
}

// AddScaled adds scale·v to sum in place; both have the same length. Its bits are the same everywhere.
func AddScaled(sum []float32, scale float32, v []float32) {
	whole := len(v) &^ 31
	if whole > 0 {
		fastest.addScaled(sum[:whole], scale, v[:whole])
	}
	portableAddScaled(sum[whole:], scale, v[whole:])
}

// DotRows sets each number of out to the product of v and the row at its place, where rows of the length of v follow one
// another; 0 where there is no such row. Its bits are the same everywhere.
func DotRows(out []float64, rows []float32, places []int32, v []float64) {
	if len(v)%4 != 0 || len(rows) == 0 || len(v) == 0 || len(places) == 0 {
		portableDotRows(out, rows, places, v)
		return
	}
	fastest.dotRows(out, rows, places, v)
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

// dotBytes returns the dot product of a and b, which have the same length.
func dotBytes(a, b []int8) int32 {
	whole := len(a) &^ 63
	if whole == 0 {
		return portableDotBytes(a, b)
	}
	return fastest.dotBytes(a[:whole], b[:whole]) + portableDotBytes(a[whole:], b[whole:])
}

// scaled sets out to scale times v; both have the same length.
func scaled(out []float32, v []int8, scale float32) {
	whole := len(v) &^ 63
	if whole > 0 {
		fastest.scaled(out[:whole], v[:whole], scale)
	}
	portableScaled(out[whole:], v[whole:], scale)
}

// largest returns the bits of the largest number of v, signs left out: those of numbers without a sign sort as the numbers do.
func largest(v []float32) uint32 {
	whole := len(v) &^ 63
	if whole == 0 {
		return portableLargest(v)
	}
	return max(fastest.largest(v[:whole]), portableLargest(v[whole:]))
}

// rounded sets out to factor times v, rounded; both have the same length.
func rounded(out []int8, v []float32, factor float32) {
	whole := len(v) &^ 63
	if whole > 0 {
		fastest.rounded(out[:whole], v[:whole], factor)
	}
	portableRounded(out[whole:], v[whole:], factor)
}

// signs sets bit i%64 of word i/64 where v[i] is above 0; there are as many words as that takes.
func signs(code []uint64, v []float32) {
	whole := len(v) / 64
	if whole > 0 {
		fastest.signs(code[:whole], v[:64*whole])
	}
	portableSigns(code[whole:], v[64*whole:])
}

// positive returns 1 for a number above 0, else 0. Signs are as good as random, so it has no branch.
func positive(x float32) uint64 {
	b := math.Float32bits(x)
	return uint64(-b &^ b >> 31)
}
