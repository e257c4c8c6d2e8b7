package recommend

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/candidate"
	"resonance/internal/catalog"
	"resonance/internal/interaction"
	"resonance/internal/profile"
	"resonance/internal/rank"
	"resonance/internal/replica"
	"resonance/internal/rerank"
	"resonance/internal/signal"
	"resonance/internal/vector"
)

const clusters = 25

// hits returns posts of different themes that everyone likes.
func hits() []int64 { return []int64{1003, 2010, 3017, 4024} }

// many is more posts than are ranked whole, with a project of half of them that is not.
const many = signal.RankWhole * 5 / 4

// largeWorld returns a world that is too large to rank whole: posts around 25 centres, of which every
// user likes one or two, and an audience that prefers some posts.
func largeWorld() *world {
	r := rand.New(rand.NewPCG(5000, 1))
	w := newWorld()
	centres := make([][]float32, clusters)
	for i := range centres {
		centres[i] = gaussian(r)
	}
	for id := range int64(many) {
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
		w.did(fmt.Sprint("crowd ", r.IntN(50)), interaction.View, 1+int64(r.ExpFloat64()*400)%many)
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
		a := newAudience(view.Catalog, p, request.Username)
		q := new(signal.Question)
		scope := view.Catalog.Scope(request.Project)
		if err := ask(ctx, view, p, request.Username, scope, q); err != nil {
			return err
		}
		q.Candidates = candidate.Everything{}.Generate(candidate.Query{Scope: scope, Allowed: a.unseen})
		slices.SortFunc(q.Candidates, view.Catalog.CompareIDs)
		if len(scope.Sample()) > 0 { // so that nothing but retrieval can differ
			q.Rest = &signal.Rest{Scope: scope}
			sampled := map[catalog.Ordinal]bool{}
			for _, o := range scope.Sample() {
				sampled[o] = true
			}
			for i, o := range q.Candidates {
				if sampled[o] {
					q.Rest.Sample = append(q.Rest.Sample, i)
				}
			}
		}
		ranking := new(rank.Ranking)
		ranking.Score(q, view.Model.Weights, nil)
		options := request.variety(len(q.History))
		options.Deviation = ranking.Deviation
		front := a.front(q, ranking, request.TopK, options)
		if err := embed(ctx, view, scope, front, nil); err != nil {
			return err
		}
		for _, p := range rerank.Order(front, request.TopK, options) {
			best = append(best, p.PostID)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return best
}

// Retrieval loses next to nothing that would lead the feed: of a hundred posts that lead when all
// are ranked, one at most; of projects that are ranked whole, none.
func TestRetrievalAgreesWithRankingEverything(t *testing.T) {
	w := largeWorld()
	for post := range int64(2000) {
		if post%500 != 0 {
			w.did("has seen much", interaction.View, post+1)
		}
	}
	r := w.replica(t)
	e := New(r)
	usernames := []string{"nobody", "crowd 3", "has seen much"}
	for user := range 20 {
		usernames = append(usernames, fmt.Sprint("user ", user))
	}
	kept, all := 0, 0
	for _, username := range usernames {
		request := Request{Username: username, TopK: 10, NoExploration: true}
		got := ids(feed(t, e, request))
		for _, id := range rankEverything(t, r, request) {
			all++
			if slices.Contains(got, id) {
				kept++
			}
		}
		request.Project = "a"
		if diff := cmp.Diff(rankEverything(t, r, request), ids(feed(t, e, request))); diff != "" {
			t.Errorf("%+v (-everything +retrieved):\n%s", request, diff)
		}
	}
	if kept*100 < all*99 {
		t.Errorf("%d of %d posts are found", kept, all)
	}
}

// The path that is tested above is the one with generators, and it is asked of few posts.
func TestLargeWorldIsNotRankedWhole(t *testing.T) {
	ctx := context.Background()
	err := largeWorld().replica(t).Read(ctx, func(view replica.View) error {
		p := profile.Of(view.Log.History("user 3"), view.Log.RatingScale())
		q := new(signal.Question)
		if err := ask(ctx, view, p, "user 3", view.Catalog.Scope(""), q); err != nil {
			return err
		}
		retrieve(view, q, newAudience(view.Catalog, p, "user 3"), Request{Username: "user 3", TopK: 10})
		n, scope := len(q.Candidates), view.Catalog.Scope("").Len()
		if q.Rest == nil || n > scope*3/4 || n < 1000 || scope <= signal.RankWhole {
			t.Errorf("%d of %d posts are ranked, others by a sample: %t", n, scope, q.Rest != nil)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Two replicas of a large world that met its rows in different order answer alike, to the last bit.
func TestLargeReplicasAgree(t *testing.T) {
	w := largeWorld()
	one, other := New(w.replica(t)), New(w.shuffled(3).replica(t))
	for _, username := range []string{"nobody", "crowd 3", "user 0", "user 7"} {
		for _, project := range []string{"", "b"} {
			request := Request{Username: username, Project: project, TopK: MaxTopK}
			if diff := cmp.Diff(feed(t, one, request), feed(t, other, request)); diff != "" {
				t.Errorf("%+v (-one +other):\n%.2000s", request, diff)
			}
		}
	}
}

// Who has seen nearly all of a large scope gets the few unseen posts, then the seen ones.
func TestLargeWorldSeenThrough(t *testing.T) {
	w := largeWorld()
	for post := range int64(many) {
		if post%5000 != 7 {
			w.did("has seen nearly all", interaction.View, post+1)
		}
	}
	got := ids(w.feed(t, Request{Username: "has seen nearly all", TopK: 10}))
	unseen := slices.Clone(got[:min(len(got), 5)])
	slices.Sort(unseen)
	if diff := cmp.Diff([]int64{8, 5008, 10008, 15008, 20008}, unseen); diff != "" {
		t.Errorf("the unseen posts (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int64{1, 2, 3, 4, 5}, got[min(len(got), 5):]); diff != "" {
		t.Errorf("the seen ones (-want +got):\n%s", diff)
	}
}

// BenchmarkFeed answers a known user from a large world, through every stage.
func BenchmarkFeed(b *testing.B) {
	e := New(largeWorld().replica(b))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Feed(b.Context(), Request{Username: "user 3", TopK: 10}); err != nil {
			b.Fatal(err)
		}
	}
}
