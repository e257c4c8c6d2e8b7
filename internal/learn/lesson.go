package learn

import (
	"cmp"
	"context"
	"encoding/binary"
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

// Lesson is what models are fitted to: the rows of everyone, in an order that depends on ids and
// times only. It does not change with the catalogue that it was taken from.
type Lesson struct {
	posts   []catalog.Ordinal // the touched ones, by id
	data    *collab.Data      // users by id, items by place in posts
	touches int
	sum     uint64
}

// NewLesson takes rows of posts that index knows.
func NewLesson(index *catalog.Index, rows Rows) (Lesson, error) {
	var l Lesson
	place := map[int32]int32{}
	for user, row := range rows {
		l.touches += len(row)
		l.sum += signal.SumOf(index, user, row)
		for _, t := range row {
			if _, known := place[t.Item]; !known {
				place[t.Item] = 0
				l.posts = append(l.posts, catalog.Ordinal(t.Item))
			}
		}
	}
	slices.SortFunc(l.posts, index.CompareIDs)
	for i, o := range l.posts {
		place[int32(o)] = int32(i)
	}
	ordered := make([][]collab.Touch, 0, len(rows))
	for _, u := range slices.Sorted(maps.Keys(rows)) {
		row := make([]collab.Touch, len(rows[u]))
		for i, t := range rows[u] {
			row[i] = collab.Touch{Item: place[t.Item], At: t.At}
		}
		slices.SortFunc(row, func(a, b collab.Touch) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Item, b.Item)) })
		ordered = append(ordered, row)
	}
	var err error
	if l.data, err = collab.NewData(len(l.posts), ordered); err != nil {
		return Lesson{}, fmt.Errorf("take a lesson: %w", err)
	}
	return l, nil
}

// Lesson returns what models of the past as it is are fitted to.
func (p Past) Lesson() (Lesson, error) {
	rows := Rows{}
	for user := range p.Log.Users() {
		if row := signal.Row(p.Catalog, p.Log.Of(user)); len(row) > 0 {
			rows[user] = row
		}
	}
	return NewLesson(p.Catalog, rows)
}

// fit makes the models of the lesson. kept, nil for none, is what Model.Kept returned of such models; of another lesson
// it is of no use.
func (l Lesson) fit(ctx context.Context, s signal.Settings, kept []byte) (*signal.Fitted, error) {
	var old *signal.Fitted
	if len(kept) > 8 && binary.LittleEndian.Uint64(kept) == l.sum {
		var err error
		if old, err = signal.Recall(ctx, kept[8:], l.data, s); err != nil {
			return nil, fmt.Errorf("recall what was learnt: %w", err)
		}
	}
	fitted, err := signal.Fit(ctx, l.data, l.posts, s, old)
	if err != nil {
		return nil, fmt.Errorf("learn from everyone: %w", err)
	}
	return fitted, nil
}
