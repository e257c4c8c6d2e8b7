package vector

import (
	"cmp"
	"math/bits"
	"slices"
	"sync"

	"github.com/viterin/partial"

	"resonance/internal/catalog"
)

// Index finds the posts whose embeddings are nearest to a query, and holds these embeddings in a
// byte a component. To find them it has one bit for each component, its sign: two vectors that
// point the same way agree in most signs (Charikar 2002, "Similarity estimation techniques from
// rounding algorithms"). All codes are compared, so filters, inserts and deletes cost nothing, and
// there is no graph to rebuild.
//
// Not safe for concurrent use while Put or Remove runs. The zero value is empty and ready.
type Index struct {
	dim      int
	words    int      // of a code
	codes    []uint64 // by ordinal, see lanes
	code     []uint64 // memory for encode
	versions []int64  // by ordinal; 0: no embedding
	known    set      // of those with an embedding
	coarse   coarse
	len      int

	// Keep is up to how many embeddings are held whole, besides their bytes. Once there are more none is.
	Keep int
	rows rows
}

// Len returns how many posts have an embedding.
func (ix *Index) Len() int { return ix.len }

// Version returns the version of the embedding at o, or 0 when it has none.
func (ix *Index) Version(o catalog.Ordinal) int64 {
	if int(o) >= len(ix.versions) {
		return 0
	}
	return ix.versions[o]
}

// Put sets the embedding at o. The first vector put fixes the dimension; one of another
// dimension removes the embedding at o, since it can't be compared, and so does an empty one.
// version is not 0.
func (ix *Index) Put(o catalog.Ordinal, v []float32, version int64) {
	if ix.dim == 0 {
		ix.dim, ix.words = len(v), (len(v)+63)/64
		ix.coarse.dim, ix.code = len(v), make([]uint64, ix.words)
	}
	if len(v) == 0 || len(v) != ix.dim {
		ix.Remove(o)
		return
	}
	if n := int(o) + 1; n > len(ix.versions) {
		n = (n + lanes - 1) / lanes * lanes
		ix.versions = append(ix.versions, make([]int64, n-len(ix.versions))...)
		ix.codes = append(ix.codes, make([]uint64, n*ix.words-len(ix.codes))...)
		ix.known = append(ix.known, make(set, (n+63)/64-len(ix.known))...)
	}
	if ix.versions[o] == 0 {
		ix.len++
		ix.known.flip(o)
	}
	ix.versions[o] = version
	ix.encode(o, v)
	ix.coarse.put(o, v)
	switch {
	case ix.len <= ix.Keep:
		ix.rows.put(o, v)
	case ix.Keep > 0:
		ix.Keep, ix.rows = 0, rows{}
	}
}

// set is a set of posts, a bit each: small enough to stay in a near cache while codes are gone through.
type set []uint64

func (s set) has(o catalog.Ordinal) bool { return s[o/64]>>(o%64)&1 != 0 }
func (s set) flip(o catalog.Ordinal)     { s[o/64] ^= 1 << (o % 64) }

// Whole sets each of vectors to the embedding at that ordinal, nil where there is none, and reports
// whether all are held; it does nothing where they are not. They never change.
func (ix *Index) Whole(ordinals []catalog.Ordinal, vectors [][]float32) bool {
	if ix.Keep == 0 {
		return false
	}
	for i, o := range ordinals {
		vectors[i] = nil
		if int(o) < len(ix.rows.at) {
			vectors[i] = ix.rows.at[o]
		}
	}
	return true
}

// Remove takes the embedding at o out, if there is one.
func (ix *Index) Remove(o catalog.Ordinal) {
	if ix.Version(o) != 0 {
		ix.versions[o] = 0
		ix.coarse.scales[o] = 0 // so that it is like nothing
		ix.known.flip(o)
		ix.len--
		ix.rows.remove(o)
	}
}

// Query is a question to an Index.
type Query struct {
	Vector []float32
	Codes  int // how many of the nearest codes to look at
	Limit  int // how many posts to name
}

// Nearest returns, for each query, the Limit posts in scope that are nearest to it by their
// embeddings in bytes among those with the Codes nearest codes, nearest first, equal ones by id. Of
// these only posts come back for which is holds: fewer than Limit where most of the Codes do not
// count, or have no embedding; none for a query of another dimension. All queries are answered in
// one pass over the codes of a large scope.
func (ix *Index) Nearest(scope catalog.Scope, is func(catalog.Ordinal) bool, queries ...Query) [][]catalog.Ordinal {
	hunts := make([]*hunt, len(queries))
	for i, q := range queries {
		hunts[i] = huntingGear.Get().(*hunt)
		defer huntingGear.Put(hunts[i])
		ix.prepare(hunts[i], q)
	}
	if ordinals := scope.Ordinals(); scope.Settled() {
		ix.sweep(scope, hunts)
	} else {
		ix.visit(ordinals, hunts)
	}
	found := make([][]catalog.Ordinal, len(queries))
	for i, h := range hunts {
		found[i] = ix.refine(scope.Index(), h, is)
	}
	return found
}

// hunt is a query under way: the codes found so far that may be among the nearest.
type hunt struct {
	Query
	sketch    sketch
	bound     int   // no code farther away is wanted
	histogram []int // of found codes by distance, up to bound
	count     int   // of found codes up to bound
	found     []sighting
	near      []scored // memory for refine
}

type sighting struct {
	post     catalog.Ordinal
	distance uint16
}

// huntingGear is the memory that hunts take, one after the other.
var huntingGear = sync.Pool{New: func() any { return new(hunt) }}

