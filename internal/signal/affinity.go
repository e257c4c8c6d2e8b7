package signal

import (
	"math"

	"resonance/internal/catalog"
	"resonance/internal/collab"
)

// affinityMemory is how many positions of the history halve what a touch says of affinities.
const affinityMemory = 5

// affinityPrior is how many touches of an average user a user's own are shrunk with.
const affinityPrior = .5

// category is the share of the user's history that is of the post's category.
func category(q *Question, out []float64) {
	share(q, out, func(e *catalog.Entry) catalog.Name { return e.Category }, q.Catalog.Categories.Len())
}

// author is the share of the user's history that is of the post's author.
func author(q *Question, out []float64) {
	share(q, out, func(e *catalog.Entry) catalog.Name { return e.Author }, q.Catalog.Authors.Len())
}

// share is, for the name of a post:
//
//	(sum of the weights of the history's posts of that name + prior · p) / (sum of all weights + prior)
//
// with weights halved every affinityMemory positions back and p the share of that name in
// everyone's touches.
func share(q *Question, out []float64, of func(*catalog.Entry) catalog.Name, names int) {
	mine := make([]float64, names)
	var total float64
	for i, t := range q.History {
		w := collab.Recency(i, affinityMemory)
		mine[of(q.Catalog.Entry(t.Post))] += w
		total += w
	}
	prior := q.Models.everyones(q.Catalog, of, names)
	for i, o := range q.Candidates {
		name := of(q.Catalog.Entry(o))
		out[i] = (mine[name] + affinityPrior*prior[name]) / (total + affinityPrior)
	}
}

// everyones returns the share of each name in everyone's touches.
func (m *Models) everyones(index *catalog.Index, of func(*catalog.Entry) catalog.Name, names int) []float64 {
	shares := make([]float64, names)
	var total float64
	for o, n := range m.touches {
		if catalog.Ordinal(o) < catalog.Ordinal(index.Cap()) {
			shares[of(index.Entry(catalog.Ordinal(o)))] += n
			total += n
		}
	}
	if total > 0 {
		for i := range shares {
			shares[i] /= total
		}
	}
	return shares
}

// nearness is how near in creation time the post is to the newest of the history, the last
// counting most: posts made together are watched together. It may echo the order in which an app
// shows posts.
func nearness(q *Question, out []float64) {
	clear(out)
	const last, decay = 5, .7
	for n, t := range q.History[:min(last, len(q.History))] {
		weight := math.Pow(decay, float64(n))
		at := q.Catalog.Entry(t.Post).CreatedAt
		for i, o := range q.Candidates {
			apart := math.Abs(float64(q.Catalog.Entry(o).CreatedAt-at)) / day
			out[i] += weight * math.Exp2(-apart/q.Models.NearDays)
		}
	}
}
