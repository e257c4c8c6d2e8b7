package rerank

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// odds explores a feed of 25 with newcomers, one of which stands further down, and says how likely that was.
func odds(seed uint64) (before, shown []Pick) {
	before = feed(25)
	random := rand.NewPCG(seed, 7)
	fresh := newcomers(500, 14)
	shown = Explore(slices.Clone(before), fresh, known, everyone(), random)
	Odds(before, shown, fresh, known, everyone(), random, 400)
	return before, shown
}

// Propensities of a place add up to 1, are those with which posts are shown there, and never 0 for what was.
func TestOdds(t *testing.T) {
	const runs = 500
	type at struct {
		place int
		post  int64
	}
	said, found := map[at]float64{}, map[at]float64{}
	for seed := range uint64(runs) {
		before, shown := odds(seed)
		for place, p := range shown {
			if place < 9 && p.Options != nil {
				t.Fatalf("place %d has the options %v, and no draw decides it", place+1, p.Options)
			}
			found[at{place, p.PostID}] += 1. / runs
			if p.Options == nil {
				said[at{place, p.PostID}] += 1. / runs
				continue
			}
			sum, among := 0., false
			for i, o := range p.Options {
				sum += o.Propensity
				said[at{place, o.PostID}] += o.Propensity / runs
				among = among || o.PostID == p.PostID && o.Propensity > 0
				if o.Explored != (i > 0) || i == 0 && o.PostID != before[place].PostID {
					t.Fatalf("place %d, option %d is %+v; want post %d first, the rest explored", place+1, i, o, before[place].PostID)
				}
			}
			if math.Abs(sum-1) > 1e-9 || !among {
				t.Fatalf("place %d: post %d is shown, options %+v", place+1, p.PostID, p.Options)
			}
		}
	}
	for where, share := range said {
		if math.Abs(share-found[where]) > .07 {
			t.Errorf("post %d stands at place %d in %.3f of the feeds, said to be in %.3f", where.post, where.place+1, found[where], share)
		}
	}
	if newcomer := said[at{9, 500}]; newcomer < .1 {
		t.Errorf("the newcomer has the tenth place in %.3f of the feeds", newcomer)
	}
}

func TestOddsAreDeterministic(t *testing.T) {
	_, one := odds(5)
	_, two := odds(5)
	if diff := cmp.Diff(one, two); diff != "" {
		t.Errorf("one draw, asked twice (-first +second):\n%s", diff)
	}
}

// Where nobody can come in, and where only seen posts are left, nothing is decided by a draw.
func TestNoOdds(t *testing.T) {
	tests := map[string]struct {
		before    []Pick
		newcomers []Newcomer
	}{
		"no newcomer":   {feed(10), nil},
		"a short feed":  {feed(9), newcomers(99)},
		"no feed":       {nil, newcomers(99)},
		"shown already": {feed(10), newcomers(4)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			random := rand.NewPCG(1, 1)
			shown := Explore(slices.Clone(test.before), test.newcomers, known, everyone(), random)
			Odds(test.before, shown, test.newcomers, known, everyone(), random, 50)
			for i, p := range shown {
				if p.Options != nil {
					t.Errorf("place %d has options %v", i+1, p.Options)
				}
			}
		})
	}
}
