package learn

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"resonance/internal/catalog"
	"resonance/internal/collab"
	"resonance/internal/signal"
)

// Rows are the posts that each user touched, by the user's id, ordered by time, then by id of the
// post.
type Rows map[int64][]collab.Touch

// Touches returns how many touches the rows hold.
func (r Rows) Touches() (n int) {
	for _, row := range r {
		n += len(row)
	}
	return n
}

// Fit learns from rows of posts that index knows. The result depends on the ids of posts and users and on
// times, not on the order in which index or rows came to be.
func (r Rows) Fit(ctx context.Context, index *catalog.Index, s signal.Settings) (*signal.Fitted, error) {
	posts, data, err := r.data(index)
	if err != nil {
		return nil, fmt.Errorf("learn from everyone: %w", err)
	}
	fitted, err := signal.Fit(ctx, data, posts, s, nil)
	if err != nil {
		return nil, fmt.Errorf("learn from everyone: %w", err)
	}
	return fitted, nil
}

// data returns the touched posts by id, and the rows by id of the user over them.
func (r Rows) data(index *catalog.Index) (posts []catalog.Ordinal, data *collab.Data, err error) {
	place := map[int32]int32{}
	for _, row := range r {
		for _, t := range row {
			if _, known := place[t.Item]; !known {
				place[t.Item] = 0
				posts = append(posts, catalog.Ordinal(t.Item))
			}
		}
	}
	slices.SortFunc(posts, func(a, b catalog.Ordinal) int { return index.CompareIDs(a, b) })
	for i, o := range posts {
		place[int32(o)] = int32(i)
	}
	rows := make([][]collab.Touch, 0, len(r))
	for _, u := range slices.Sorted(maps.Keys(r)) {
		row := make([]collab.Touch, len(r[u]))
		for i, t := range r[u] {
			row[i] = collab.Touch{Item: place[t.Item], At: t.At}
		}
		slices.SortFunc(row, func(a, b collab.Touch) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Item, b.Item)) })
		rows = append(rows, row)
	}
	data, err = collab.NewData(len(posts), rows)
	return posts, data, err
}
