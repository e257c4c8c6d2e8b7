package recommend

import (
	"fmt"
	"slices"

	"resonance/internal/errs"
	"resonance/internal/rank"
	"resonance/internal/rerank"
	"resonance/internal/signal"
)

// The length of a feed.
const (
	DefaultTopK = 10
	MaxTopK     = 100
)

// Request asks for a feed.
type Request struct {
	Username string // not empty; an unknown one is a new user
	Project  string // project code, case ignored; "" is no filter, an unknown one gives an empty feed
	TopK     int    // 1..MaxTopK

	Diversity     *float64 // 0..1, how much variety may cost; nil: the more, the less is known of the user
	Plain         bool     // neither parts nor reasons are wanted
	NoExploration bool     // no place is given to new posts for the sake of meeting them
	Odds          bool     // how likely exploration was to show other posts is wanted
	Without       string   // a signal that counts for nothing, "" for none
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

// Check reports the first field that is wrong; the error wraps errs.Invalid.
func (r Request) Check() error {
	if r.Username == "" {
		return fmt.Errorf("%w: username: must not be empty", errs.Invalid)
	}
	if r.TopK < 1 || r.TopK > MaxTopK {
		return fmt.Errorf("%w: topK: %d is not in 1..%d", errs.Invalid, r.TopK, MaxTopK)
	}
	if d := r.Diversity; d != nil && !(*d >= 0 && *d <= 1) {
		return fmt.Errorf("%w: diversity: %g is not in 0..1", errs.Invalid, *d)
	}
	if r.Without != "" {
		return errs.OneOf("without", r.Without, signal.Names())
	}
	return nil
}

// weights returns the model's weights as the request wants them.
func (r Request) weights(w rank.Weights) rank.Weights {
	if r.Without == "" {
		return w
	}
	w = slices.Clone(w)
	w[slices.Index(signal.Names(), r.Without)] = 0
	return w
}
