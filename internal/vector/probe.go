package vector

import "resonance/internal/catalog"

// Probe is up to four vectors that the embeddings of an Index are compared with, by their bytes: each embedding
// is read once. Its cosines are right to about .001 and the same everywhere. The zero value is ready for Set.
// Not safe for concurrent use.
type Probe struct {
	dim    int
	n      int
	codes  []int8 // four, one after the other
	wide   []int16
	scales [4]float32
	excess [4]int32 // 128 times the sum of each
	dots   [4]int32
}

// Set makes the probe one of these vectors, one to four of unit norm and of one dimension.
func (p *Probe) Set(vectors ...[]float32) {
	p.n, p.dim = len(vectors), len(vectors[0])
	p.codes, p.wide = append(p.codes[:0], make([]int8, 4*p.dim)...), p.wide[:0]
	p.scales, p.excess = [4]float32{}, [4]int32{}
	for q, v := range vectors {
		code := p.codes[q*p.dim:][:p.dim]
		p.scales[q] = quantise(code, v)
		for _, x := range code {
			p.excess[q] += 128 * int32(x)
		}
	}
}

// Cosines sets the numbers of cosines, four for each post, to the cosines of the probe's vectors and the embedding of the post;
// 0 where there is none to be compared, and for vectors that were not set.
func (ix *Index) Cosines(p *Probe, posts []catalog.Ordinal, cosines []float32) {
	if ix.dim != p.dim {
		clear(cosines)
		return
	}
	for len(posts) > 0 {
		n, at := together(posts[:min(len(posts), stretch)]), int(posts[0]/chunk)
		if at < len(ix.coarse.chunks) {
			fastest.cosines(cosines[:4*n], p, ix.coarse.chunks[at], ix.coarse.scales[at*chunk:][:chunk], posts[:n])
		} else {
			clear(cosines[:4*n])
		}
		posts, cosines = posts[n:], cosines[4*n:]
	}
}

// together returns how many of the posts, from the first on, are of one chunk.
func together(posts []catalog.Ordinal) (n int) {
	differ := catalog.Ordinal(0)
	for _, o := range posts {
		differ |= o ^ posts[0]
	}
	if differ < chunk { // as they mostly are, all of them
		return len(posts)
	}
	for posts[n]/chunk == posts[0]/chunk {
		n++
	}
	return n
}

// portableCosines compares the posts of one chunk with a probe.
func portableCosines(cosines []float32, p *Probe, rows []int8, scales []float32, posts []catalog.Ordinal) {
	cosinesBy(portableFourDotBytes, cosines, p, rows, scales, posts)
}

func cosinesBy(products func(*[4]int32, []int16, []int8), cosines []float32, p *Probe, rows []int8, scales []float32, posts []catalog.Ordinal) {
	if len(p.wide) == 0 {
		for _, x := range p.codes {
			p.wide = append(p.wide, int16(x))
		}
	}
	if p.dim%64 != 0 {
		products = portableFourDotBytes
	}
	for i, o := range posts {
		place := int(o % chunk)
		products(&p.dots, p.wide, rows[place*p.dim:][:p.dim])
		for q, dot := range p.dots {
			cosines[4*i+q] = float32(dot) * (p.scales[q] * scales[place])
		}
	}
}
