package rank

import (
	"math"
	"slices"

	"github.com/viterin/partial"
)

// Highest finds the highest of scores. The zero value is ready, and one that is used again saves memory.
type Highest struct {
	places []int32
	behind []float64 // scores, below 0 instead of above
}

// Of returns the places of the n highest scores, in ascending order, and of those that equal the last of them; all that
// are not -Inf where there are fewer. deviation is the scores' standard deviation, their mean is 0: it is mostly enough to
// look at those that stand out. The result is good until h is asked again.
func (h *Highest) Of(scores []float64, n int, deviation float64) []int32 {
	var above []int32
	for _, bound := range []float64{1.5 * deviation, deviation, math.Inf(-1)} {
		if above = h.above(scores, bound); len(above) >= n {
			break
		}
	}
	if len(above) <= n {
		return above
	}
	h.behind = h.behind[:0]
	for _, i := range above {
		h.behind = append(h.behind, -scores[i])
	}
	partial.TopK(h.behind, n)
	least := -slices.Max(h.behind[:n])
	return slices.DeleteFunc(above, func(i int32) bool { return scores[i] < least })
}

// above returns the places of the scores above a bound, in ascending order.
func (h *Highest) above(scores []float64, bound float64) []int32 {
	h.places = h.places[:0]
	for i, score := range scores {
		if score > bound {
			h.places = append(h.places, int32(i))
		}
	}
	return h.places
}

// Exactly returns what Of does, but of those that equal the last one no more, by their places, than make n.
func (h *Highest) Exactly(scores []float64, n int, deviation float64) []int32 {
	highest := h.Of(scores, n, deviation)
	if len(highest) <= n {
		return highest
	}
	least := math.Inf(1)
	for _, i := range highest {
		least = min(least, scores[i])
	}
	equals := 0
	for _, i := range highest {
		if scores[i] > least {
			equals--
		}
	}
	equals += n
	return slices.DeleteFunc(highest, func(i int32) bool {
		if scores[i] > least {
			return false
		}
		equals--
		return equals < 0
	})
}
