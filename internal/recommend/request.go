package recommend

import (
	"fmt"

	"resonance/internal/errs"
	"resonance/internal/lambdamart"
	"resonance/internal/rank"
	"resonance/internal/rerank"
	"resonance/internal/signal"
)

// The length of a feed.
const (
	DefaultTopK = 10
	MaxTopK     = 100
	Depth       = 1000 // of all its pages together
)

// Request asks for a feed, or for one more page of it. Its JSON form is what pages of one feed have
// in common.
type Request struct {
	Username string // not empty; an unknown one is a new user
	Project  string // project code, case ignored; "" is no filter, an unknown one gives an empty feed
	TopK     int    `json:"-"` // 1..MaxTopK

	Bound []string `json:"-"` // codes of the projects whose posts tell of the user; empty: all posts do

	Served []int64 `json:"-"` // the posts of the pages before: they don't come again
	Filter Filter

	Diversity   *float64 // 0..1, how much variety may cost; nil: the more, the less is known of the user
	Freshness   *float64 // 0..1, how much being new counts, see freshnessFactor; nil: as much as was learnt
	ExcludeSeen bool     // seen posts don't fill a feed that has nothing else left

	Plain         bool   `json:"-"` // neither parts nor reasons are wanted
	NoExploration bool   // no place is given to new posts for the sake of meeting them
	Odds          bool   `json:"-"`          // how likely exploration was to show other posts is wanted
	NoTrees       bool   `json:",omitempty"` // only weights rank; left out where false, so that cursors of older versions stay good
	Without       string // a signal that counts for nothing, "" for none
}

// variety returns what repetition costs in the feed of a user who has touched so many posts. By default
// repeated authors and categories cost more, the less is known of the user,
//
//	spread = 2 / (1 + touched)
//
// since whom nothing is known of is best met from many sides.
func (r Request) variety(touched int) rerank.Options {
	if r.Diversity != nil {
		return rerank.Options{Diversity: *r.Diversity}
	}
	return rerank.Options{
		Diversity: rerank.DefaultDiversity,
		Spread:    2 / float64(1+touched),
	}
}

// size returns how many posts the feed may still have.
func (r Request) size() int { return max(0, min(r.TopK, Depth-len(r.Served))) }

// freshnessFactor returns by what the weight of the signal freshness is multiplied: (2f)², so that at
// 0 age does not count, at .5 as much as was learnt, and at 1 four times that.
func freshnessFactor(freshness float64) float64 { return 4 * freshness * freshness }

// Check reports the first field that is wrong; the error wraps errs.Invalid.
func (r Request) Check() error {
	if r.Username == "" {
		return fmt.Errorf("%w: username: must not be empty", errs.Invalid)
	}
	if r.TopK < 1 || r.TopK > MaxTopK {
		return fmt.Errorf("%w: topK: %d is not in 1..%d", errs.Invalid, r.TopK, MaxTopK)
	}
	for _, option := range []struct {
		name  string
		value *float64
	}{{"diversity", r.Diversity}, {"freshness", r.Freshness}} {
		if v := option.value; v != nil && !(*v >= 0 && *v <= 1) {
			return fmt.Errorf("%w: %s: %g is not in 0..1", errs.Invalid, option.name, *v)
		}
	}
	if r.Without != "" {
		if err := errs.OneOf("without", r.Without, signal.Names()); err != nil {
			return err
		}
	}
	return r.Filter.check()
}

// weights returns the model's weights as the request wants them.
func (r Request) weights(w rank.Weights) rank.Weights {
	if r.Freshness != nil {
		w = w.Times("freshness", freshnessFactor(*r.Freshness))
	}
	if r.Without != "" {
		w = w.Times(r.Without, 0)
	}
	return w
}

// trees returns the model's trees as the request wants them.
func (r Request) trees(f *lambdamart.Forest) *lambdamart.Forest {
	if r.NoTrees {
		return nil
	}
	return f
}
