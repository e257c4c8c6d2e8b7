package evaluate

import (
	"fmt"

	"resonance/internal/collab"
	"resonance/internal/evaluate/dataset"
	"resonance/internal/evaluate/protocol"
)

// training is what the models of a split may know, prepared for all systems.
type training struct {
	events  []protocol.Event
	data    *collab.Data
	visits  []visit // first touches, by time: those of training, of a live stream all of them
	touched []int   // by item: the users who touched it
	users   int
}

// visit is a user's first touch of an item.
type visit struct {
	item int64
	at   int64 // Unix milliseconds
}

type pair struct{ user, item int64 }

// newTraining prepares events, which are in the order of time.
func newTraining(events []protocol.Event, items int) (*training, error) {
	t := &training{events: events, touched: make([]int, items)}
	ordinals, known := map[int64]int{}, map[pair]bool{}
	var rows [][]collab.Touch
	for _, e := range events { // ordered, so that rows are too
		if known[pair{e.User, e.Item}] {
			continue
		}
		known[pair{e.User, e.Item}] = true
		u, old := ordinals[e.User]
		if !old {
			u = len(rows)
			ordinals[e.User] = u
			rows = append(rows, nil)
		}
		rows[u] = append(rows[u], collab.Touch{Item: int32(e.Item), At: e.At})
		t.visits = append(t.visits, visit{e.Item, e.At})
		t.touched[e.Item]++
	}
	t.users = len(rows)
	var err error
	if t.data, err = collab.NewData(items, rows); err != nil {
		return nil, fmt.Errorf("prepare training: %w", err)
	}
	return t, nil
}

// everything returns, as places in d, all posts and the events of training. Of the events that
// are no touches those belong to it that are earlier than now and no later than what training
// holds last of their user.
func (t *training) everything(d *dataset.Dataset, now int64) (posts, events []int) {
	lines, last := make(map[int]bool, len(t.events)), map[int64]int64{}
	for _, e := range t.events { // in the order of time
		lines[e.Line] = true
		last[e.User] = e.At
	}
	for n, e := range d.Events {
		until, known := last[e.User]
		if lines[e.Line] || !e.IsTouch() && e.At < now && (!known || e.At <= until) {
			events = append(events, n)
		}
	}
	for i := range d.Posts {
		posts = append(posts, i)
	}
	return posts, events
}
