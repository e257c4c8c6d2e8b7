package rank

import "resonance/internal/signal"

// Weights say how much each signal counts, in the order of signal.All.
type Weights []float64

// Equal returns the weights that nothing is known against: every signal counts alike.
func Equal() Weights {
	w := make(Weights, len(signal.All()))
	for i := range w {
		w[i] = 1
	}
	return w
}
