package signal

import "math"

// Normalise scales values in place to mean 0 and standard deviation 1. Values that are all
// alike say nothing and become 0. Nothing is clipped: a post that stands out far stands out.
func Normalise(values []float64) {
	n := float64(len(values))
	var sum float64
	for _, v := range values {
		sum += v
	}
	mean := sum / n
	var squares float64
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	deviation := math.Sqrt(squares / n)
	if !(deviation > 1e-9*math.Abs(mean)) || math.IsInf(deviation, 0) {
		clear(values)
		return
	}
	for i, v := range values {
		values[i] = (v - mean) / deviation
	}
}
