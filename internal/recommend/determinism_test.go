package recommend

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/interaction"
	"resonance/internal/store"
)

// randomWorld returns a world of random posts and events, with many ties among them.
func randomWorld(seed uint64) *world {
	r := rand.New(rand.NewPCG(seed, 77))
	w := newWorld()
	for id := range int64(150) {
		p := w.add(id+1, r.IntN(4)*5, axis(r.IntN(8), float32(r.IntN(3))*.2))
		p.Owner.Username = fmt.Sprint("user ", r.IntN(12))
		p.ProjectCode = []string{"", "a", "b"}[r.IntN(3)]
		p.Public = r.IntN(10) > 0
		p.UpvoteCount, p.ViewCount = r.Int64N(4), r.Int64N(50)
		if r.IntN(5) == 0 {
			delete(w.embeddings, p.ID)
		}
	}
	for range 600 {
		e := store.EventChange{PostID: 1 + r.Int64N(155), Kind: interaction.Kinds()[r.IntN(10)], Value: interaction.NoValue, At: clock - r.Int64N(300)*day/10}
		if e.Kind.HasValue() {
			e.Value = 1 + r.IntN(100)
		}
		w.event(fmt.Sprint("user ", r.IntN(15)), e)
	}
	return w
}

// shuffled returns the same rows in another order, as another replica may have met them.
func (w *world) shuffled(seed uint64) *world {
	r := rand.New(rand.NewPCG(seed, 78))
	other := *w
	other.posts, other.users, other.events = slices.Clone(w.posts), slices.Clone(w.users), slices.Clone(w.events)
	r.Shuffle(len(other.posts), func(i, j int) { other.posts[i], other.posts[j] = other.posts[j], other.posts[i] })
	r.Shuffle(len(other.users), func(i, j int) { other.users[i], other.users[j] = other.users[j], other.users[i] })
	r.Shuffle(len(other.events), func(i, j int) { other.events[i], other.events[j] = other.events[j], other.events[i] })
	return &other
}

// The same question at the same store state gives the same answer on every replica: posts,
// scores and parts, to the last bit.
func TestReplicasAgree(t *testing.T) {
	for seed := range uint64(3) {
		w := randomWorld(seed)
		one, other := New(w.replica(t)), New(w.shuffled(seed).replica(t))
		for user := range 17 {
			for _, project := range []string{"", "a"} {
				request := Request{Username: fmt.Sprint("user ", user), Project: project, TopK: 100}
				if diff := cmp.Diff(feed(t, one, request), feed(t, other, request)); diff != "" {
					t.Fatalf("seed %d, %+v (-one +other):\n%s", seed, request, diff)
				}
			}
		}
	}
}

// A shorter feed is the head of a longer one.
func TestShorterFeedIsAPrefix(t *testing.T) {
	e := New(randomWorld(9).replica(t))
	for user := range 17 {
		request := Request{Username: fmt.Sprint("user ", user), TopK: 100}
		all := ids(feed(t, e, request))
		for _, k := range []int{1, 2, 10, 99} {
			request.TopK = k
			if diff := cmp.Diff(all[:min(k, len(all))], ids(feed(t, e, request))); diff != "" {
				t.Errorf("%+v (-want +got):\n%s", request, diff)
			}
		}
	}
}
