package ingest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"resonance/internal/lease"
	"resonance/internal/store"
	"resonance/internal/upstream"
)

const (
	// defaultPageSize balances calls against what one transaction and one lost answer cost: a page
	// of captured posts is 1.5 MB.
	defaultPageSize = 500
	// resumable is the age up to which an unfinished pass goes on where it stood. An older one has
	// missed too much on the pages it read, and begins again.
	resumable = time.Hour
)

// Options says how a Syncer works; the zero value is what a server wants.
type Options struct {
	Log        zerolog.Logger
	PageSize   int               // rows asked for at a time; 0: 500
	Now        func() time.Time  // nil: time.Now
	OnProgress func(Progress)    // if not nil: called after every page and at the end, from the syncing goroutine
	OnChange   func()            // if not nil: called after every page that changed the store
	Turn       func(work func()) // runs the writing of a page when it is its turn among other work in the background; nil: at once
}

// Syncer copies upstream's rows into a store. It is safe for concurrent use.
//
// A pass reads every page of every endpoint and upserts what it finds, so it makes good whatever
// an earlier one missed: ratings changed in place, rows that moved to another page while it was
// being read. A pass that is broken off, by kill -9 even, goes on after the last page written.
// Interaction rows that upstream no longer has are kept; posts and users absent from two complete
// passes in a row are hidden by the store.
type Syncer struct {
	up    Upstream
	store SyncStore
	opts  Options
	lease lease.Lease
	board board
	told  told
}

// NewSyncer returns a Syncer from up to st.
func NewSyncer(up Upstream, st SyncStore, opts Options) *Syncer {
	if opts.PageSize == 0 {
		opts.PageSize = defaultPageSize
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.OnProgress == nil {
		opts.OnProgress = func(Progress) {}
	}
	if opts.OnChange == nil {
		opts.OnChange = func() {}
	}
	if opts.Turn == nil {
		opts.Turn = func(work func()) { work() }
	}
	s := &Syncer{up: up, store: st, opts: opts, lease: lease.New(st, "sync", opts.Log), told: told{log: opts.Log}}
	s.board = board{now: opts.Now, shown: Progress{State: Idle}, tell: func(p Progress) {
		s.told.page(p, opts.Now())
		opts.OnProgress(p)
	}}
	return s
}

// Sync makes one pass. The endpoints are independent: one that fails does not stop the others, and
// the error joins theirs, each naming its endpoint. The report is right in any case. While another
// process syncs the store the error wraps errs.Unavailable; one that was killed is waited out, which
// takes a few seconds.
func (s *Syncer) Sync(ctx context.Context) (Report, error) {
	var report Report
	err := s.lease.Do(ctx, lease.OfTheDead, func(ctx context.Context) (err error) {
		report, err = s.pass(ctx)
		return err
	})
	if err != nil {
		return report, fmt.Errorf("sync: %w", err)
	}
	return report, nil
}

func (s *Syncer) pass(ctx context.Context) (Report, error) {
	report := Report{StartedAt: s.opts.Now()}
	s.board.begin()
	var failures []error
	for _, endpoint := range upstream.Endpoints() {
		began := s.opts.Now()
		r := EndpointReport{Endpoint: endpoint}
		r.Err = s.endpoint(ctx, &r)
		r.Duration = s.opts.Now().Sub(began)
		report.Endpoints = append(report.Endpoints, r)
		s.logEndpoint(r)
		if ctx.Err() != nil {
			failures = []error{ctx.Err()}
			break
		}
		if r.Err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", endpoint, r.Err))
		}
	}
	report.Duration = s.opts.Now().Sub(report.StartedAt)
	err := errors.Join(failures...)
	s.board.end(err)
	return report, err
}

// endpoint reads the pages of r.Endpoint that the current pass still lacks, and ends the pass.
func (s *Syncer) endpoint(ctx context.Context, r *EndpointReport) error {
	number, err := s.firstPage(ctx, r.Endpoint)
	if err != nil {
		return err
	}
	seen := map[uint64]int{} // page number by fingerprint
	for ; ; number++ {
		page, err := s.up.Page(ctx, r.Endpoint, number, s.opts.PageSize)
		if err != nil {
			return err
		}
		if page.Rows == 0 {
			break
		}
		earlier, repeated := seen[page.Fingerprint]
		if repeated && namesNoUser(page) {
			break // someone saw one post many times over; there is nothing to learn from it
		}
		if repeated {
			return errors.Join(
				fmt.Errorf("page %d holds the rows of page %d again: upstream seems to ignore the page number", number, earlier),
				s.store.RestartPass(ctx, string(r.Endpoint)))
		}
		seen[page.Fingerprint] = number
		if err := s.keep(ctx, page, r); err != nil {
			return err
		}
		if page.Last() {
			break
		}
	}
	result, err := s.store.EndPass(ctx, string(r.Endpoint))
	r.Hidden = result.Hidden
	return err
}

// firstPage returns the page after the last one that an unfinished pass wrote, or 1.
func (s *Syncer) firstPage(ctx context.Context, endpoint upstream.Endpoint) (int, error) {
	checkpoint, err := s.store.Checkpoint(ctx, string(endpoint))
	switch {
	case err != nil:
		return 0, err
	case checkpoint.Page == 0:
		return 1, nil
	case s.opts.Now().Sub(checkpoint.StartedAt) < resumable:
		s.opts.Log.Info().Str("endpoint", string(endpoint)).Int("page", checkpoint.Page+1).Msg("sync goes on where it was broken off")
		return checkpoint.Page + 1, nil
	}
	return 1, s.store.RestartPass(ctx, string(endpoint))
}

// keep writes a page and counts it.
func (s *Syncer) keep(ctx context.Context, page upstream.Page, r *EndpointReport) error {
	var changed int
	var err error
	s.opts.Turn(func() { changed, err = s.write(ctx, page) })
	if err != nil {
		return err
	}
	r.count(page, changed)
	s.told.unreadable(page.Unreadable)
	s.board.page(page)
	if changed > 0 {
		s.opts.OnChange()
	}
	return nil
}

// write writes a page and returns how many rows changed.
func (s *Syncer) write(ctx context.Context, page upstream.Page) (changed int, err error) {
	if namesNoUser(page) {
		s.told.noUsers()
		return s.keepHistory(ctx, page)
	}
	return s.store.PutPage(ctx, store.Page{
		Endpoint: string(page.Endpoint), Number: page.Number,
		Posts: page.Posts, Users: page.Users, Interactions: page.Interactions, Seen: unreadableIDs(page),
	})
}

// unreadableIDs returns the ids of the posts or users of page that can't be read: they are there,
// and have not vanished.
func unreadableIDs(page upstream.Page) []int64 {
	var ids []int64
	for _, row := range page.Unreadable {
		if row.ID != 0 && (row.Endpoint == upstream.Posts || row.Endpoint == upstream.Users) {
			ids = append(ids, row.ID)
		}
	}
	return ids
}
