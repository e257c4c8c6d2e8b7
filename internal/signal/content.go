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
	if !q.hasTaste {
		clear(out)
		return
	}
	cosines, user := q.cosines, q.interests
	for i := range out {
		out[i] = float64(cosines[4*i+user])
	}
}

// mostInterests is how many of the newest touches the signal recent compares with.
const mostInterests = 3

// recent is the largest cosine to one of the last posts that the user did not dislike: several
// interests, where taste is their average.
func recent(q *Question, out []float64) {
	q.compare()
	if q.interests == 0 {
		clear(out)
		return
	}
	second, third := min(1, q.interests-1), min(2, q.interests-1) // of fewer interests the last one counts again
	cosines := q.cosines
	for i := range out {
		c := cosines[4*i:][:4]
		out[i] = float64(max(c[0], c[second], c[third]))
	}
}

// likeness is how like candidates are to what the last posts and the user embedding say. Both are
// found on one way through the embeddings, which takes longer than all products.
type likeness struct {
	known     bool
	probe     vector.Probe
	cosines   []float32 // four by candidate: to the interests, newest first, and then to the user embedding
	interests int       // how many there are
	hasTaste  bool      // there is a user embedding
}

func (q *Question) compare() {
	if q.likeness.known {
		return
	}
	user, queries := q.UserEmbedding(), q.Interests()
	q.likeness.known, q.interests, q.hasTaste = true, len(queries), user != nil
	if q.hasTaste {
		queries = append(queries, user)
	}
	n := 4 * len(q.Candidates)
	q.cosines = slices.Grow(q.cosines[:0], n)[:n]
	if q.Embeddings == nil || len(queries) == 0 {
		clear(q.cosines)
		return
	}
	q.probe.Set(queries...)
	q.Embeddings.Cosines(&q.probe, q.Candidates, q.cosines)
}

// Interests returns the embeddings of the last posts that the user did not dislike, newest first.
func (q *Question) Interests() (near [][]float32) {
	dim := q.dimension()
	near = make([][]float32, 0, mostInterests+1)
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
