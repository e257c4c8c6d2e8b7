package collab

// Sums are scores of few items among many: what nothing was added to is 0 and costs nothing. The
// zero value is ready after a Reset. Not safe for concurrent use.
type Sums struct {
	cells   []cell  // by item
	reached []int32 // items in the order in which something was first added to them
}

// cell is what is known of an item, side by side: many items are far apart in memory.
type cell struct {
	value float64
	is    bool // the item is among the reached
}

// Reset sets everything to 0, for items 0 .. items-1.
func (s *Sums) Reset(items int) {
	for _, i := range s.reached {
		s.cells[i] = cell{}
	}
	s.reached = s.reached[:0]
	s.cells = grown(s.cells, items)
}

// Add adds x to an item's score.
func (s *Sums) Add(item int32, x float64) {
	c := &s.cells[item]
	if !c.is {
		c.is = true
		s.reached = append(s.reached, item)
	}
	c.value += x
}

// At returns an item's score.
func (s *Sums) At(item int32) float64 {
	if int(item) >= len(s.cells) {
		return 0
	}
	return s.cells[item].value
}

// Reached returns the items that something was added to, in no order that means something; valid
// until the next call.
func (s *Sums) Reached() []int32 { return s.reached }

// write overwrites out with the scores.
func (s *Sums) write(out []float64) {
	clear(out)
	for _, i := range s.reached {
		out[i] = s.cells[i].value
	}
}
