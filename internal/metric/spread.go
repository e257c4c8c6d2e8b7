package metric

import (
	"math"
	"slices"
)

// Exposure counts how often each item was served over many lists. The zero value is not
// usable: make one with make(Exposure[T]).
type Exposure[T comparable] map[T]int

// Add counts every item of a served list once.
func (e Exposure[T]) Add(list []T) {
	for _, id := range list {
		e[id]++
	}
}

// Coverage is the share of a catalogue of the given size that was served at all, in 0..1;
// 0 for an empty catalogue.
func (e Exposure[T]) Coverage(catalogue int) float64 {
	if catalogue <= 0 {
		return 0
	}
	return float64(len(e)) / float64(catalogue)
}

// Gini is how unequally the catalogue was served: 0 when every item was served equally often,
// 1 - 1/catalogue when one item had everything, 0 when nothing was served. Items that were
// never served count with 0.
//
//	G = sum over items by ascending count c_i, i = 1..n, of (2i - n - 1) c_i / (n sum c)
func (e Exposure[T]) Gini(catalogue int) float64 {
	counts := make([]int, 0, len(e))
	for _, c := range e {
		counts = append(counts, c)
	}
	slices.Sort(counts)
	n, unserved := float64(catalogue), catalogue-len(counts)
	weighted, total := 0.0, 0.0
	for i, c := range counts {
		weighted += (2*float64(unserved+i+1) - n - 1) * float64(c)
		total += float64(c)
	}
	if total == 0 {
		return 0
	}
	return weighted / (n * total)
}

// Novelty is the mean self-information of a list in bits, at least 0: how surprising its items
// are to a person picked at random (Zhou et al. 2010).
//
//	mean over the list of log2((users + 1) / (touched(item) + 1))
//
// touched says how many of the users in training touched an item, at most users. One is added
// to both so that an item that nobody touched is finite. An empty list gives 0.
func Novelty[T comparable](list []T, touched func(T) int, users int) float64 {
	if len(list) == 0 {
		return 0
	}
	bits := 0.0
	for _, id := range list {
		bits += math.Log2(float64(users+1) / float64(touched(id)+1))
	}
	return bits / float64(len(list))
}
