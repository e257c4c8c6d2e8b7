package rerank

import (
	"cmp"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"resonance/internal/rank"
)

// Trial is what is known of how a post is received.
type Trial struct {
	Likes int // users who liked, inspired, shared or bookmarked it
	Views int // users who met it, those included
}

// Newcomer is a post of which too little is known to rank it by what people did.
type Newcomer struct {
	Candidate
	Trial
}

// every is how many places hold at most one explored post, in the last of them.
const every = 10

// prior is how many views at everyone's rate of liking stand before a post's own.
const prior = 2

// Explore gives the last of every ten places to a newcomer where a draw says so (Thompson sampling,
// Chapelle and Li 2011): for each newcomer, and for the post that holds the place, a rate of liking is
// drawn from
//
//	Beta(prior · rate + likes, prior · (1 - rate) + views - likes),   rate: everyone's
//
// and the highest draw gets the place; what held it and what follows moves down. What few have met is drawn
// far from its mean now and then, which is how it is met at all. random decides; the same one decides the same,
// and of more picks the first are those of fewer.
func Explore(picks []Pick, newcomers []Newcomer, of func(Candidate) Trial, everyone Trial, random rand.Source) []Pick {
	rate := (1 + float64(everyone.Likes)) / (2 + float64(max(everyone.Views, everyone.Likes)))
	draw := func(t Trial) float64 {
		return distuv.Beta{Alpha: prior*rate + float64(t.Likes), Beta: prior*(1-rate) + float64(max(0, t.Views-t.Likes)), Src: random}.Rand()
	}
	for at := every - 1; at < len(picks); at += every {
		best, most := -1, draw(of(picks[at].Candidate))
		for i, n := range newcomers {
			shown := slices.ContainsFunc(picks[:at+1], n.is)
			if rate := draw(n.Trial); rate > most && !shown {
				best, most = i, rate
			}
		}
		if best >= 0 {
			picks = lift(newcomers[best], at, picks)
		}
	}
	return picks
}

// lift puts a newcomer into a place, out of the one it has further down or else in place of the last.
func lift(n Newcomer, at int, picks []Pick) []Pick {
	from := at + slices.IndexFunc(picks[at:], n.is)
	if from < at {
		from = len(picks) - 1
	}
	score := picks[at].Score
	copy(picks[at+1:from+1], picks[at:from])
	picks[at] = Pick{Candidate: n.Candidate, Score: score, Parts: []rank.Part{{Name: Exploration, Value: score - n.Score}}}
	return picks
}

func (n Newcomer) is(p Pick) bool { return p.PostID == n.PostID }

// Option is a post that may stand at a place of a feed.
type Option struct {
	PostID     int64
	Propensity float64 // how likely it stands there, 0..1
	Explored   bool    // because a newcomer got this place or one before; one option is not: the post that stands there otherwise
}

// Odds estimates how likely each post was to stand where Explore put one: it lets Explore draw again,
// draws times, with other random numbers, and counts. before is what Explore was given, shown what it
// made of it, which counts as one draw more, so that nothing shown has a propensity of 0. It sets the
// Options of every pick of shown whose place has several: the post that stands there without
// exploration first, then the likeliest.
func Odds(before, shown []Pick, newcomers []Newcomer, of func(Candidate) Trial, everyone Trial, random rand.Source, draws int) {
	counts := make([]map[int64]int, len(before))
	for at := range counts {
		counts[at] = map[int64]int{before[at].PostID: 0}
	}
	count := func(picks []Pick) {
		for at := every - 1; at < len(picks); at++ {
			counts[at][picks[at].PostID]++
		}
	}
	count(shown)
	drawn := make([]Pick, len(before))
	for range draws {
		copy(drawn, before)
		count(Explore(drawn, newcomers, of, everyone, random))
	}
	for at, posts := range counts {
		if len(posts) > 1 {
			shown[at].Options = options(before[at].PostID, posts, draws+1)
		}
	}
}

// options lists the posts that were counted at a place which holder has without exploration.
func options(holder int64, counts map[int64]int, draws int) []Option {
	all := make([]Option, 0, len(counts))
	for id, n := range counts {
		all = append(all, Option{PostID: id, Propensity: float64(n) / float64(draws), Explored: id != holder})
	}
	slices.SortFunc(all, func(a, b Option) int {
		switch {
		case !a.Explored:
			return -1
		case !b.Explored:
			return 1
		}
		return cmp.Or(cmp.Compare(b.Propensity, a.Propensity), cmp.Compare(a.PostID, b.PostID))
	})
	return all
}
