// Package live pushes feeds to those who watch them, whenever something changes them.
//
// One loop asks several times a second what feeds are made from: the store's sequence, which moves with
// every change that any process makes, the model and the time that decays are counted from. When
// that moves, everyone who watches has their feed made afresh and gets it if it differs. Nothing is
// queued: whoever reads slowly gets the newest feed, and what came in between is dropped.
package live

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"resonance/internal/errs"
	"resonance/internal/learn"
	"resonance/internal/recommend"
	"resonance/internal/replica"
)

const (
	lookout = 100 * time.Millisecond // between two looks for changes
	pause   = 500 * time.Millisecond // between two feeds made for one watcher
	drift   = 10 * time.Second       // between two feeds when nothing but time moves
)

// Feeds makes feeds; recommend.Engine does.
type Feeds interface {
	Feed(ctx context.Context, request recommend.Request) (recommend.Feed, error)
}

// Moment is all that a feed is made from besides what is asked: at equal moments feeds are equal.
type Moment struct {
	Sequence int64
	Model    *learn.Model
	Now      int64 // what decays are counted from, epoch milliseconds; it stands still soon after the last event
}

// Of returns what tells the present moment of a replica.
func Of(r *replica.Replica) func(ctx context.Context) (Moment, error) {
	return func(ctx context.Context) (m Moment, err error) {
		err = r.Read(ctx, func(v replica.View) error {
			m = Moment{v.Sequence, v.Model, v.Now}
			return nil
		})
		return m, err
	}
}

// Update is a feed as it was when it was made.
type Update struct {
	Request recommend.Request
	Feed    recommend.Feed
	Err     error // why there is no feed; nothing comes after it
}

// Hub makes feeds for those who watch. Safe for concurrent use.
type Hub struct {
	feeds  Feeds
	moment func(ctx context.Context) (Moment, error)
	log    zerolog.Logger
	making chan struct{} // holds a place for each feed that is made at the same time

	mu       sync.Mutex
	watchers int
	changed  chan struct{} // closed at the next change
}

// New returns a hub; Run makes it look for changes.
func New(feeds Feeds, moment func(ctx context.Context) (Moment, error), log zerolog.Logger) *Hub {
	return &Hub{
		feeds: feeds, moment: moment, log: log, changed: make(chan struct{}),
		making: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2)), // the others answer requests meanwhile
	}
}

// Run looks for changes until ctx ends.
func (h *Hub) Run(ctx context.Context) {
	ticker := time.NewTicker(lookout)
	defer ticker.Stop()
	var l look
	var failing bool
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if h.Watchers() == 0 {
			continue
		}
		moment, err := h.moment(ctx)
		if err != nil && !failing && ctx.Err() == nil {
			h.log.Error().Err(err).Msg("changes cannot be seen; feeds that are watched stay as they are until they can")
		}
		failing = err != nil
		if !failing && l.changed(moment, time.Now()) {
			h.announce()
		}
	}
}

// look is what was seen of the moments before.
type look struct {
	told, last Moment
	toldAt     time.Time
}

// changed reports whether those who watch are to be told of a moment. Time alone moves for a second
// after an event, and for as long as an event or post is dated ahead of the clock: then it is told now
// and again, and once it stands still.
func (l *look) changed(m Moment, at time.Time) bool {
	stands, waited := m.Now == l.last.Now, at.Sub(l.toldAt) >= drift
	l.last = m
	told := l.told
	told.Now = m.Now
	if m == l.told || m == told && !stands && !waited {
		return false
	}
	l.told, l.toldAt = m, at
	return true
}

// Watchers returns how many feeds are watched.
func (h *Hub) Watchers() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.watchers
}

func (h *Hub) announce() {
	h.mu.Lock()
	defer h.mu.Unlock()
	close(h.changed)
	h.changed = make(chan struct{})
}

// next returns what is closed at the next change.
func (h *Hub) next() <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.changed
}

func (h *Hub) count(more int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.watchers += more
}

// Watch returns the feed that is asked for, at once and whenever it changes, until ctx ends; then the
// channel is closed. The errors are those of recommend.Engine.Feed. While the store does not answer
// nothing comes; what else goes wrong comes as the last Update.
func (h *Hub) Watch(ctx context.Context, request recommend.Request) (<-chan *Update, error) {
	h.count(1)
	changed := h.next()
	feed, err := h.make(ctx, request)
	if err != nil {
		h.count(-1)
		return nil, err
	}
	updates := make(chan *Update)
	go func() {
		defer h.count(-1)
		defer close(updates)
		h.follow(ctx, changed, &Update{Request: request, Feed: feed}, updates)
	}()
	return updates, nil
}

// follow hands out first, and a newer feed whenever there is one.
func (h *Hub) follow(ctx context.Context, changed <-chan struct{}, first *Update, updates chan<- *Update) {
	shown, latest := (*Update)(nil), first
	rest := time.NewTimer(pause)
	defer rest.Stop()
	var change <-chan struct{} // nil while the last feed is too young
	for {
		reader := updates
		if latest == nil {
			reader = nil
		}
		select {
		case <-ctx.Done():
			return
		case reader <- latest:
			if latest.Err != nil {
				return
			}
			shown, latest = latest, nil
		case <-rest.C:
			change = changed
		case <-change:
			next := h.next()
			feed, err := h.make(ctx, first.Request)
			switch {
			case errors.Is(err, errs.Unavailable): // changed stays closed: it is tried again
			case err != nil:
				latest, changed = &Update{Request: first.Request, Err: err}, nil
			default:
				latest, changed = newer(shown, &Update{Request: first.Request, Feed: feed}), next
			}
			change = nil
			rest.Reset(pause)
		}
	}
}

// newer returns update, or nil if it shows what was shown before.
func newer(shown, update *Update) *Update {
	if shown != nil && Same(shown.Feed, update.Feed) {
		return nil
	}
	return update
}

// make makes a feed when it is its turn. A panic is an error.
func (h *Hub) make(ctx context.Context, request recommend.Request) (feed recommend.Feed, err error) {
	select {
	case h.making <- struct{}{}:
		defer func() { <-h.making }()
	case <-ctx.Done():
		return feed, ctx.Err()
	}
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	return h.feeds.Feed(ctx, request)
}
