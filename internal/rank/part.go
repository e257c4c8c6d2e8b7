// Package rank scores candidates: it turns signals into named parts that add up to a score.
package rank

// Part is one named share of a score. The parts of a score add up to it; a part may be
// negative.
type Part struct {
	Name  string
	Value float64
}
