package vector

import "resonance/internal/catalog"

// Probe is up to four vectors that the embeddings of an Index are compared with, by their bytes: each embedding
// is read once. Its cosines are right to about .001 and the same everywhere. The zero value is ready for Set.
// Not safe for concurrent use.
type Probe struct {
	dim     int
	n       int
	queries []int16 // four, one after the other
	code    []int8
	scales  [4]float32
	dots    [4]int32
}

// Set makes the probe one of these vectors, one to four of unit norm and of one dimension.
func (p *Probe) Set(vectors ...[]float32) {
	p.n, p.dim = len(vectors), len(vectors[0])
	p.queries = append(p.queries[:0], make([]int16, 4*p.dim)...)
	p.code = append(p.code[:0], make([]int8, p.dim)...)
	for q, v := range vectors {
		p.scales[q] = quantise(p.code, v)
		for i, x := range p.code {
			p.queries[q*p.dim+i] = int16(x)
		}
	}
}

// Cosines returns the cosines of the probe's vectors and the embedding at o, and whether there is one to be
// compared.
func (ix *Index) Cosines(p *Probe, o catalog.Ordinal) (cosines [4]float32, ok bool) {
	if ix.Version(o) == 0 || ix.dim != p.dim {
		return cosines, false
	}
	v := ix.coarse.at(o)
	if p.dim%64 == 0 {
		fastest.fourDotBytes(&p.dots, p.queries, v)
	} else {
		portableFourDotBytes(&p.dots, p.queries, v)
	}
	for q := range p.n {
		cosines[q] = float32(p.dots[q]) * (p.scales[q] * ix.coarse.scales[o])
	}
	return cosines, true
}
