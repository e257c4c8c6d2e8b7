package collab

import "slices"

// Replace takes a user's row out and counts another one in its place, over items 0 .. items-1:
// events added, removed or moved in time, a user forgotten, items that came. It leaves bit for
// bit what a fit of everyone's rows with the same parameters gives, in whatever order rows were
// replaced, since weights are whole numbers (see ageing) and adding and taking away are inverse.
//
// Only pairs near the change are touched: the items within Steps before the first difference of
// the two rows, and those up to the last.
func (m *Transitions) Replace(items int, before, after []Touch) {
	m.rows = grown(m.rows, items)
	head, tail := difference(before, after)
	from := max(0, head-m.params.Steps)
	m.sum(before, from, len(before)-tail, -1)
	m.sum(after, from, len(after)-tail, 1)
}

// sum adds, sign times, the transitions from the places from .. to-1 of a row.
func (m *Transitions) sum(row []Touch, from, to int, sign int64) {
	for place := from; place < to; place++ {
		r := m.rows[row[place].Item]
		if r == nil {
			r = new(transitionRow)
			m.rows[row[place].Item] = r
		}
		m.follow(row, place, func(b int32, w int64) { r.add(b, sign*w) })
	}
}

// add changes what follows by one item; a weight that comes to 0 leaves.
func (r *transitionRow) add(b int32, weight int64) {
	if weight == 0 {
		return
	}
	r.total += weight
	at, known := slices.BinarySearch(r.to, b)
	switch {
	case !known:
		r.to, r.weight = slices.Insert(r.to, at, b), slices.Insert(r.weight, at, weight)
	case r.weight[at]+weight == 0:
		r.to, r.weight = slices.Delete(r.to, at, at+1), slices.Delete(r.weight, at, at+1)
	default:
		r.weight[at] += weight
	}
}

// difference returns how many touches two rows share at their start, and after that at their
// end.
func difference(before, after []Touch) (head, tail int) {
	shorter := min(len(before), len(after))
	for head < shorter && before[head] == after[head] {
		head++
	}
	for head+tail < shorter && before[len(before)-1-tail] == after[len(after)-1-tail] {
		tail++
	}
	return head, tail
}

// grown returns s with zeros appended up to the length n.
func grown[T any](s []T, n int) []T {
	if n > len(s) {
		s = append(s, make([]T, n-len(s))...)
	}
	return s
}
