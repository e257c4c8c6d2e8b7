package signal

import "resonance/internal/collab"

// weighted returns the history as the models take it, each position halved in weight every
// memory positions back.
func (q *Question) weighted(memory float64) []collab.Weighted {
	history := make([]collab.Weighted, len(q.History))
	for i, t := range q.History {
		history[i] = collab.Weighted{Item: int32(t.Post), Weight: collab.Recency(i, memory)}
	}
	return history
}

func ease(q *Question, out []float64) {
	if q.Models.ease == nil {
		clear(out)
		return
	}
	q.gather(out, func(dense []float64) { q.Models.ease.Score(q.weighted(q.Models.EASEMemory), dense, &q.scratch) })
}

func neighbours(q *Question, out []float64) {
	q.gather(out, func(dense []float64) {
		q.Models.neighbours.Score(q.weighted(q.Models.HistoryMemory), dense, &q.scratch)
	})
}

func walk(q *Question, out []float64) {
	q.gather(out, func(dense []float64) { q.Models.walk.Score(q.weighted(q.Models.HistoryMemory), dense, &q.scratch) })
}

func factors(q *Question, out []float64) {
	q.gather(out, func(dense []float64) { q.Models.factors.Score(q.weighted(0), dense, &q.scratch) })
}

func transitions(q *Question, out []float64) {
	q.gather(out, func(dense []float64) { q.Models.transitions.At(q.Now).Score(q.weighted(0), dense, &q.scratch) })
}
