package signal

import (
	"slices"

	"resonance/internal/catalog"
	"resonance/internal/collab"
	"resonance/internal/moments"
)

// affinityPrior is how many touches of an average user a user's own are shrunk with.
const affinityPrior = .5

// category is the share of the user's history that is of the post's category.
func category(q *Question, out []float64) {
	q.share(out, &q.Crowd.categories, q.Catalog.Categories.Len(), q.sheet.Categories, func(e *catalog.Entry) catalog.Name { return e.Category })
}

// author is the share of the user's history that is of the post's author.
func author(q *Question, out []float64) {
	q.share(out, &q.Crowd.authors, q.Catalog.Authors.Len(), q.sheet.Authors, func(e *catalog.Entry) catalog.Name { return e.Author })
}

// share is, for the name of a post:
//
//	(sum of the weights of the history's posts of that name + prior · p) / (sum of all weights + prior)
//
// with weights of its standing for a touch and -1 for a dislike, halved every AffinityMemory positions back, and
// p the share of that name in everyone's touches. Dislikes count in the sum of all as likes do. A skip that a touch of
// the name follows counts there alone: most of what is met is skipped, and who comes back has not turned away.
func (q *Question) share(out []float64, everyone *tally, all int, names []catalog.Name, of func(*catalog.Entry) catalog.Name) {
	clear(q.names)
	var total float64
	for i, t := range q.History {
		w := collab.Recency(i, q.Crowd.settings.AffinityMemory)
		total += w
		name := of(q.Catalog.Entry(t.Post))
		for int(name) >= len(q.names) {
			q.names = append(q.names, standing{})
		}
		mine := &q.names[name]
		switch {
		case t.Weight >= 0:
			mine.share += w * t.standing()
			mine.touched = mine.touched || t.Seen
		case t.Seen || !mine.touched:
			mine.share -= w * t.standing()
		}
	}
	theirs, inverse := affinityPrior/float64(max(1, everyone.total)), 1/(total+affinityPrior)
	share := func(name catalog.Name) float64 {
		sum := 0.
		if int(name) < len(q.names) {
			sum = q.names[name].share
		}
		if int(name) < len(everyone.counts) {
			sum += float64(theirs * float64(everyone.counts[name]))
		}
		return sum * inverse
	}
	if all > len(names) {
		for i, name := range names {
			out[i] = share(name)
		}
		return
	}
	shares := slices.Grow(q.shares[:0], all)[:all] // fewer than there are posts
	for name := range shares {
		shares[name] = share(catalog.Name(name))
	}
	for i, name := range names {
		out[i] = shares[name]
	}
	q.shares = shares
}

// standing is what a user's history says of a name.
type standing struct {
	share   float64
	touched bool
}

// nearness is how near in creation time the post is to the newest of the history, the last
// counting most: posts made together are watched together. It may echo the order in which an app
// shows posts.
func nearness(q *Question, out []float64) {
	clear(out)
	const last, decay = 5, .7
	weight, left, scale := 1., last, 1/(day*q.Crowd.settings.NearDays)
	for _, t := range q.History {
		if left == 0 {
			return
		}
		if !t.Seen {
			continue
		}
		at := float64(q.Catalog.Entry(t.Post).CreatedAt)
		moments.AddNear(out, q.sheet.Made, at, scale, weight)
		weight, left = weight*decay, left-1
	}
}
