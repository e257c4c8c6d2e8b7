package rerank

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/rank"
)

// feed returns n picks, of posts from 1 on, with scores that fall.
func feed(n int) []Pick {
	picks := make([]Pick, n)
	for i := range picks {
		c := unseen(int64(i+1), -float64(i))
		picks[i] = Pick{Candidate: c, Score: c.Score}
	}
	return picks
}

// newcomers are posts of which nothing is known.
func newcomers(ids ...int64) (all []Newcomer) {
	for _, id := range ids {
		all = append(all, Newcomer{Candidate: unseen(id, -1000)})
	}
	return all
}

// known is what is known of every post that is no newcomer, and of all together.
func known(Candidate) Trial { return Trial{Likes: 4, Views: 40} }

func everyone() Trial { return Trial{Likes: 1000, Views: 10000} }

func explored(picks []Pick) (places []int) {
	for i, p := range picks {
		if slices.ContainsFunc(p.Parts, func(part rank.Part) bool { return part.Name == Exploration }) {
			places = append(places, i)
		}
	}
	return places
}

// One place in ten, the last of them, holds a newcomer now and then, and no post comes twice.
func TestExploreKeepsItsBounds(t *testing.T) {
	often := map[int]int{}
	const draws = 3000
	for seed := range uint64(draws) {
		before := feed(25)
		picks := Explore(slices.Clone(before), newcomers(500, 12, 501), known, everyone(), rand.NewPCG(seed, 1))
		if len(picks) != len(before) {
			t.Fatalf("%d picks of %d", len(picks), len(before))
		}
		posts := ids(picks)
		slices.Sort(posts)
		if len(slices.Compact(posts)) != len(picks) {
			t.Fatalf("a post comes twice: %v", ids(picks))
		}
		for i, p := range picks {
			if i > 0 && p.Score > picks[i-1].Score {
				t.Fatalf("place %d: score %g after %g", i, p.Score, picks[i-1].Score)
			}
		}
		for _, place := range explored(picks) {
			often[place]++
			if p := picks[place]; p.Parts[0].Value != p.Score-p.Candidate.Score {
				t.Fatalf("place %d: %+v", place, p)
			}
		}
	}
	for place, n := range often {
		if place != 9 && place != 19 {
			t.Errorf("place %d holds a newcomer", place+1)
		}
		if share := float64(n) / draws; share < .1 || share > .8 {
			t.Errorf("place %d holds a newcomer in %.3f of feeds", place+1, share)
		}
	}
	if len(often) != 2 {
		t.Errorf("places held by newcomers: %v", often)
	}
}

func TestExploreWithoutNewcomersOrPlaces(t *testing.T) {
	for name, before := range map[string][]Pick{"nine": feed(9), "nothing": {}} {
		for seed := range uint64(100) {
			if diff := cmp.Diff(ids(before), ids(Explore(slices.Clone(before), newcomers(500), known, everyone(), rand.NewPCG(seed, 1)))); diff != "" {
				t.Fatalf("%s (-before +after):\n%s", name, diff)
			}
		}
	}
	for seed := range uint64(100) {
		if diff := cmp.Diff(feed(40), Explore(feed(40), nil, known, everyone(), rand.NewPCG(seed, 1))); diff != "" {
			t.Fatalf("no newcomers (-before +after):\n%s", diff)
		}
	}
}

// The same source decides the same, another one at times otherwise; and a shorter feed is the head
// of a longer one, wherever the newcomer would have stood in it.
func TestExploreIsAFunctionOfItsSource(t *testing.T) {
	differ := 0
	for seed := range uint64(300) {
		explore := func(seed uint64, n int) []Pick {
			return Explore(feed(100)[:n:n], newcomers(30, 500, 15), known, everyone(), rand.NewPCG(seed, 1))
		}
		long := explore(seed, 100)
		if diff := cmp.Diff(long, explore(seed, 100)); diff != "" {
			t.Fatalf("asked again (-first +second):\n%s", diff)
		}
		for _, n := range []int{1, 9, 10, 11, 25, 99} {
			if diff := cmp.Diff(ids(long[:n]), ids(explore(seed, n))); diff != "" {
				t.Fatalf("seed %d, the first %d (-of all +alone):\n%s", seed, n, diff)
			}
		}
		if !slices.Equal(ids(long), ids(explore(seed+1, 100))) {
			differ++
		}
	}
	if differ < 100 {
		t.Errorf("only %d of 300 sources decide otherwise than the next", differ)
	}
}

// share returns how often a newcomer gets the tenth place.
func share(newcomer, holder, everyone Trial) float64 {
	const draws = 4000
	n := 0
	for seed := range uint64(draws) {
		fresh := []Newcomer{{Candidate: unseen(500, -1000), Trial: newcomer}}
		n += len(explored(Explore(feed(10), fresh, func(Candidate) Trial { return holder }, everyone, rand.NewPCG(seed, 2))))
	}
	return float64(n) / draws
}

// A newcomer's chance: half where nothing tells it from the post that holds the place, the less the
// more views it had without a like, the more the worse the holder is liked.
func TestChances(t *testing.T) {
	crowd := everyone()
	if even := share(Trial{}, Trial{}, crowd); math.Abs(even-.5) > .03 {
		t.Errorf("two of which nothing is known: the newcomer wins %.3f", even)
	}
	fresh := share(Trial{}, Trial{Likes: 10, Views: 100}, crowd)
	if fresh < .15 || fresh > .45 {
		t.Errorf("against a post as good as all, the newcomer wins %.3f", fresh)
	}
	if met := share(Trial{Views: 4}, Trial{Likes: 10, Views: 100}, crowd); met >= fresh || met == 0 {
		t.Errorf("met four times without a like it wins %.3f, before that %.3f", met, fresh)
	}
	if liked := share(Trial{Likes: 2, Views: 4}, Trial{Likes: 10, Views: 100}, crowd); liked < .8 {
		t.Errorf("liked by two of four it wins %.3f", liked)
	}
	if hard := share(Trial{}, Trial{Likes: 90, Views: 100}, crowd); hard >= fresh {
		t.Errorf("against a post that nearly all like, it wins %.3f; against one like all, %.3f", hard, fresh)
	}
}

// Counts that contradict each other, or are not there yet, are no reason to fail: likes come in
// several kinds, so there can be more of them than of users who met a post.
func TestOddTrials(t *testing.T) {
	for _, everyone := range []Trial{{}, {Likes: 9}, {Likes: 9, Views: 3}, {Views: 1e9}} {
		for _, trial := range []Trial{{}, {Likes: 5}, {Likes: 7, Views: 2}, {Likes: 1e6, Views: 1e6}, {Views: 1e9}} {
			if s := share(trial, Trial{Likes: 1, Views: 1}, everyone); math.IsNaN(s) || s < 0 || s > 1 {
				t.Errorf("everyone %+v, newcomer %+v: %g", everyone, trial, s)
			}
		}
	}
}
