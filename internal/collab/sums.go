package collab

// Sums are scores of few items among many: what nothing was added to is 0 and costs nothing. The
// zero value is ready after a Reset. Not safe for concurrent use.
type Sums struct {
	values  []float64 // by item
	reached []int32   // items in the order in which something was first added to them
	is      []bool    // by item: whether it is in reached
}

// Reset sets everything to 0, for items 0 .. items-1.
func (s *Sums) Reset(items int) {
	for _, i := range s.reached {
		s.values[i], s.is[i] = 0, false
	}
	s.reached = s.reached[:0]
	s.values, s.is = grown(s.values, items), grown(s.is, items)
}

// Add adds x to an item's score.
func (s *Sums) Add(item int32, x float64) {
	if !s.is[item] {
		s.is[item] = true
		s.reached = append(s.reached, item)
	}
	s.values[item] += x
}

// At returns an item's score.
func (s *Sums) At(item int32) float64 {
	if int(item) >= len(s.values) {
		return 0
	}
	return s.values[item]
}

// Reached returns the items that something was added to, in no order that means something; valid
// until the next call.
func (s *Sums) Reached() []int32 { return s.reached }

// write overwrites out with the scores.
func (s *Sums) write(out []float64) {
	clear(out)
	for _, i := range s.reached {
		out[i] = s.values[i]
	}
}
