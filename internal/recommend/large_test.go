package recommend

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/candidate"
	"resonance/internal/interaction"
	"resonance/internal/profile"
	"resonance/internal/rank"
	"resonance/internal/replica"
	"resonance/internal/rerank"
	"resonance/internal/vector"
)

const clusters = 25

// hits returns posts of different themes that everyone likes.
func hits() []int64 { return []int64{1003, 2010, 3017, 4024} }

// largeWorld returns a world that is too large to rank whole: 5,000 posts around 25 centres, of
// which every user likes one or two, and an audience that prefers some posts.
func largeWorld() *world {
	r := rand.New(rand.NewPCG(5000, 1))
	w := newWorld()
	centres := make([][]float32, clusters)
	for i := range centres {
		centres[i] = gaussian(r)
	}
	for id := range int64(5000) {
		v := gaussian(r)
		vector.AddScaled(v, 1.5, centres[id%clusters])
		vector.Normalise(v)
		age := 15 + r.IntN(400)
		if id%1000 == 0 {
			age = 0
		}
		p := w.add(id+1, age, v)
		p.UpvoteCount, p.ViewCount = int64(r.ExpFloat64()*5), int64(r.ExpFloat64()*50)
		p.ProjectCode = []string{"a", "b"}[id%2]
	}
	for user := range 20 {
		for range 12 {
			theme := int64(user % clusters)
			if r.IntN(3) == 0 {
				theme = int64(user*7) % clusters
			}
			w.did(fmt.Sprint("user ", user), interaction.Like, 1+theme+clusters*r.Int64N(200))
		}
	}
	for range 600 {
		w.did(fmt.Sprint("crowd ", r.IntN(50)), interaction.View, 1+int64(r.ExpFloat64()*400)%5000)
	}
	for user := range 50 {
		w.did(fmt.Sprint("crowd ", user), interaction.Like, hits()...)
	}
	return w
}

func gaussian(r *rand.Rand) []float32 {
	v := make([]float32, 64)
	for i := range v {
		v[i] = float32(r.NormFloat64())
	}
	return v
}

// rankEverything returns the feed that no retrieval stage has narrowed.
func rankEverything(t *testing.T, r *replica.Replica, request Request) (best []int64) {
	t.Helper()
	ctx := context.Background()
	err := r.Read(ctx, func(view replica.View) error {
		p := profile.Of(view.Log.History(request.Username), view.Log.RatingScale())
		user, err := userEmbedding(ctx, view, p)
		if err != nil {
			return err
		}
		meter := rank.NewMeter(view.Catalog, view.Log, view.Now, user)
		query := candidate.Query{Scope: view.Catalog.Scope(request.Project), Allowed: newAudience(view.Catalog, p, request.Username).unseen}
		scored, err := score(ctx, view, meter, p, candidate.Everything{}.Generate(query))
		for _, s := range rerank.Order(scored, request.TopK) {
			best = append(best, s.PostID)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return best
}

// Retrieval loses nothing that would lead the feed.
func TestRetrievalAgreesWithRankingEverything(t *testing.T) {
	w := largeWorld()
	for post := range int64(5000) {
		if post%1250 != 0 {
			w.did("has seen nearly all", interaction.View, post+1)
		}
	}
	r := w.replica(t)
	e := New(r)
	usernames := []string{"nobody", "crowd 3", "has seen nearly all"}
	for user := range 20 {
		usernames = append(usernames, fmt.Sprint("user ", user))
	}
	for _, username := range usernames {
		for _, project := range []string{"", "a"} { // the whole takes generators, a project is ranked whole
			request := Request{Username: username, Project: project, TopK: 10}
			if diff := cmp.Diff(rankEverything(t, r, request), ids(feed(t, e, request))); diff != "" {
				t.Errorf("%+v (-everything +retrieved):\n%s", request, diff)
			}
		}
	}
}

// The path that is tested above is the one with generators.
func TestLargeWorldIsNotRankedWhole(t *testing.T) {
	err := largeWorld().replica(t).Read(context.Background(), func(view replica.View) error {
		scope := view.Catalog.Scope("")
		meter := rank.NewMeter(view.Catalog, view.Log, view.Now, nil)
		if n := len(generators(view, meter, scope)); scope.Len() <= rankWhole || n < 2 {
			t.Errorf("%d posts are searched by %d generators", scope.Len(), n)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// BenchmarkFeed answers a known user from 5,000 posts, through every stage.
func BenchmarkFeed(b *testing.B) {
	e := New(largeWorld().replica(b))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Feed(b.Context(), Request{Username: "user 3", TopK: 10}); err != nil {
			b.Fatal(err)
		}
	}
}