// prepare makes h look for q; nothing is wanted where nothing can be compared.
func (ix *Index) prepare(h *hunt, q Query) {
	h.Query, h.bound, h.count, h.found = q, -1, 0, h.found[:0]
	if len(q.Vector) != ix.dim || ix.len == 0 || q.Codes < 1 || q.Limit < 1 {
		return
	}
	h.sketch = newSketch(q.Vector)
	h.bound = mostWeight * ix.dim
	h.histogram = slices.Grow(h.histogram[:0], h.bound+1)[:h.bound+1]
	clear(h.histogram)
}

// see notes a code that is within bound, and draws the bound in as far as enough codes are left.
func (h *hunt) see(o catalog.Ordinal, distance uint16) {
	h.found = append(h.found, sighting{o, distance})
	h.histogram[distance]++
	h.count++
	for h.count-h.histogram[h.bound] >= h.Codes {
		h.count -= h.histogram[h.bound]
		h.bound--
	}
}

// stretch is how many codes are compared at a time: they stay in the processor's nearest cache
// while each query is compared with them.
const stretch = 512

// sweep goes through the codes of all posts.
func (ix *Index) sweep(scope catalog.Scope, hunts []*hunt) {
	var distances [stretch]uint16
	var near [stretch / lanes]uint8
	for first := 0; first < len(ix.versions); first += stretch {
		n := min(stretch, len(ix.versions)-first) // a multiple of lanes
		for _, h := range hunts {
			if h.bound < 0 {
				continue
			}
			fastest.scan(near[:n/lanes], distances[:n], h.sketch, ix.codes[first*ix.words:][:n*ix.words], h.bound)
			for b, lanesNear := range near[:n/lanes] {
				for ; lanesNear != 0; lanesNear &= lanesNear - 1 {
					k := b*lanes + bits.TrailingZeros8(lanesNear)
					if o := catalog.Ordinal(first + k); int(distances[k]) <= h.bound && ix.known.has(o) && scope.Has(o) {
						h.see(o, distances[k])
					}
				}
			}
		}
	}
}

// visit goes through the codes of a few posts.
func (ix *Index) visit(ordinals []catalog.Ordinal, hunts []*hunt) {
	for _, o := range ordinals {
		if ix.Version(o) == 0 {
			continue
		}
		for _, h := range hunts {
			if h.bound < 0 {
				continue
			}
			if d := ix.distance(h.sketch, o); int(d) <= h.bound {
				h.see(o, d)
			}
		}
	}
}

// refine returns the posts that are nearest by their embeddings.
func (ix *Index) refine(index *catalog.Index, h *hunt, is func(catalog.Ordinal) bool) []catalog.Ordinal {
	if h.bound < 0 {
		return nil
	}
	code := make([]int8, ix.dim)
	quantise(code, h.Vector)
	near := h.near[:0]
	for _, s := range h.found {
		if int(s.distance) <= h.bound {
			near = append(near, scored{post: s.post})
		}
	}
	h.near = near
	for i := range near { // they lie anywhere in memory, which takes longer to answer than comparing does
		if next := i + ahead; next < len(near) {
			fastest.prefetch(ix.coarse.at(near[next].post))
		}
		o := near[i].post
		near[i].score = ix.coarse.scales[o] * float32(dotBytes(code, ix.coarse.at(o)))
	}
	order := func(a, b scored) int {
		if a.score != b.score {
			return cmp.Compare(b.score, a.score)
		}
		return index.CompareIDs(a.post, b.post)
	}
	for n := h.Limit + h.Limit/4; ; n *= 2 { // few of the nearest do not count
		n = min(n, len(near))
		partial.TopKFunc(near, n, order)
		if best := those(near[:n], is); len(best) >= h.Limit || n == len(near) {
			slices.SortFunc(best, order)
			return ordinals(best[:min(h.Limit, len(best))])
		}
	}
}

// ahead is how many posts before it is compared an embedding is asked for.
const ahead = 8

type scored struct {
	post  catalog.Ordinal
	score float32
}

func those(posts []scored, is func(catalog.Ordinal) bool) []scored {
	some := make([]scored, 0, len(posts))
	for _, s := range posts {
		if is(s.post) {
			some = append(some, s)
		}
	}
	return some
}

func ordinals(posts []scored) []catalog.Ordinal {
	ordinals := make([]catalog.Ordinal, len(posts))
	for i, s := range posts {
		ordinals[i] = s.post
	}
	return ordinals
}

// Vectors returns the embeddings at ordinals from their bytes, in their order; nil where a post has
// none. They are the caller's.
func (ix *Index) Vectors(ordinals []catalog.Ordinal) [][]float32 {
	vectors := make([][]float32, len(ordinals))
	all := make([]float32, len(ordinals)*ix.dim)
	for i, o := range ordinals {
		if ix.Version(o) != 0 {
			vectors[i] = all[i*ix.dim:][:ix.dim:ix.dim]
			scaled(vectors[i], ix.coarse.at(o), ix.coarse.scales[o])
		}
	}
	return vectors
}

// distance returns the distance between the code at o and a query's.
func (ix *Index) distance(query sketch, o catalog.Ordinal) (d uint16) {
	first := int(o)/lanes*lanes*ix.words + int(o)%lanes
	for w := range ix.words {
		differ := query[w] ^ ix.codes[first+w*lanes]
		d += uint16(bits.OnesCount64(differ&query[ix.words+w]) + 2*bits.OnesCount64(differ&query[2*ix.words+w]))
	}
	return d
}

// encode sets bit i of the code at o where v[i] is positive.
func (ix *Index) encode(o catalog.Ordinal, v []float32) {
	signs(ix.code, v)
	first := int(o)/lanes*lanes*ix.words + int(o)%lanes
	for w, word := range ix.code {
		ix.codes[first+w*lanes] = word
	}
}
