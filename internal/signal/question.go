package signal

import (
	"resonance/internal/catalog"
	"resonance/internal/collab"
)

// Touch is a post of the user's history.
type Touch struct {
	Post   catalog.Ordinal
	At     int64   // when the user first touched it, epoch milliseconds
	Weight float64 // how much it says of the user's taste; negative for dislike
	Vector []float32
	Seen   bool // a touch that others' rows hold too; false for what was only skipped
}

// World is what there is to ask about.
type World struct {
	Catalog *catalog.Index
	Crowd   *Crowd
	Fitted  *Fitted // nil before the first fit
}

// Question is what signals are asked about: some posts, one user, one moment. Not safe for
// concurrent use; one may be asked again after its exported fields were changed.
type Question struct {
	World
	User       int64             // the asking user's id, 0 for nobody that others' rows know
	Now        int64             // epoch milliseconds
	Candidates []catalog.Ordinal // ascending
	Vectors    [][]float32       // of Candidates; nil where a post has none
	History    []Touch           // newest first

	weighted []collab.Weighted
	scratch  collab.Scratch
	sums     collab.Sums // by ordinal
	partial  collab.Sums // by place in Fitted
	names    []float64
}

// Ask overwrites out, of the length of Candidates, with a signal's values.
func (q *Question) Ask(s Signal, out []float64) {
	if s.Measure != nil {
		s.Measure(q, out)
		return
	}
	sums := q.Reached(s)
	for i, o := range q.Candidates {
		out[i] = sums.At(int32(o))
	}
}

// Reached returns the values, by ordinal, of a signal that reaches few posts; valid until the
// question is asked again.
func (q *Question) Reached(s Signal) *collab.Sums {
	q.sums.Reset(q.Catalog.Cap())
	s.Reach(q, &q.sums)
	return &q.sums
}

// touched returns the history as the crowd's models take it: its posts by ordinal, each position
// halved in weight every memory positions back; a memory of 0 weighs all alike.
func (q *Question) touched(memory float64) []collab.Weighted {
	q.weighted = q.weighted[:0]
	for _, t := range q.History {
		if t.Seen {
			weight := collab.Recency(len(q.weighted), memory)
			q.weighted = append(q.weighted, collab.Weighted{Item: int32(t.Post), Weight: weight})
		}
	}
	return q.weighted
}
