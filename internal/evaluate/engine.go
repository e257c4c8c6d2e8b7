package evaluate

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"resonance/internal/evaluate/dataset"
	"resonance/internal/evaluate/journal"
	"resonance/internal/evaluate/past"
	"resonance/internal/evaluate/protocol"
	"resonance/internal/learn"
	"resonance/internal/recommend"
	"resonance/internal/replica"
	"resonance/internal/store"
)

// served is an engine as a system, asked in several forms.
type served struct {
	serve   Serve
	rule    string
	forms   []form
	data    *dataset.Dataset
	vectors [][]float32
	rolling bool
	k       int
	memory  *journal.Journal
	key     string        // of the recipe in memory
	recipe  *learn.Recipe // nil before it is chosen

	places  map[int64]int64 // items by post id
	source  *past.Source
	replica *replica.Replica
	engine  Engine
	now     atomic.Int64 // what the clock shows, Unix milliseconds
	ahead   timeline
}

// newServed makes the system of an engine for a trial.
func (r *run) newServed(trial int, rule string, forms []form) *served {
	s := &served{
		serve: r.Serve, rule: rule, forms: forms, data: r.Data, vectors: r.Vectors, rolling: rolls(r.Protocol), k: r.K,
		memory: r.memory, key: fmt.Sprintf("recipe %s/%d", forms[0].name, trial), places: make(map[int64]int64, len(r.Data.Posts)),
	}
	for i := range s.data.Posts {
		s.places[s.data.Posts[i].ID] = int64(i)
	}
	if recipe := new(learn.Recipe); s.memory.Get(s.key, recipe) {
		s.recipe = recipe
	}
	return s
}

// learn opens the past that the split's models may know. A recipe is chosen in the first one.
func (s *served) learn(ctx context.Context, t *training, first *protocol.List) error {
	if s.rolling {
		if err := s.pass(first); err != nil {
			return err
		}
	} else {
		if err := s.open(); err != nil {
			return err
		}
		s.now.Store(first.Now)
		s.reveal(t.everything(s.data, first.Now))
	}
	recipe, err := s.engine.Learn(ctx, s.recipe)
	if err != nil || s.recipe != nil || recipe == nil {
		return err
	}
	s.recipe = recipe
	return s.memory.Put(s.key, recipe)
}

// pass reveals what a list may know.
func (s *served) pass(l *protocol.List) error {
	if s.rolling && s.source == nil {
		if err := s.open(); err != nil {
			return err
		}
	}
	s.now.Store(l.Now)
	if s.rolling {
		s.reveal(s.ahead.until(l.Now, l.CreatedBefore))
	}
	return nil
}

// open begins an empty past.
func (s *served) open() (err error) {
	s.close()
	s.source, s.ahead = past.New(), newTimeline(s.data)
	clock := func() time.Time { return time.UnixMilli(s.now.Load()) }
	if s.replica, err = replica.New(s.source, s.source, "past", clock); err != nil {
		return fmt.Errorf("open the past: %w", err)
	}
	s.engine = s.serve(s.replica, s.rule)
	return nil
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

// rank asks for feeds as a client does, in every form.
func (s *served) rank(ctx context.Context, l *protocol.List) ([]ranked, error) {
	if err := s.pass(l); err != nil {
		return nil, err
	}
	answers := make([]ranked, len(s.forms))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for n, f := range s.forms {
		g.Go(func() (err error) {
			answers[n], err = s.answer(ctx, l, f.request)
			return err
		})
	}
	return answers, g.Wait()
}

// answer asks for a feed. Where it holds nothing relevant, the longest feed that the engine gives
// tells how far down the first relevant post is.
func (s *served) answer(ctx context.Context, l *protocol.List, request recommend.Request) (r ranked, err error) {
	request.Username, request.TopK = past.Username(l.User), s.k
	if r.Top, r.Strange, err = s.feed(ctx, l, request); err != nil {
		return ranked{}, err
	}
	r.Place = firstPlace(r.Top, l.Relevant)
	if r.Place > 0 || s.k == recommend.MaxTopK {
		return r, nil
	}
	request.TopK = recommend.MaxTopK
	more, _, err := s.feed(ctx, l, request)
	if err != nil {
		return ranked{}, err
	}
	more = slices.DeleteFunc(more, func(item int64) bool { return slices.Contains(r.Top, item) })
	if place := firstPlace(more, l.Relevant); place > 0 {
		r.Place = len(r.Top) + place
	}
	return r, nil
}

// feed returns the items of a feed that the protocol allows, and how many others there were.
func (s *served) feed(ctx context.Context, l *protocol.List, request recommend.Request) (items []int64, strange int, err error) {
	request.Plain = true
	feed, err := s.engine.Feed(ctx, request)
	if err != nil {
		return nil, 0, fmt.Errorf("ask for user %d at %v: %w", l.User, time.UnixMilli(l.Now).UTC(), err)
	}
	items = make([]int64, 0, len(feed.Items))
	for _, served := range feed.Items {
		item, known := s.places[served.Post.ID]
		seen := func(t protocol.Touch) bool { return t.Item == item }
		if !known || slices.ContainsFunc(l.History, seen) {
			strange++
			continue
		}
		items = append(items, item)
	}
	return items, strange, nil
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
