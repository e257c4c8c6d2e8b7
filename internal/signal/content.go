package signal

import (
	"resonance/internal/collab"
	"resonance/internal/vector"
)

// taste is the cosine to the user embedding, the mean of the history's embeddings, weighted by
// what each touch says of the user's taste and by recency.
func taste(q *Question, out []float64) {
	clear(out)
	user := q.userEmbedding()
	if user == nil {
		return
	}
	for i, v := range q.Vectors {
		if v != nil {
			out[i] = float64(vector.Dot(user, v))
		}
	}
}

func (q *Question) userEmbedding() []float32 {
	var sum []float32
	for i, t := range q.History {
		if t.Vector == nil {
			continue
		}
		if sum == nil {
			sum = make([]float32, len(t.Vector))
		}
		vector.AddScaled(sum, float32(t.Weight*collab.Recency(i, q.Models.TasteMemory)), t.Vector)
	}
	if sum == nil || !vector.Normalise(sum) {
		return nil
	}
	return sum
}

// interests is how many of the newest touches recent compares with.
const interests = 3

// recent is the largest cosine to one of the last posts of the history: several interests, where
// taste is their average.
func recent(q *Question, out []float64) {
	clear(out)
	newest := q.History[:min(interests, len(q.History))]
	for i, v := range q.Vectors {
		best, any := 0.0, false
		for _, t := range newest {
			if v == nil || t.Vector == nil {
				continue
			}
			if similarity := float64(vector.Dot(t.Vector, v)); !any || similarity > best {
				best, any = similarity, true
			}
		}
		out[i] = best
	}
}
