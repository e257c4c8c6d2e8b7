package collab

import (
	"cmp"
	"errors"
	"fmt"
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
