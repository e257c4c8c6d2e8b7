package vector

import (
	"math"

	"resonance/internal/catalog"
)

// chunk is how many embeddings lie side by side in memory: as many as come grow by one chunk, and
// nothing is copied.
const chunk = 4096

// coarse holds embeddings in a byte a component: the largest component is 127 or -127, and the others
// are rounded in proportion, so a cosine is right to about .0005. An embedding depends on nothing
// else, and products are exact, so that replicas agree bit for bit.
type coarse struct {
	dim    int
	chunks [][]int8
	scales []float32 // by ordinal; by which a byte is multiplied
}

func (c *coarse) at(o catalog.Ordinal) []int8 {
	return c.chunks[o/chunk][int(o%chunk)*c.dim:][:c.dim]
}

// put sets the embedding at o, whose length is dim.
func (c *coarse) put(o catalog.Ordinal, v []float32) {
	for int(o) >= len(c.scales) {
		c.chunks = append(c.chunks, make([]int8, chunk*c.dim))
		c.scales = append(c.scales, make([]float32, chunk)...)
	}
	c.scales[o] = quantise(c.at(o), v)
}

// quantise sets out to v, of unit norm, divided by about the scale that it returns, rounded. The scale makes the
// rounded vector one of unit norm too.
func quantise(out []int8, v []float32) (scale float32) {
	largest := math.Float32frombits(largest(v))
	if largest == 0 {
		clear(out)
		return 0
	}
	rounded(out, v, 127/largest)
	return float32(1 / math.Sqrt(float64(dotBytes(out, out))))
}
