package signal

import "math"

const day = 24 * 60 * 60 * 1000 // milliseconds

// popularity counts who touched a post, the recent ones for more.
func popularity(q *Question, out []float64) {
	q.gather(out, func(dense []float64) {
		q.Models.popularity.At(q.Now).Score(dense)
	})
}

// freshness is .5^(age / half-life), which is relative: adding the same time to every age
// changes nothing after normalisation, so the newest candidate's age is taken as 0 and old data
// ranks as well as today's.
func freshness(q *Question, out []float64) {
	newest := int64(math.MinInt64)
	for _, o := range q.Candidates {
		newest = max(newest, q.Catalog.Entry(o).CreatedAt)
	}
	for i, o := range q.Candidates {
		age := float64(newest-q.Catalog.Entry(o).CreatedAt) / day
		out[i] = math.Exp2(-age / q.Models.FreshDays)
	}
}

// priorRatings is how many ratings of everyone's mean a post's own are shrunk with.
const priorRatings = 10

// quality is the post's mean rating, shrunk to everyone's.
func quality(q *Question, out []float64) {
	clear(out)
	r := q.Models.ratings
	if r == nil || r.total.count == 0 {
		return
	}
	mean := float64(r.total.sum) / float64(r.total.count)
	for i, o := range q.Candidates {
		sum, count := 0.0, 0.0
		if int(o) < len(r.Sum) {
			sum, count = float64(r.Sum[o]), float64(r.Count[o])
		}
		out[i] = (sum + priorRatings*mean) / (count + priorRatings)
	}
}
