package signal

import "resonance/internal/catalog"

const day = 24 * 60 * 60 * 1000 // milliseconds

// popularity counts who touched a post, the recent ones for more: collab.Popularity.
func popularity(q *Question, out []float64) {
	worth := q.Crowd.popularity.Worth(q.Now)
	for i, o := range q.Candidates {
		out[i] = q.Crowd.popularity.At(int32(o), worth)
	}
}

// buzz is popularity of a shorter half-life: what people watch right now.
func buzz(q *Question, out []float64) {
	worth := q.Crowd.buzz.Worth(q.Now)
	for i, o := range q.Candidates {
		out[i] = q.Crowd.buzz.At(int32(o), worth)
	}
}

func popularitySpread(q *Question, scope catalog.Scope) (mean, deviation float64) {
	return q.Crowd.spread(q.Crowd.popularity, scope, q.Now)
}

func buzzSpread(q *Question, scope catalog.Scope) (mean, deviation float64) {
	return q.Crowd.spread(q.Crowd.buzz, scope, q.Now)
}

// always is what is common of what everyone did.
func always(*Question) bool { return true }

// freshness is .5^(age / half-life), which is relative: adding the same time to every age changes
// nothing once values are normalised, so the newest candidate's age is taken as 0 and old data
// ranks as well as today's. What is dated past the present is as new as the present, or one post of
// the year 9999 would make all others equally old.
func freshness(q *Question, out []float64) {
	newest, scale := q.newest(), 1/(day*q.Crowd.settings.FreshDays)
	for i, created := range q.sheet.Created {
		out[i] = halved(float64(max(0, newest-created)) * scale)
	}
}

// nearNewest reports whether freshness that counts from the newest post of the scope, instead of from the newest one that can
// be chosen, is far from vanishing.
func nearNewest(q *Question) bool {
	const halvings = 256
	newest := min(q.sheet.Newest(nil), q.Now)
	return float64(newest-q.newest()) < halvings*day*q.Crowd.settings.FreshDays
}

// newest returns when the newest candidate that can be chosen was made, the present at most.
func (q *Question) newest() int64 { return min(q.sheet.Newest(q.Out), q.Now) }

// priorRatings is how many ratings of everyone's mean a post's own are shrunk with.
const priorRatings = 10

// quality is the post's mean rating, shrunk to everyone's:
//
//	(sum of ratings + prior · everyone's mean) / (number of ratings + prior)
func quality(q *Question, out []float64) {
	clear(out)
	r := &q.Crowd.ratings
	if r.count == 0 {
		return
	}
	prior := priorRatings * float64(r.sum) / float64(r.count)
	for i, o := range q.Candidates {
		sum, count := 0., 0.
		if int(o) < len(r.sums) {
			sum, count = float64(r.sums[o]), float64(r.counts[o])
		}
		out[i] = (sum + prior) / (count + priorRatings)
	}
}
