package metric

import (
	"math/rand/v2"
	"slices"
)

// resamples is how many bootstrap samples an interval is made of: the reference's 1,000, at
// which a 95 % limit moves by about a fortieth of the interval's width between seeds.
const resamples = 1000

// Interval is a mean over lists and the limits between which 95 % of resampled means lie.
type Interval struct {
	Mean, Low, High float64
}

// ExcludesZero says whether both limits lie on the same side of 0: for a paired difference,
// that it is unlikely to be chance.
func (i Interval) ExcludesZero() bool { return i.Low > 0 || i.High < 0 }

// MeanInterval is the mean of values with its percentile bootstrap interval. values[i] was
// measured on a list of users[i], both of one length. Users are resampled, with all their
// lists, since the lists of one user are not independent (Efron and Tibshirani 1993, clusters).
// The same input and seed give the same interval; the order of users does not matter beyond
// rounding. No values give the zero Interval.
func MeanInterval(values []float64, users []int64, seed uint64) Interval {
	ones := make([]float64, len(values))
	for i := range ones {
		ones[i] = 1
	}
	return RatioInterval(values, ones, users, seed)
}

// RatioInterval is the sum of above over the sum of below, which must not be negative, with an
// interval as MeanInterval has it. Sums of 0 below give a ratio of 0.
func RatioInterval(above, below []float64, users []int64, seed uint64) Interval {
	if len(above) == 0 {
		return Interval{}
	}
	over, under := byUser(above, users), byUser(below, users)
	random := rand.New(rand.NewPCG(seed, 0))
	ratios := make([]float64, resamples)
	for r := range ratios {
		sum, count := 0.0, 0.0
		for range over {
			u := random.IntN(len(over))
			sum += over[u]
			count += under[u]
		}
		ratios[r] = ratio(sum, count)
	}
	slices.Sort(ratios)
	return Interval{Mean: ratio(total(above), total(below)), Low: quantile(ratios, .025), High: quantile(ratios, .975)}
}

func ratio(above, below float64) float64 {
	if below == 0 {
		return 0
	}
	return above / below
}

// PairedDifference is the mean of a - b with its interval: a[i] and b[i] are two systems'
// figures on the same list, of users[i]. Pairing removes what the lists have in common.
func PairedDifference(a, b []float64, users []int64, seed uint64) Interval {
	differences := make([]float64, len(a))
	for i := range a {
		differences[i] = a[i] - b[i]
	}
	return MeanInterval(differences, users, seed)
}

// byUser returns the sum of each user's values, by ascending user.
func byUser(values []float64, users []int64) []float64 {
	distinct := slices.Clone(users)
	slices.Sort(distinct)
	distinct = slices.Compact(distinct)
	sums := make([]float64, len(distinct))
	for i, v := range values {
		at, _ := slices.BinarySearch(distinct, users[i])
		sums[at] += v
	}
	return sums
}

func total(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum
}

// quantile interpolates linearly between the order statistics of sorted, as numpy does.
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	below := int(at)
	if below+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[below] + (at-float64(below))*(sorted[below+1]-sorted[below])
}
