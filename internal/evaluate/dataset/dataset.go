// Package dataset holds the rows that quality is measured on, from a store or from a folder of
// JSON lines, in the form that the protocols take.
package dataset

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"resonance/internal/catalog"
	"resonance/internal/errs"
	"resonance/internal/evaluate/protocol"
	"resonance/internal/interaction"
	"resonance/internal/store"
	"resonance/internal/transfer"
)

// Dataset is posts and what users did with them. It must not be changed.
type Dataset struct {
	Posts  []catalog.Post // by ascending id; the place of a post is the Item of its events
	Events []Event        // on these posts only, by Line
}

// Event is one interaction.
type Event struct {
	User  int64 // upstream's id, or one from catalog.LocalUserID up in the order of appearance
	Item  int
	Kind  interaction.Kind
	Value int   // or interaction.NoValue
	At    int64 // Unix milliseconds
	Line  int   // 0-based place among the rows of the source; unique
}

// IsTouch reports whether the event can be something to recommend: it shows that the user met
// the post, and did not turn from it.
func (e Event) IsTouch() bool { return interaction.IsTouch(e.Kind, e.Value) }

// Touches returns the events that protocols are made of, with places for ids, so that ties
// go by ascending id of the post.
func (d *Dataset) Touches() []protocol.Event {
	var touches []protocol.Event
	for _, e := range d.Events {
		if e.IsTouch() {
			touches = append(touches, protocol.Event{
				User: e.User, Item: int64(e.Item), At: e.At, Kind: int(e.Kind), Value: float64(e.Value), Line: e.Line,
			})
		}
	}
	return touches
}

// Items returns the posts as protocols take them; the ID of each is its place.
func (d *Dataset) Items() []protocol.Item {
	items := make([]protocol.Item, len(d.Posts))
	for i := range d.Posts {
		items[i] = protocol.Item{ID: int64(i), CreatedAt: d.Posts[i].CreatedAt.UnixMilli()}
	}
	return items
}

// Reader is the part of a store that is read.
type Reader interface {
	Rows(ctx context.Context, v store.RowVisitor) error
}

// FromStore reads everything in a store. Lines count its interactions by time, user, post, kind
// and key, the order of an export.
func FromStore(ctx context.Context, r Reader) (*Dataset, error) {
	c := newCollector()
	err := r.Rows(ctx, store.RowVisitor{
		User:        func(u catalog.User) error { c.user(u); return nil },
		Post:        func(p catalog.Post) error { c.post(p); return nil },
		Interaction: func(i interaction.Interaction) error { c.interaction(i); return nil },
	})
	if err != nil {
		return nil, fmt.Errorf("read the store: %w", err)
	}
	return c.dataset()
}

// FromFolder reads posts.jsonl, users.jsonl and interactions.jsonl as an import does: of rows
// with one identity the last counts. Blank lines are not counted as lines. The error wraps
// errs.NotFound or errs.Invalid and names file and line.
func FromFolder(ctx context.Context, dir string, progress transfer.Progress) (*Dataset, error) {
	folder, err := transfer.Check(ctx, dir, progress)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", dir, err)
	}
	c := newCollector()
	if _, err := folder.Write(ctx, c, progress); err != nil {
		return nil, fmt.Errorf("read %s: %w", dir, err)
	}
	return c.dataset()
}

// dataset puts what was collected in order.
func (c *collector) dataset() (*Dataset, error) {
	d := new(Dataset)
	for _, p := range c.posts {
		d.Posts = append(d.Posts, p)
	}
	slices.SortFunc(d.Posts, func(a, b catalog.Post) int { return cmp.Compare(a.ID, b.ID) })
	place := make(map[int64]int, len(d.Posts))
	for i := range d.Posts {
		place[d.Posts[i].ID] = i
	}
	for _, r := range c.rows {
		item, known := place[r.postID]
		if known && !r.replaced {
			r.Item = item
			d.Events = append(d.Events, r.Event)
		}
	}
	if len(d.Touches()) == 0 {
		return nil, fmt.Errorf("%w: there is no interaction with a known post to measure on", errs.NotFound)
	}
	return d, nil
}
