package collab

import (
	"math"
	"slices"
)

// Weighted is one item of a history, with what it counts for; a weight is at least 0.
// A history is a slice of them, newest first: the index is the position, 0 the newest.
type Weighted struct {
	Item   int32
	Weight float64
}

// Recency is the weight .5^(position / halfLife) of the given position, 1 for the newest.
// A halfLife of 0 or less weighs every position 1.
func Recency(position int, halfLife float64) float64 {
	if halfLife <= 0 {
		return 1
	}
	return math.Exp2(-float64(position) / halfLife)
}

// Scratch is the memory that Score works in. The zero value is ready; it grows to the largest
// model it meets. Not safe for concurrent use: one for each goroutine, or a sync.Pool of them.
type Scratch struct {
	users, folded []float64 // one a user
	scores        []float32 // one a touched item
	ranked        []float64 // one a user who is at all alike
	normal        []float64 // factors x factors
	factors, row  []float64 // one a factor
	sums          Sums      // of items, where Score goes through Reach
	walk          Sums      // of users
	departures    []departure
	near          []int32 // users
	all           []int32 // 0, 1, 2 and so on
}

// every returns the first n items.
func (s *Scratch) every(n int) []int32 {
	for len(s.all) < n {
		s.all = append(s.all, int32(len(s.all)))
	}
	return s.all[:n]
}

// zeroed returns *buf cut or grown to n zeros.
func zeroed[T any](buf *[]T, n int) []T {
	*buf = slices.Grow((*buf)[:0], n)[:n]
	clear(*buf)
	return *buf
}
