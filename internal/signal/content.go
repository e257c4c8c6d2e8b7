package signal

import (
	"slices"

	"resonance/internal/collab"
	"resonance/internal/vector"
)

// Remembered is how many posts of a history, the newest, need their embeddings.
const Remembered = 50

// taste is the cosine to the user embedding, the mean of the history's embeddings, weighted by
// what each touch says of the user's taste and by recency.
func taste(q *Question, out []float64) {
	q.compare()
	copy(out, q.toUser)
}

// mostInterests is how many of the newest touches the signal recent compares with.
const mostInterests = 3

// recent is the largest cosine to one of the last posts that the user did not dislike: several
// interests, where taste is their average.
func recent(q *Question, out []float64) {
	q.compare()
	copy(out, q.toRecent)
}

// likeness is how like candidates are to what the user embedding and the last posts say. Both are
// found on one way through the embeddings, which takes longer than all products.
type likeness struct {
	known            bool
	probe            vector.Probe
	cosines          []float32 // four by candidate
	toUser, toRecent []float64 // by candidate, 0 where there is nothing to compare
}

func (q *Question) compare() {
	if q.likeness.known {
		return
	}
	q.likeness.known = true
	n := len(q.Candidates)
	q.toUser, q.toRecent = slices.Grow(q.toUser[:0], n)[:n], slices.Grow(q.toRecent[:0], n)[:n]
	clear(q.toUser)
	clear(q.toRecent)
	user, interests := q.UserEmbedding(), q.Interests()
	if q.Embeddings == nil || user == nil && len(interests) == 0 {
		return
	}
	queries := interests
	if user != nil {
		queries = append(queries, user)
	}
	q.probe.Set(queries...)
	q.cosines = slices.Grow(q.cosines[:0], 4*n)[:4*n]
	q.Embeddings.Cosines(&q.probe, q.Candidates, q.cosines)
	if user != nil {
		for i := range q.toUser {
			q.toUser[i] = float64(q.cosines[4*i+len(interests)])
		}
	}
	// Fewer interests than there may be: the last one counts again.
	if last := len(interests) - 1; last >= 0 {
		second, third := min(1, last), min(2, last)
		for i := range q.toRecent {
			c := q.cosines[4*i:][:4]
			q.toRecent[i] = float64(max(c[0], c[second], c[third]))
		}
	}
}

// Interests returns the embeddings of the last posts that the user did not dislike, newest first.
func (q *Question) Interests() (near [][]float32) {
	dim := q.dimension()
	for _, t := range q.History {
		if len(near) == mostInterests {
			break
		}
		if t.Weight > 0 && t.Vector != nil && len(t.Vector) == dim {
			near = append(near, t.Vector)
		}
	}
	return near
}

// dimension returns that of the history's newest embedding, 0 for none; others can't be compared.
func (q *Question) dimension() int {
	for _, t := range q.History {
		if t.Vector != nil {
			return len(t.Vector)
		}
	}
	return 0
}

// UserEmbedding returns where in the space of embeddings the user's taste lies, of unit norm; nil
// for a user of no known taste:
//
//	u = Σ weight_i standing_i .5^(i / TasteMemory) embedding_i, scaled to unit norm; i: position, 0 the newest
func (q *Question) UserEmbedding() []float32 {
	sum := make([]float32, q.dimension())
	for i, t := range q.History {
		if t.Vector != nil && len(t.Vector) == len(sum) {
			vector.AddScaled(sum, float32(t.Weight*t.standing()*collab.Recency(i, q.Crowd.settings.TasteMemory)), t.Vector)
		}
	}
	if len(sum) == 0 || !vector.Normalise(sum) {
		return nil
	}
	return sum
}
