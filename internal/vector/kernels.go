package vector

import (
	"math"
	"math/bits"

	"resonance/internal/catalog"
)

// kernels are the loops that read every embedding or every code, for one kind of processor.
type kernels struct {
	name string

	// dot returns the dot product of a and b, of equal length, which is a multiple of 64 and not 0.
	dot func(a, b []float32) float32
	// addScaled adds scale times v to sum, of equal length, which is a multiple of 32 and not 0.
	addScaled func(sum []float32, scale float32, v []float32)
	// dotBytes is dot of bytes, exactly.
	dotBytes func(a, b []int8) int32
	// fourDotBytes sets dots to the products of v, whose length is a multiple of 64 and not 0, with four
	// queries of that length that follow one another.
	fourDotBytes func(dots *[4]int32, queries []int16, v []int8)
	// cosines sets four numbers for each post to those of a probe, see Index.Cosines. The posts are of one chunk, whose embeddings
	// and scales are given; there is at least one.
	cosines func(cosines []float32, p *Probe, rows []int8, scales []float32, posts []catalog.Ordinal)
	// scaled sets out to scale times v, of equal length, which is a multiple of 64 and not 0.
	scaled func(out []float32, v []int8, scale float32)
	// prefetch lets v, which is not empty, come near while other work goes on.
	prefetch func(v []int8)
	// largest returns the largest of v, whose length is a multiple of 64 and not 0, signs left out, as its bits.
	largest func(v []float32) uint32
	// rounded sets out to factor times v, of equal length, which is a multiple of 64 and not 0, rounded to bytes.
	rounded func(out []int8, v []float32, factor float32)
	// signs sets bit i%64 of word i/64 where v[i] is above 0; the length of v is 64 for each word, and there is one.
	signs func(code []uint64, v []float32)
	// dotRows sets each number of out to the product of v and the row at its place, 0 where there is no such row. The length of
	// v is a multiple of 4 and not 0; there is at least one place, and a row.
	dotRows func(out []float64, rows []float32, places []int32, v []float64)
	// scan sets each distance to that of query and the code at its place, see newSketch, and bit i of near[b] where that of the
	// code at place lanes·b + i is at most bound, which is below 2^15. A code has a third of the words of query; there are a byte
	// and lanes distances for each lanes codes.
	scan func(near []uint8, distances []uint16, query sketch, codes []uint64, bound int)
}

// lanes is how many codes lie side by side, word by word: word w of the code at place o is at
// (o/lanes·words + w)·lanes + o%lanes.
const lanes = 8

// fastest are the kernels to use on this processor.
var fastest = available()[0]

func portable() kernels {
	return kernels{
		name: "portable", dot: portableDot, addScaled: portableAddScaled,
		dotBytes: portableDotBytes, fourDotBytes: portableFourDotBytes, cosines: portableCosines, scaled: portableScaled, dotRows: portableDotRows, scan: portableScan,
		prefetch: func([]int8) {}, largest: portableLargest, rounded: portableRounded, signs: portableSigns,
	}
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

func portableDotBytes(x, y []int8) (sum int32) {
	y = y[:len(x)]
	for i, a := range x {
		sum += int32(a) * int32(y[i])
	}
	return sum
}

func portableFourDotBytes(dots *[4]int32, queries []int16, v []int8) {
	for q := range dots {
		sum := int32(0)
		for i, x := range queries[q*len(v):][:len(v)] {
			sum += int32(x) * int32(v[i])
		}
		dots[q] = sum
	}
}

func portableScaled(out []float32, v []int8, scale float32) {
	out = out[:len(v)]
	for i, x := range v {
		out[i] = scale * float32(x)
	}
}

func portableLargest(v []float32) (largest uint32) {
	for _, x := range v {
		largest = max(largest, math.Float32bits(x)&^(1<<31))
	}
	return largest
}

func portableRounded(out []int8, v []float32, factor float32) {
	const even = 3 << 22 // added to a small number it leaves no place for a fraction
	out = out[:len(v)]
	for i, x := range v {
		out[i] = int8(float32(float32(x*factor)+even) - even) // each step rounded
	}
}

func portableSigns(code []uint64, v []float32) {
	for w := range code {
		code[w] = 0
		for i, x := range v[w*64 : min(len(v), (w+1)*64)] {
			code[w] |= positive(x) << i
		}
	}
}

func portableDotRows(out []float64, rows []float32, places []int32, v []float64) {
	for i, place := range places {
		out[i] = 0
		if place < 0 || (int(place)+1)*len(v) > len(rows) {
			continue
		}
		row, p := rows[int(place)*len(v):][:len(v)], v
		var a, b, c, d float64
		for ; len(row) >= 4; row, p = row[4:], p[4:] {
			a += float64(float64(row[0]) * p[0])
			b += float64(float64(row[1]) * p[1])
			c += float64(float64(row[2]) * p[2])
			d += float64(float64(row[3]) * p[3])
		}
		for k, x := range row {
			a += float64(float64(x) * p[k])
		}
		out[i] = (a + b) + (c + d)
	}
}

func portableScan(near []uint8, distances []uint16, query sketch, codes []uint64, bound int) {
	words := len(query) / 3
	signs, ones, twos := query[:words], query[words:2*words], query[2*words:]
	for b := range near {
		eight := distances[b*lanes:][:lanes]
		clear(eight)
		for w, word := range signs {
			for lane, x := range codes[w*lanes:][:lanes] {
				differ := x ^ word
				eight[lane] += uint16(bits.OnesCount64(differ&ones[w]) + 2*bits.OnesCount64(differ&twos[w]))
			}
		}
		near[b] = 0
		for lane, d := range eight {
			if int(d) <= bound {
				near[b] |= 1 << lane
			}
		}
		codes = codes[words*lanes:]
	}
}
