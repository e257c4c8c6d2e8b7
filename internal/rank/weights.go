package rank

import (
	"slices"

	"resonance/internal/signal"
)

// Weights say how much each signal counts, in the order of signal.All.
type Weights []float64

// Times returns the weights with that of one signal multiplied.
func (w Weights) Times(name string, factor float64) Weights {
	w = slices.Clone(w)
	for i, s := range signal.All() {
		if s.Name == name {
			w[i] *= factor
		}
	}
	return w
}

// Prior returns the weights that nothing is known against: all signals of a family count alike. What
// the user keeps coming back to counts double, for there are few such signals and each is about this
// user alone, while many others say the same of what everyone did.
func Prior() Weights {
	w := make(Weights, len(signal.All()))
	for i, s := range signal.All() {
		w[i] = 1
		if s.Family == signal.Affinity {
			w[i] = 2
		}
	}
	return w
}
