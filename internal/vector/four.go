package vector

// Four is up to four vectors of one dimension that many others are compared with: reading an embedding
// from memory takes longer than its products. Not safe for concurrent use.
type Four struct {
	vectors [4][]float32
	n       int
	dots    [4]float32
}

// NewFour returns the vectors, one to four, of one dimension, which is not 0. They must not change
// while the Four is in use.
func NewFour(vectors ...[]float32) *Four {
	f := &Four{n: len(vectors)}
	for i := range f.vectors {
		f.vectors[i] = vectors[min(i, len(vectors)-1)]
	}
	return f
}

// Dim returns the dimension.
func (f *Four) Dim() int { return len(f.vectors[0]) }

// Dots returns the dot products with v, which is of the same dimension, each the very one that Dot
// gives; as many as there are vectors mean something.
func (f *Four) Dots(v []float32) [4]float32 {
	whole := len(v) &^ 63
	if whole == 0 || whole < len(v) || fastest.fourDots == nil {
		for i, q := range f.vectors[:f.n] {
			f.dots[i] = Dot(q, v)
		}
		return f.dots
	}
	fastest.fourDots(&f.dots, &f.vectors, v)
	return f.dots
}
