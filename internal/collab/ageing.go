package collab

import (
	"math"
	"time"
)

// Weights that decay with age are kept as whole numbers, so that sums of them do not depend on
// the order of adding and what is taken away leaves nothing behind: an event added and removed
// again restores every bit.
//
//	fixed(weight, at) = round(weight 2^32 2^((at - origin) / halfLife)),  worth at now:
//	fixed 2^-32 2^((origin - now) / halfLife)
//
// The passing of time is one factor for all, so nothing is touched when now moves. Events more
// than 33 half-lives before the origin vanish, those of small weight a little sooner. Those after it grow, until eight half-lives
// past, from where on they count as if they were then: refit by that time. A sum holds 2^31
// events of the origin's time, 2^15 of eight half-lives later.
const (
	fixedBits = 32
	mostAhead = 8
)

// ageing is a decay with its origin. A half-life of 0 means that nothing ages.
type ageing struct {
	origin   int64 // Unix milliseconds
	halfLife time.Duration
}

// fixed returns a weight, its factor of age in it, as a whole number.
func fixed(weight float64) int64 { return int64(math.Round(weight * (1 << fixedBits))) }

// worth returns what a fixed weight of 1 is worth at now; long before the origin, where only events of
// the future lie, no more than eight half-lives before.
func (a ageing) worth(now int64) float64 {
	return math.Exp2(min(-a.halfLives(now), mostAhead) - fixedBits)
}

func (a ageing) factor(at int64) float64 {
	if a.halfLife == 0 {
		return 1
	}
	return math.Exp2(min(a.halfLives(at), mostAhead))
}

// halfLives returns how many half-lives after the origin a moment is.
func (a ageing) halfLives(at int64) float64 {
	if a.halfLife == 0 {
		return 0
	}
	return (float64(at) - float64(a.origin)) / (float64(a.halfLife) / float64(time.Millisecond))
}
