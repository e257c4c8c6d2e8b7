package evaluate

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"resonance/internal/evaluate/dataset"
	"resonance/internal/evaluate/past"
	"resonance/internal/evaluate/protocol"
	"resonance/internal/recommend"
	"resonance/internal/replica"
	"resonance/internal/store"
)

// Engine is the engine that serves, over a replica of the past.
type Engine struct {
	Feed func(context.Context, recommend.Request) (recommend.Feed, error)
	// Learn brings what is learnt in the background up to what the replica holds; nil for an
	// engine that learns nothing. It is called at the start of every training part.
	Learn func(context.Context) error
}

// Serve makes the engine over a replica. It is called for every past that does not grow out of
// the one before.
type Serve func(*replica.Replica) (Engine, error)

// served is the engine as a system.
type served struct {
	serve   Serve
	data    *dataset.Dataset
	vectors [][]float32
	rolling bool
	k       int

	places  map[int64]int64 // items by post id
	source  *past.Source
	replica *replica.Replica
	engine  Engine
	now     atomic.Int64 // what the clock shows, Unix milliseconds
	ahead   timeline
	strange int // posts served that the protocol does not allow
}

func newServed(serve Serve, data *dataset.Dataset, vectors [][]float32, rolling bool, k int) *served {
	s := &served{serve: serve, data: data, vectors: vectors, rolling: rolling, k: k, places: make(map[int64]int64, len(data.Posts))}
	for i := range data.Posts {
		s.places[data.Posts[i].ID] = int64(i)
	}
	return s
}

// learn opens the past that the split's models may know.
func (s *served) learn(ctx context.Context, t *training, first *protocol.List) error {
	if s.source == nil || !s.rolling {
		if err := s.open(); err != nil {
			return err
		}
	}
	s.now.Store(first.Now)
	if s.rolling {
		s.reveal(s.ahead.until(first.Now, first.CreatedBefore))
	} else {
		s.reveal(t.everything(s.data, first.Now))
	}
	if s.engine.Learn == nil {
		return nil
	}
	return s.engine.Learn(ctx)
}

// open begins an empty past.
func (s *served) open() (err error) {
	s.close()
	s.source, s.ahead = past.New(), newTimeline(s.data)
	clock := func() time.Time { return time.UnixMilli(s.now.Load()) }
	if s.replica, err = replica.New(s.source, s.source, "past", clock); err != nil {
		return fmt.Errorf("open the past: %w", err)
	}
	s.engine, err = s.serve(s.replica)
	return err
}

func (s *served) close() {
	if s.replica != nil {
		s.replica.Close()
	}
}

// reveal shows posts and events, given by their places in the data.
func (s *served) reveal(posts, events []int) {
	shown := make([]past.Post, len(posts))
	for i, p := range posts {
		shown[i] = past.Post{Post: &s.data.Posts[p], Embedding: s.vectors[p]}
	}
	changes := make([]store.EventChange, len(events))
	for i, n := range events {
		e := &s.data.Events[n]
		changes[i] = store.EventChange{
			Row: int64(e.Line) + 1, UserID: e.User, PostID: s.data.Posts[e.Item].ID, Kind: e.Kind, Value: e.Value, At: e.At, Synced: true,
		}
	}
	s.source.Reveal(shown, changes)
}

// rank asks for a feed as a client does. Where it holds nothing relevant, the longest feed that
// the engine gives tells how far down the first relevant post is.
func (s *served) rank(ctx context.Context, l *protocol.List) (ranked, error) {
	s.now.Store(l.Now)
	if s.rolling {
		s.reveal(s.ahead.until(l.Now, l.CreatedBefore))
	}
	top, err := s.feed(ctx, l, s.k)
	if err != nil {
		return ranked{}, err
	}
	r := ranked{top: top, place: firstPlace(top, l.Relevant)}
	if r.place > 0 || s.k == recommend.MaxTopK {
		return r, nil
	}
	more, err := s.feed(ctx, l, recommend.MaxTopK)
	if err != nil {
		return ranked{}, err
	}
	more = slices.DeleteFunc(more, func(item int64) bool { return slices.Contains(top, item) })
	if place := firstPlace(more, l.Relevant); place > 0 {
		r.place = len(top) + place
	}
	return r, nil
}

// feed returns the items of a feed that the protocol allows.
func (s *served) feed(ctx context.Context, l *protocol.List, k int) ([]int64, error) {
	feed, err := s.engine.Feed(ctx, recommend.Request{Username: past.Username(l.User), TopK: k, Plain: true})
	if err != nil {
		return nil, fmt.Errorf("ask for user %d at %v: %w", l.User, time.UnixMilli(l.Now).UTC(), err)
	}
	items := make([]int64, 0, len(feed.Items))
	for _, served := range feed.Items {
		item, known := s.places[served.Post.ID]
		seen := func(t protocol.Touch) bool { return t.Item == item }
		if !known || slices.ContainsFunc(l.History, seen) {
			s.strange++
			continue
		}
		items = append(items, item)
	}
	return items, nil
}

// firstPlace returns the place of the first relevant item, 1 for the best, 0 when there is none.
func firstPlace(items, relevant []int64) int {
	for i, item := range items {
		if _, hit := slices.BinarySearch(relevant, item); hit {
			return i + 1
		}
	}
	return 0
}

// timeline is what has not been revealed yet, as places in the data.
type timeline struct {
	data          *dataset.Dataset
	posts, events []int // in the order of time
}

func newTimeline(d *dataset.Dataset) timeline {
	t := timeline{data: d, posts: make([]int, len(d.Posts)), events: make([]int, len(d.Events))}
	for i := range t.posts {
		t.posts[i] = i
	}
	for i := range t.events {
		t.events[i] = i
	}
	slices.SortStableFunc(t.posts, func(a, b int) int { return d.Posts[a].CreatedAt.Compare(d.Posts[b].CreatedAt) })
	slices.SortStableFunc(t.events, func(a, b int) int { return cmp.Compare(d.Events[a].At, d.Events[b].At) })
	return t
}

// until takes off the posts created earlier than createdBefore and the events earlier than now.
func (t *timeline) until(now, createdBefore int64) (posts, events []int) {
	n := 0
	for n < len(t.posts) && t.data.Posts[t.posts[n]].CreatedAt.UnixMilli() < createdBefore {
		n++
	}
	posts, t.posts = t.posts[:n], t.posts[n:]
	n = 0
	for n < len(t.events) && t.data.Events[t.events[n]].At < now {
		n++
	}
	events, t.events = t.events[:n], t.events[n:]
	return posts, events
}
