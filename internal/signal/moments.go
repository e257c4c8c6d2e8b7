package signal

import "math"

// Moments returns mean and standard deviation of values, 0 for none. It adds up four sums side by
// side, so that an addition need not wait for the one before, and in the same order everywhere.
func Moments(values []float64) (mean, deviation float64) {
	if len(values) == 0 {
		return 0, 0
	}
	n := float64(len(values))
	var a, b, c, d float64
	rest := values
	for ; len(rest) >= 4; rest = rest[4:] {
		a += rest[0]
		b += rest[1]
		c += rest[2]
		d += rest[3]
	}
	for _, v := range rest {
		a += v
	}
	mean = ((a + b) + (c + d)) / n

	a, b, c, d = 0, 0, 0, 0
	for rest = values; len(rest) >= 4; rest = rest[4:] {
		a += square(rest[0] - mean)
		b += square(rest[1] - mean)
		c += square(rest[2] - mean)
		d += square(rest[3] - mean)
	}
	for _, v := range rest {
		a += square(v - mean)
	}
	return mean, math.Sqrt(((a + b) + (c + d)) / n)
}

// square is rounded before it is added to anything, on every processor.
func square(x float64) float64 { return float64(x * x) }
