package metric

import "math"

// NDCGAt is the normalised discounted cumulative gain of the first k of ranking, in 0..1.
//
//	DCG  = sum over hits at position p (first = 1) of 1 / log2(p + 1)
//	NDCG = DCG / DCG of a list that starts with min(k, |relevant|) hits
//
// Gain is binary (Järvelin and Kekäläinen 2002, with the discount from position 1 on).
// It is 0 when relevant is empty or k is not positive.
func NDCGAt[T comparable](k int, ranking []T, relevant Set[T]) float64 {
	ideal := 0.0
	for p := range min(k, len(relevant)) {
		ideal += Discount(p)
	}
	if ideal == 0 {
		return 0
	}
	gain := 0.0
	for p, id := range first(k, ranking) {
		if relevant.Has(id) {
			gain += Discount(p)
		}
	}
	return gain / ideal
}

// HitRateAt is 1 when any of the first k of ranking is relevant, else 0.
func HitRateAt[T comparable](k int, ranking []T, relevant Set[T]) float64 {
	if hits(k, ranking, relevant) > 0 {
		return 1
	}
	return 0
}

// RecallAt is the share of min(k, |relevant|) that the first k of ranking hold, in 0..1.
// The divisor is capped at k so that a full list of hits scores 1 however many were relevant.
func RecallAt[T comparable](k int, ranking []T, relevant Set[T]) float64 {
	most := min(k, len(relevant))
	if most <= 0 {
		return 0
	}
	return float64(hits(k, ranking, relevant)) / float64(most)
}

// MRR is the reciprocal of the position (first = 1) of the first relevant item in the whole
// ranking, 0 when there is none. Its mean over lists is the mean reciprocal rank.
func MRR[T comparable](ranking []T, relevant Set[T]) float64 {
	for p, id := range ranking {
		if relevant.Has(id) {
			return 1 / float64(p+1)
		}
	}
	return 0
}

// Discount is what a hit at position p counts, 0 being the first, in nDCG.
func Discount(p int) float64 { return 1 / math.Log2(float64(p+2)) }

func first[T any](k int, ranking []T) []T { return ranking[:max(0, min(k, len(ranking)))] }

func hits[T comparable](k int, ranking []T, relevant Set[T]) int {
	n := 0
	for _, id := range first(k, ranking) {
		if relevant.Has(id) {
			n++
		}
	}
	return n
}
