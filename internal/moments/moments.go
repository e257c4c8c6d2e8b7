// Package moments finds means and standard deviations of many numbers, and adds up what numbers say that were
// standardised with them or compared with one. Its bits are the same on every processor: additions have a fixed order and every step
// is rounded.
package moments

import "math"

// Of returns mean and standard deviation of values, 0 for none.
func Of(values []float64) (mean, deviation float64) { return Without(values, nil) }

// Without returns mean and standard deviation of the values but for those at some places, each named once, which it
// overwrites with the mean; 0 for no others.
func Without(values []float64, out []int32) (mean, deviation float64) {
	for _, i := range out {
		values[i] = 0
	}
	if len(values) == len(out) {
		return 0, 0
	}
	n := float64(len(values) - len(out))
	whole, rest := split(values)
	var sums [lanes]float64
	if len(whole) > 0 {
		sums = fastest.sums(whole)
	}
	for i, v := range rest {
		sums[i] += v
	}
	mean = total(&sums) / n
	for _, i := range out {
		values[i] = mean
	}

	clear(sums[:])
	if len(whole) > 0 {
		sums = fastest.squares(whole, mean)
	}
	for i, v := range rest {
		sums[i] += float64((v - mean) * (v - mean))
	}
	return mean, math.Sqrt(total(&sums) / n)
}

// AddStandardised adds weight times the standardised value to each number of out,
//
//	weight · ((value - mean) · inverse),   inverse: 1 / deviation
//
// as Standardised gives it. out and values have the same length.
func AddStandardised(out, values []float64, mean, inverse, weight float64) {
	whole, rest := split(values)
	if len(whole) > 0 {
		fastest.addStandardised(out[:len(whole)], whole, mean, inverse, weight)
	}
	portableAddStandardised(out[len(whole):], rest, mean, inverse, weight)
}

// Standardised returns what AddStandardised adds for one value.
func Standardised(value, mean, inverse, weight float64) float64 {
	return float64(weight * float64((value-mean)*inverse))
}

// AddNear adds what each value says to a number of out: the more, the nearer it is to at,
//
//	weight / (1 + |value - at| · scale)
//
// out and values have the same length.
func AddNear(out, values []float64, at, scale, weight float64) {
	whole, rest := split(values)
	if len(whole) > 0 {
		fastest.addNear(out[:len(whole)], whole, at, scale, weight)
	}
	portableAddNear(out[len(whole):], rest, at, scale, weight)
}

// lanes is how many sums are added up side by side.
const lanes = 16

// split returns as many values as fill all lanes, and the rest.
func split(values []float64) (whole, rest []float64) {
	n := len(values) / lanes * lanes
	return values[:n], values[n:]
}

// total adds up the lanes, by halves.
func total(sums *[lanes]float64) float64 {
	for n := lanes / 2; n > 0; n /= 2 {
		for i := range n {
			sums[i] += sums[n+i]
		}
	}
	return sums[0]
}

// kernels are the loops over values whose number is a multiple of lanes and not 0.
type kernels struct {
	name            string
	sums            func(values []float64) [lanes]float64
	squares         func(values []float64, mean float64) [lanes]float64
	addStandardised func(out, values []float64, mean, inverse, weight float64)
	addNear         func(out, values []float64, at, scale, weight float64)
}

// fastest are the kernels to use on this processor.
var fastest = available()[0]

func portable() kernels {
	return kernels{"portable", portableSums, portableSquares, portableAddStandardised, portableAddNear}
}

func portableSums(values []float64) (sums [lanes]float64) {
	for ; len(values) >= lanes; values = values[lanes:] {
		for i, v := range values[:lanes] {
			sums[i] += v
		}
	}
	return sums
}

func portableSquares(values []float64, mean float64) (sums [lanes]float64) {
	for ; len(values) >= lanes; values = values[lanes:] {
		for i, v := range values[:lanes] {
			sums[i] += float64((v - mean) * (v - mean))
		}
	}
	return sums
}

func portableAddStandardised(out, values []float64, mean, inverse, weight float64) {
	out = out[:len(values)]
	for i, v := range values {
		out[i] += Standardised(v, mean, inverse, weight)
	}
}

func portableAddNear(out, values []float64, at, scale, weight float64) {
	out = out[:len(values)]
	for i, v := range values {
		out[i] += weight / (1 + float64(math.Abs(v-at)*scale))
	}
}
