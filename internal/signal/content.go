package signal

import (
	"resonance/internal/collab"
	"resonance/internal/vector"
)

// Remembered is how many posts of a history, the newest, need their embeddings.
const Remembered = 50

// taste is the cosine to the user embedding, the mean of the history's embeddings, weighted by
// what each touch says of the user's taste and by recency.
func taste(q *Question, out []float64) {
	clear(out)
	user := q.UserEmbedding()
	if user == nil {
		return
	}
	for i, v := range q.Vectors {
		if len(v) == len(user) {
			out[i] = float64(vector.Dot(user, v))
		}
	}
}

// UserEmbedding returns where in the space of embeddings the user's taste lies, of unit norm; nil
// for a user of no known taste:
//
//	u = Σ weight_i standing_i .5^(i / TasteMemory) embedding_i, scaled to unit norm; i: position, 0 the newest
func (q *Question) UserEmbedding() []float32 {
	var sum []float32
	for i, t := range q.History {
		if sum == nil && t.Vector != nil {
			sum = make([]float32, len(t.Vector))
		}
		if t.Vector == nil || len(t.Vector) != len(sum) {
			continue
		}
		vector.AddScaled(sum, float32(t.Weight*t.standing()*collab.Recency(i, q.Crowd.settings.TasteMemory)), t.Vector)
	}
	if sum == nil || !vector.Normalise(sum) {
		return nil
	}
	return sum
}

// Interests is how many of the newest touches the signal recent compares with.
const Interests = 3

// recent is the largest cosine to one of the last posts that the user did not dislike: several
// interests, where taste is their average.
func recent(q *Question, out []float64) {
	clear(out)
	left, first := Interests, true
	for _, t := range q.History {
		if left == 0 {
			return
		}
		if t.Weight <= 0 || t.Vector == nil {
			continue
		}
		for i, v := range q.Vectors {
			if len(v) != len(t.Vector) {
				continue
			}
			if similarity := float64(vector.Dot(t.Vector, v)); first || similarity > out[i] {
				out[i] = similarity
			}
		}
		left, first = left-1, false
	}
}
