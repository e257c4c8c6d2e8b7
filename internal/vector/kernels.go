package vector

import (
	"math/bits"

	"resonance/internal/catalog"
)

// kernels are the loops that read every embedding or every code, for one kind of processor.
type kernels struct {
	name string

	// dot returns the dot product of a and b, of equal length, which is a multiple of 64 and not 0.
	dot func(a, b []float32) float32
	// fourDots is dot of four vectors with v; nil where four calls of dot are as fast.
	fourDots func(dots *[4]float32, vectors *[4][]float32, v []float32)
	// addScaled adds scale times v to sum, of equal length, which is a multiple of 32 and not 0.
	addScaled func(sum []float32, scale float32, v []float32)
	// scan sets each distance to the number of bits in which query and the code at that ordinal
	// differ. A code has len(query) words; there are as many distances as ordinals.
	scan func(distances []uint16, query, codes []uint64, ordinals []catalog.Ordinal)
}

// fastest are the kernels to use on this processor.
var fastest = available()[0]

func portable() kernels {
	return kernels{name: "portable", dot: portableDot, addScaled: portableAddScaled, scan: portableScan}
}

func portableAddScaled(sum []float32, scale float32, v []float32) {
	sum = sum[:len(v)]
	for i, x := range v {
		sum[i] += float32(scale * x) // rounded, so not one step with the addition
	}
}

// portableDot adds up four sums side by side, so that an addition need not wait for the one before.
func portableDot(x, y []float32) float32 {
	y = y[:len(x)]
	var a, b, c, d float32
	for len(x) >= 4 {
		a += x[0] * y[0]
		b += x[1] * y[1]
		c += x[2] * y[2]
		d += x[3] * y[3]
		x, y = x[4:], y[4:]
	}
	for i := range x {
		a += x[i] * y[i]
	}
	return (a + b) + (c + d)
}

func portableScan(distances []uint16, query, codes []uint64, ordinals []catalog.Ordinal) {
	for i, o := range ordinals {
		d := 0
		for w, x := range codes[int(o)*len(query):][:len(query)] {
			d += bits.OnesCount64(x ^ query[w])
		}
		distances[i] = uint16(d)
	}
}
