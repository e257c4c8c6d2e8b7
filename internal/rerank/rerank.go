// Package rerank turns scored candidates into the final order of a feed: it weighs variety against
// score, lets ignored posts sink, leaves room for new ones, and knows what to do when nothing new is
// left.
package rerank

import (
	"cmp"
	"slices"

	"github.com/viterin/partial"

	"resonance/internal/catalog"
	"resonance/internal/rank"
	"resonance/internal/vector"
)

// Candidate is a post that may be shown, with its score.
type Candidate struct {
	Place    int // among the candidates that were ranked
	Ordinal  catalog.Ordinal
	PostID   int64
	Author   catalog.Name
	Category catalog.Name
	Vector   []float32 // unit norm; nil for none
	Score    float64
	Ignored  int // impressions that the user answered with nothing
}

// Pick is a candidate in its place of the feed.
type Pick struct {
	Candidate
	Score   float64     // the candidate's and the adjustments
	Parts   []rank.Part // the adjustments that are not 0
	Options []Option    // who may stand here, where a draw decided and Odds was asked
	Seen    bool        // the user has seen the post: it is here for want of others
}

// Names of adjustments, as parts of a score.
const (
	Variety     = "variety"
	Ignored     = "ignored"
	Exploration = "exploration"
	Seen        = "seen"
)

// Options say how variety is weighed.
type Options struct {
	Diversity float64 // 0..1; see Order
	Spread    float64 // 0 or more: what repeated authors and categories cost besides
	Deviation float64 // the standard deviation of the scores of all candidates
}

// DefaultDiversity is what a feed has where nobody asks for another: on validation lists of the
// captured app and of MovieLens it cost nothing, see docs/learning.md.
const DefaultDiversity = .1

const (
	ignoredWeight  = .25 // of a deviation, for an impression without an answer
	mostIgnored    = 8   // impressions that count
	authorWeight   = .5  // of a deviation at diversity 1, for each earlier post of the author
	categoryWeight = .1  // the same for the category
)

// Ahead is how many candidates behind a place variety may lift into it.
const Ahead = 40

// Order returns the first k candidates in the order of the feed. Each place goes to the post that is best by
//
//	score - ignoredWeight · deviation · ignored
//	      - diversity · deviation · max(0, cos to the likest post before it)
//	      - (diversity + spread) · deviation · (authorWeight · posts of its author before it
//	                                            + categoryWeight · posts of its category before it)
//
// which is maximal marginal relevance (Carbonell and Goldstein 1998) with a decay by author, so that an
// author or a category is repeated as long as scores justify it. Its score is what it came in with, but
// never more than that of the post before it. Equal candidates order by id.
func Order(candidates []Candidate, k int, o Options) []Pick {
	for i := range candidates {
		c := &candidates[i]
		c.Score -= o.Ignored(c.Ignored)
	}
	sorted := first(candidates, k+Ahead)
	picks := varied(sorted, min(k, len(sorted)), o)
	parts := make([]rank.Part, 0, 2*len(picks))
	for i := range picks {
		p := &picks[i]
		parts = parts[len(parts):]
		if cost := o.Ignored(p.Ignored); cost != 0 {
			parts = append(parts, rank.Part{Name: Ignored, Value: -cost})
		}
		if loss := p.Score - p.Candidate.Score; loss != 0 {
			parts = append(parts, rank.Part{Name: Variety, Value: loss})
		}
		if len(parts) > 0 {
			p.Parts = slices.Clip(parts)
		}
	}
	return picks
}

// Again returns picks with seen posts behind them, in the given order. No signal places them, so each has one part and a
// score one below that of the post before it.
func Again(picks []Pick, seen []Candidate) []Pick {
	score := 0.
	if n := len(picks); n > 0 {
		score = min(score, picks[n-1].Score)
	}
	for _, c := range seen {
		score--
		picks = append(picks, Pick{Candidate: c, Score: score, Parts: []rank.Part{{Name: Seen, Value: score}}, Seen: true})
	}
	return picks
}

// Ignored returns what so many impressions without an answer cost a candidate.
func (o Options) Ignored(impressions int) float64 {
	return ignoredWeight * o.Deviation * float64(min(impressions, mostIgnored))
}

// varied picks k of sorted candidates one after the other.
func varied(candidates []*Candidate, k int, o Options) []Pick {
	// A place looks ahead of itself only, so that a shorter feed is the head of a longer one.
	pool := candidates[:min(k+Ahead, len(candidates))]
	likenesses := make([]likeness, len(pool))
	taken := make([]bool, len(pool))
	authors, categories := make(tally, 0, k), make(tally, 0, k)
	picks := make([]Pick, 0, k)
	for len(picks) < k {
		best, most := -1, 0.
		for i := range pool[:min(len(picks)+Ahead, len(pool))] {
			c := pool[i]
			if taken[i] {
				continue
			}
			if best >= 0 && c.Score <= most {
				break // sorted: nothing behind can be better
			}
			repeated := categoryWeight*float64(categories.of(c.Category)) + authorWeight*float64(authors.of(c.Author))
			loss := (o.Diversity + o.Spread) * repeated
			if o.Diversity > 0 {
				if best >= 0 && c.Score-o.Deviation*(loss+o.Diversity*likenesses[i].cosine) <= most {
					continue // and what is likest to it can only cost more
				}
				loss += o.Diversity * likenesses[i].largest(c, picks)
			}
			if score := c.Score - o.Deviation*loss; best < 0 || score > most {
				best, most = i, score
			}
		}
		chosen := pool[best]
		taken[best] = true
		authors.count(chosen.Author)
		categories.count(chosen.Category)
		if n := len(picks); n > 0 { // it may have come into view too late to come first
			most = min(most, picks[n-1].Score)
		}
		picks = append(picks, Pick{Candidate: *chosen, Score: most})
	}
	return picks
}

// likeness is the cosine of a candidate to the likest of the first picks, at least 0. Most candidates are never
// compared with most picks.
type likeness struct {
	picks  int
	cosine float64
}

// largest returns the cosine to the likest of all picks.
func (l *likeness) largest(c *Candidate, picks []Pick) float64 {
	for ; l.picks < len(picks); l.picks++ {
		if v := picks[l.picks].Vector; v != nil && len(v) == len(c.Vector) {
			l.cosine = max(l.cosine, float64(vector.Dot(v, c.Vector)))
		}
	}
	return l.cosine
}

// tally says how often each of a few names came; the empty name is nobody's.
type tally []named

type named struct {
	name  catalog.Name
	times int
}

func (t tally) of(name catalog.Name) int {
	for i := range t {
		if t[i].name == name {
			return t[i].times
		}
	}
	return 0
}

func (t *tally) count(name catalog.Name) {
	for i := range *t {
		if (*t)[i].name == name {
			(*t)[i].times++
			return
		}
	}
	if name != 0 {
		*t = append(*t, named{name, 1})
	}
}

// first returns the first n candidates in their order.
func first(candidates []Candidate, n int) []*Candidate {
	all := make([]*Candidate, len(candidates)) // so that what is sorted is small
	for i := range candidates {
		all[i] = &candidates[i]
	}
	if n < len(all) {
		partial.TopKFunc(all, n, compare)
		all = all[:n]
	}
	slices.SortFunc(all, compare)
	return all
}

// Before reports whether c comes before another candidate in the order by score alone.
func (c *Candidate) Before(other Candidate) bool { return compare(c, &other) < 0 }

func compare(a, b *Candidate) int {
	if a.Score != b.Score {
		return cmp.Compare(b.Score, a.Score)
	}
	return cmp.Compare(a.PostID, b.PostID)
}
