package candidate

import (
	"math/rand/v2"
	"slices"

	"resonance/internal/catalog"
	"resonance/internal/vector"
)

const dim = 16

// post is a post of a test world.
type post struct {
	catalog.Features
	embedding []float32 // nil for none
	value     float64   // what Top generators go by
	gone      bool
}

// world is a catalogue with embeddings, as a replica would hold it.
type world struct {
	catalog catalog.Index
	vectors vector.Index
	value   map[int64]float64
}

// newWorld returns the world of posts, put in the order given. Gone ones were there once.
func newWorld(posts []post) *world {
	w := &world{value: map[int64]float64{}}
	for i, p := range posts {
		o := w.catalog.Put(p.Features, int64(i+1))
		w.value[p.ID] = p.value
		if p.embedding != nil {
			w.vectors.Put(o, p.embedding, int64(i+1))
		}
		if p.gone {
			w.catalog.Remove(p.ID)
		}
	}
	return w
}

func (w *world) id(o catalog.Ordinal) int64 { return w.catalog.Entry(o).ID }

func (w *world) ids(ordinals []catalog.Ordinal) []int64 {
	ids := make([]int64, len(ordinals))
	for i, o := range ordinals {
		ids[i] = w.id(o)
	}
	slices.Sort(ids)
	return ids
}

func (w *world) query(project string, user []float32, limit int) Query {
	return Query{
		Scope: w.catalog.Scope(project), UserEmbedding: user, Limit: limit,
		Allowed: func(o catalog.Ordinal) bool { return w.id(o)%5 != 0 }, // by id, so that worlds agree
	}
}

// randomPosts returns n posts: of three projects or none, some gone, some not public, some
// without an embedding, with values and embeddings of which many are equal.
func randomPosts(r *rand.Rand, n int) []post {
	posts := make([]post, n)
	for i, id := range r.Perm(n) {
		p := &posts[i]
		p.Features = catalog.Features{ID: catalog.MaxID - int64(id), Public: r.IntN(8) > 0, Project: []string{"", "a", "b", "c"}[r.IntN(4)]}
		p.Author, p.CreatedAt = []string{"ann", "bob"}[r.IntN(2)], r.Int64N(9)
		p.value, p.gone = float64(r.IntN(6)), r.IntN(8) == 0
		if r.IntN(6) > 0 {
			p.embedding = theme(r.IntN(12))
		}
	}
	return posts
}

// theme returns one of a few unit vectors.
func theme(n int) []float32 {
	r := rand.New(rand.NewPCG(uint64(n), 9))
	v := make([]float32, dim)
	for i := range v {
		v[i] = float32(r.NormFloat64())
	}
	vector.Normalise(v)
	return v
}
