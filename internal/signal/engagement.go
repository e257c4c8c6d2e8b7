package signal

import "math"

// engagement is what upstream's own counters say of the post, on a logarithmic scale:
//
//	log(1 + upvotes) + log(1 + views) / 2 + log(1 + comments + shares + bookmarks) + average rating / 50
//
// They were counted over more users than were copied, which helps where few events are known.
func engagement(q *Question, out []float64) {
	for i, o := range q.Candidates {
		e := q.Catalog.Entry(o)
		if e.Upvotes|e.Views|e.Comments|e.Shares|e.Bookmarks|e.AverageRating == 0 {
			out[i] = 0
			continue
		}
		out[i] = math.Log1p(float64(e.Upvotes)) + math.Log1p(float64(e.Views))/2 +
			math.Log1p(float64(e.Comments+e.Shares+e.Bookmarks)) + float64(e.AverageRating)/50
	}
}
