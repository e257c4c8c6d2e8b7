package signal

import "resonance/internal/collab"

// ease is collab.EASE on a history whose weight halves every EASEMemory positions.
func ease(q *Question, out []float64) {
	if q.Fitted == nil || q.Fitted.ease == nil {
		clear(out)
		return
	}
	q.Fitted.ease.Fold(q.known(q.Fitted.settings.EASEMemory), &q.scratch)
	q.Fitted.ease.Of(q.fittedPlaces(), out, &q.scratch)
}

// factors is collab.IALS, the history folded in.
func factors(q *Question, out []float64) {
	if q.Fitted == nil {
		clear(out)
		return
	}
	q.Fitted.factors.Fold(q.known(0), &q.scratch)
	q.Fitted.factors.Of(q.fittedPlaces(), out, &q.scratch)
}

// neighbours is collab.ItemKNN.
func neighbours(q *Question, sums *collab.Sums) {
	if q.Fitted == nil {
		return
	}
	q.partial.Reset(len(q.Fitted.posts))
	q.Fitted.neighbours.Reach(q.known(q.Fitted.settings.HistoryMemory), &q.partial)
	for _, place := range q.partial.Reached() {
		sums.Add(int32(q.Fitted.posts[place]), q.partial.At(place))
	}
}

// walk is collab.RP3Beta over everyone's rows as they are now.
func walk(q *Question, sums *collab.Sums) {
	q.Crowd.walk.Reach(q.touched(q.Crowd.settings.HistoryMemory), q.Crowd.self(q.User), sums, &q.scratch)
}

// transitions is collab.Transitions over everyone's rows as they are now.
func transitions(q *Question, sums *collab.Sums) {
	q.Crowd.transitions.Reach(q.touched(0), q.Now, sums)
}

// next is transitions that look only a few steps ahead of the newest positions.
func next(q *Question, sums *collab.Sums) {
	q.Crowd.next.Reach(q.touched(0), q.Now, sums)
}
