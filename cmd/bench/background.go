package main

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"
)

// In a round with background work so many posts come with new texts, and so many views besides.
const (
	changedPosts = 80
	changedViews = 400
)

// background compares feeds while nothing else goes on with feeds while a sync, embedding and model fits do. It is one
// process: its sync waits at the shut gate of a fake upstream in quiet rounds.
func background(ctx context.Context, b *bench) (s section, err error) {
	s = section{
		title: "Beside background work", header: []string{"", "p50", "p99", "requests/s", "pages synced, texts embedded, models fitted"},
		intro: "`GET /feed` at a quarter of what 8 connections reach, over 8 connections, timed from when a request was due. Rounds in turn: nothing else to do; and a sync, embedding and model fits under way.",
	}
	if b.posts > 0 || !b.hasCapture() {
		s.intro += " Not measured: it needs the captured rows."
		return s, nil
	}
	w, stop, err := b.startWorker(ctx)
	defer func() { err = errors.Join(err, stop()) }()
	if err != nil {
		return s, err
	}
	var quiet, busy rounds
	var done work
	for range b.rounds {
		q, err := w.quiet(ctx)
		if err != nil {
			return s, err
		}
		r, did, err := w.busy(ctx)
		if err != nil {
			return s, err
		}
		quiet, busy, done = append(quiet, q), append(busy, r), done.plus(did)
	}
	if done.pages == 0 || done.texts == 0 || done.fits == 0 {
		return s, fmt.Errorf("the background did too little to measure beside: %+v", done)
	}
	q, r := quiet.all(), busy.all()
	s.rows = [][]string{
		{"quiet", milliseconds(q.p50()), milliseconds(q.p99()), figure(q.perSecond(), ""), ""},
		{"with background work", milliseconds(r.p50()), milliseconds(r.p99()), figure(r.perSecond(), ""), fmt.Sprintf("%d, %d, %d", done.pages, done.texts, done.fits)},
	}
	s.plots = addCurve(nil, "background", "GET /feed at a quarter of the full load: share answered within", "quiet", q)
	s.plots = addCurve(s.plots, "background", "", "with background work", r)
	s.claims = []claim{
		{what: "p50 in proportion to the quiet one", value: ratio(busy, quiet, p50Seconds), asked: 2, floor: 20, atMost: true},
		{what: "p99 beyond the quiet one", value: 1e3 * (r.p99() - q.p99()).Seconds(), unit: "ms", asked: 20, atMost: true},
	}
	return s, nil
}

// worker is a product that syncs from a fake upstream, and the load on it.
type worker struct {
	*process
	upstream upstreamProcess
	store    stored
	load     load
}

func (b *bench) startWorker(ctx context.Context) (w worker, stop func() error, err error) {
	stop = func() error { return nil }
	if w.store, err = b.mainStore(ctx); err != nil {
		return w, stop, err
	}
	w.load = load{connections: 8, duration: b.roundTime, ask: inTurn(feedRequests(w.store.users))}
	if w.upstream, err = b.startUpstream(ctx); err != nil {
		return w, stop, err
	}
	stop = w.upstream.stop
	if w.process, err = b.serve(ctx, w.store.path, append(w.upstream.settings(), "SYNC_INTERVAL=1s")...); err != nil {
		return w, stop, err
	}
	stop = func() error { return errors.Join(w.stop(), w.upstream.stop()) }
	if err := w.rest(ctx); err != nil {
		return w, stop, err
	}
	full, err := w.under(ctx, w.load)
	w.load.rate = full.perSecond() / 4
	return w, stop, err
}

// rest shuts the gate and waits until nothing is under way but the sync, which waits too.
func (w worker) rest(ctx context.Context) error {
	if err := w.until(ctx, func(h health) bool { return h.Sync.State == "waiting" || h.Sync.State == "running" }); err != nil {
		return err
	}
	if err := w.upstream.shut(ctx); err != nil {
		return err
	}
	return w.until(ctx, idle)
}

func (w worker) quiet(ctx context.Context) (result, error) {
	if err := w.rest(ctx); err != nil {
		return result{}, err
	}
	return w.under(ctx, w.load)
}

// work is what went on in the background.
type work struct{ pages, texts, fits int64 }

func (d work) plus(e work) work { return work{d.pages + e.pages, d.texts + e.texts, d.fits + e.fits} }

// busy measures while upstream's changes come in, until all are embedded and a model is fitted to them, and
// counts what was done in that time.
func (w worker) busy(ctx context.Context) (r result, did work, err error) {
	since, err := w.sequence(ctx)
	if err != nil {
		return r, did, err
	}
	before, err := w.done(ctx, since)
	if err != nil {
		return r, did, err
	}
	done := make(chan struct{})
	group, both := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(done)
		err := errors.Join(w.upstream.change(both, changedPosts, changedViews), w.upstream.open(both))
		if err != nil {
			return err
		}
		return w.until(both, func(h health) bool { return h.Model.Version > before.fits && idle(h) })
	})
	group.Go(func() (err error) {
		during := w.load
		during.done = done
		r, err = w.under(both, during)
		return err
	})
	if err := group.Wait(); err != nil {
		return r, did, err
	}
	after, err := w.done(ctx, since)
	return r, work{after.pages - before.pages, after.texts, after.fits - before.fits}, err
}

// done counts the pages that upstream gave, the texts embedded since a sequence of the store, and the models fitted.
func (w worker) done(ctx context.Context, since int64) (d work, err error) {
	h, err := w.health(ctx)
	if err != nil {
		return d, err
	}
	d.fits = h.Model.Version
	if d.pages, err = w.upstream.pages(ctx); err != nil {
		return d, err
	}
	err = query(ctx, w.store.path, fmt.Sprint("SELECT count(*) FROM embeddings WHERE seq > ", since), func(scan func(...any) error) error { return scan(&d.texts) })
	return d, err
}

func (w worker) sequence(ctx context.Context) (sequence int64, err error) {
	err = query(ctx, w.store.path, "SELECT seq FROM state", func(scan func(...any) error) error { return scan(&sequence) })
	return sequence, err
}
