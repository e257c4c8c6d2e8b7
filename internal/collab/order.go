package collab

import "math/bits"

// order holds items roughly by their counts, so that those with the highest are found without a look at
// the others: items whose counts share their first four bits lie together.
type order struct {
	steps  [8 * 64][]int32
	places []int32 // of every item in its step
}

// stepOf returns which step a count of 1 or more is on.
func stepOf(count int64) int {
	length := bits.Len64(uint64(count))
	return 8*(length-1) + int(uint64(count)<<(64-length)>>60&7)
}

// move takes an item from the step of one count to that of another; a count of 0 or less is on none.
func (o *order) move(item int32, before, after int64) {
	if before > 0 && after > 0 && stepOf(before) == stepOf(after) {
		return
	}
	o.places = grown(o.places, int(item)+1)
	if before > 0 {
		step := o.steps[stepOf(before)]
		last := step[len(step)-1]
		step[o.places[item]], o.places[last] = last, o.places[item]
		o.steps[stepOf(before)] = step[:len(step)-1]
	}
	if after > 0 {
		step := &o.steps[stepOf(after)]
		o.places[item] = int32(len(*step))
		*step = append(*step, item)
	}
}

// fromTop calls visit with the items of every step that has any, the highest first, until it returns
// false.
func (o *order) fromTop(visit func(items []int32) bool) {
	for i := len(o.steps) - 1; i >= 0; i-- {
		if len(o.steps[i]) > 0 && !visit(o.steps[i]) {
			return
		}
	}
}
