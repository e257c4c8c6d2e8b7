package collab

// Sums are scores of few items among many: what nothing was added to is 0 and costs nothing. The
// zero value is ready after a Reset. Not safe for concurrent use.
type Sums struct {
	values  []float64 // by item
	reached []int32   // items in the order in which something was first added to them
}

// Reset sets everything to 0, for items 0 .. items-1.
func (s *Sums) Reset(items int) {
	for _, i := range s.reached {
		s.values[i] = 0
	}
	s.reached = s.reached[:0]
	s.values = grown(s.values, items)
}

// Add adds x, at least 0, to an item's score.
func (s *Sums) Add(item int32, x float64) {
	before := s.values[item]
	s.values[item] = before + x
	if before == 0 && x != 0 {
		s.reached = append(s.reached, item)
	}
}

// addTo adds x, at least 0, to each item's score.
func (s *Sums) addTo(items []int32, x float64) {
	if x == 0 {
		return
	}
	values, reached := s.values, s.reached
	for _, item := range items {
		before := values[item]
		values[item] = before + x
		if before == 0 {
			reached = append(reached, item)
		}
	}
	s.reached = reached
}

// At returns an item's score.
func (s *Sums) At(item int32) float64 {
	if int(item) >= len(s.values) {
		return 0
	}
	return s.values[item]
}

// Reached returns the items whose scores are not 0, in no order that means something; valid
// until the next call.
func (s *Sums) Reached() []int32 { return s.reached }

// write overwrites out with the scores.
func (s *Sums) write(out []float64) {
	clear(out)
	for _, i := range s.reached {
		out[i] = s.values[i]
	}
}
