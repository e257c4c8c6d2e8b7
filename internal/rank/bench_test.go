package rank

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"resonance/internal/catalog"
	"resonance/internal/collab"
	"resonance/internal/signal"
	"resonance/internal/vector"
)

// BenchmarkScore scores 2,000 posts, by every signal that needs no fitted model, for a user with thirty touches.
func BenchmarkScore(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	index := new(catalog.Index)
	q := &signal.Question{Now: 30 * day}
	q.Embeddings = new(vector.Index)
	var vectors [][]float32
	for id := range int64(2000) {
		o := index.Put(catalog.Features{
			ID: id + 1, CreatedAt: r.Int64N(30) * day, Public: true, Author: fmt.Sprint(r.IntN(200)), Category: fmt.Sprint(r.IntN(20)),
			Counters: catalog.Counters{Upvotes: r.Int64N(50), Views: r.Int64N(500)},
		}, 1)
		v := make([]float32, 384)
		for i := range v {
			v[i] = float32(r.NormFloat64())
		}
		vector.Normalise(v)
		q.Embeddings.Put(o, v, 1)
		q.Candidates, vectors = append(q.Candidates, o), append(vectors, v)
	}
	q.Catalog, q.Crowd = index, signal.NewCrowd(signal.DefaultSettings(), 29*day)
	for user := range int64(500) {
		var row []collab.Touch
		for i, item := range r.Perm(2000)[:10] {
			row = append(row, collab.Touch{Item: int32(item), At: 20*day + int64(i)*day})
		}
		q.Crowd.Put(index, user+1, row)
	}
	for _, o := range r.Perm(2000)[:30] {
		q.History = append(q.History, signal.Touch{Post: catalog.Ordinal(o), Weight: 1, Vector: vectors[o], Seen: true})
	}
	ranking := new(Ranking)
	b.ReportAllocs()
	for b.Loop() {
		ranking.Score(q, Prior(), nil)
	}
}
