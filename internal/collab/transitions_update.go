package collab

import (
	"maps"
	"slices"
)

// Update returns the model of next, which must come from the fitted data by With: events
// added, removed or moved in time, users forgotten, items that came. It is bit for bit what a
// fit of next with the same parameters gives, whatever the order in which updates came.
//
// That it is exact rests on two things. A user's old row is known, being part of the data that
// the model holds, so what it gave is taken away and what the new row gives is added. And the
// weights are whole numbers (see ageing), so that adding and taking away are inverse. Only
// pairs near the change differ: the items within Steps before the first difference of the two
// rows and those up to the last. The rows of these items are copied, all others shared, so that
// m goes on serving. The price is the change itself and a copy of one pointer an item: gather
// the events of a moment into one update.
func (m *Transitions) Update(next *Data) *Transitions {
	changes := make(map[int32]map[int32]int64) // a -> b -> weight
	changedRows(m.data, next, func(before, after []Touch) {
		from, tail := difference(before, after)
		from = max(0, from-m.params.Steps)
		m.sum(changes, before, from, len(before)-tail, -1)
		m.sum(changes, after, from, len(after)-tail, 1)
	})
	updated := *m
	updated.data = next
	updated.rows = make([]*transitionRow, next.items)
	copy(updated.rows, m.rows)
	for a, change := range changes {
		updated.rows[a] = updated.rows[a].plus(change)
	}
	return &updated
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

// sum adds to changes, sign times, the transitions from the places from .. to-1 of a row.
func (m *Transitions) sum(changes map[int32]map[int32]int64, row []Touch, from, to int, sign int64) {
	for place := from; place < to; place++ {
		a := row[place].Item
		if changes[a] == nil {
			changes[a] = make(map[int32]int64)
		}
		m.follow(row, place, func(b int32, w int64) { changes[a][b] += sign * w })
	}
}

// plus returns the row with change added. r may be nil, and so may the answer.
func (r *transitionRow) plus(change map[int32]int64) *transitionRow {
	if r == nil {
		r = &transitionRow{}
	}
	sum := &transitionRow{}
	put := func(b int32, w int64) {
		if w != 0 {
			sum.to, sum.weight = append(sum.to, b), append(sum.weight, w)
			sum.total += float64(w)
		}
	}
	old := 0
	for _, b := range slices.Sorted(maps.Keys(change)) {
		for ; old < len(r.to) && r.to[old] < b; old++ {
			put(r.to[old], r.weight[old])
		}
		w := change[b]
		if old < len(r.to) && r.to[old] == b {
			w += r.weight[old]
			old++
		}
		put(b, w)
	}
	for ; old < len(r.to); old++ {
		put(r.to[old], r.weight[old])
	}
	if len(sum.to) == 0 {
		return nil
	}
	return sum
}
