package collab

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"resonance/internal/errs"
)

// ErrTooLarge says that the data is past the bound of a model; another model must carry on.
var ErrTooLarge = errors.New("data too large for this model")

// Touch is a user's first event with an item.
type Touch struct {
	Item int32 // ordinal, 0 .. items-1
	At   int64 // Unix milliseconds
}

// Data is what models learn from: for every user, by dense ordinal, the items touched, in the
// order of time. It never changes, so models keep it and any number of them share it.
type Data struct {
	items int
	rows  [][]Touch
}

// NewData returns the data of rows, one a user, over items 0 .. items-1. A row is ordered by
// (At, Item) and holds an item once; it may be empty. Otherwise the error wraps errs.Invalid.
// The rows are kept, not copied: the caller must not change them afterwards.
func NewData(items int, rows [][]Touch) (*Data, error) {
	for u, row := range rows {
		if err := checkRow(items, row); err != nil {
			return nil, fmt.Errorf("row of user %d: %w", u, err)
		}
	}
	return &Data{items: items, rows: rows}, nil
}

// With returns the data with some users' rows replaced and items grown to the given number.
// A nil row forgets the user; an ordinal past the last user adds users, with empty rows between.
// d stays as it was and shares the rows that did not change. The new rows are checked and kept
// as NewData does.
func (d *Data) With(items int, changed map[int32][]Touch) (*Data, error) {
	if items < d.items {
		return nil, fmt.Errorf("%d items where %d are known: %w", items, d.items, errs.Invalid)
	}
	rows := slices.Clone(d.rows)
	for _, u := range slices.Sorted(maps.Keys(changed)) {
		if u < 0 {
			return nil, fmt.Errorf("user ordinal %d: %w", u, errs.Invalid)
		}
		if err := checkRow(items, changed[u]); err != nil {
			return nil, fmt.Errorf("row of user %d: %w", u, err)
		}
		for int(u) >= len(rows) {
			rows = append(rows, nil)
		}
		rows[u] = changed[u]
	}
	return &Data{items: items, rows: rows}, nil
}

// Items returns the number of items, touched or not.
func (d *Data) Items() int { return d.items }

// Users returns the number of users, those with empty rows included.
func (d *Data) Users() int { return len(d.rows) }

// Row returns the touches of user u, oldest first; it must not be changed.
func (d *Data) Row(u int) []Touch { return d.rows[u] }

func checkRow(items int, row []Touch) error {
	ordered := func(a, b Touch) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Item, b.Item)) }
	if !slices.IsSortedFunc(row, ordered) {
		return fmt.Errorf("touches are not ordered by time and item: %w", errs.Invalid)
	}
	touched := make([]int32, len(row))
	for i, t := range row {
		if t.Item < 0 || int(t.Item) >= items {
			return fmt.Errorf("item %d of %d: %w", t.Item, items, errs.Invalid)
		}
		touched[i] = t.Item
	}
	slices.Sort(touched)
	if len(slices.Compact(touched)) < len(row) {
		return fmt.Errorf("an item is touched twice: %w", errs.Invalid)
	}
	return nil
}

// changedRows calls visit with every user whose row differs between two versions of data, by
// ascending user. Rows that With did not replace are recognised without reading them.
func changedRows(old, next *Data, visit func(before, after []Touch)) {
	for u := range max(len(old.rows), len(next.rows)) {
		var before, after []Touch
		if u < len(old.rows) {
			before = old.rows[u]
		}
		if u < len(next.rows) {
			after = next.rows[u]
		}
		shared := len(before) == len(after) && (len(before) == 0 || &before[0] == &after[0])
		if !shared {
			visit(before, after)
		}
	}
}
