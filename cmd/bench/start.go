package main

import (
	"context"
	"errors"
	"time"
)

// tight is a memory limit that the product has to work to keep: little above what lives on its heap.
const tight = "64MiB"

const tightBytes = 64 << 20

// coldStart measures the start with the stored demo catalogue.
func coldStart(ctx context.Context, b *bench) (s section, err error) {
	s = section{
		title: "Start", header: []string{"", "start of the process to its first feed"},
		intro: "`resonance` on the demo catalogue that an earlier start has stored; the median of several.",
	}
	store, err := b.kept(ctx, "demo", b.makeDemo)
	if err != nil {
		return s, err
	}
	if store, err = b.copyOf(store); err != nil {
		return s, err
	}
	var took []float64
	for range 2*b.rounds - 1 {
		p, err := b.serve(ctx, store)
		if err != nil {
			return s, err
		}
		_, err = p.fetch(ctx, "/feed?username=mira")
		took = append(took, time.Since(p.began).Seconds())
		if err := errors.Join(err, p.stop()); err != nil {
			return s, err
		}
	}
	s.rows = [][]string{{"demo catalogue, stored", figure(median(took), "s")}}
	s.claims = []claim{{what: "start to the first feed", value: median(took), unit: "s", asked: 1, floor: 20, atMost: true}}
	return s, nil
}

// memory compares a product that GOMEMLIMIT binds with one that nothing does.
func memory(ctx context.Context, b *bench) (s section, err error) {
	s = section{
		title: "Memory limit", header: loadHeader,
		intro: "`GET /feed` over 8 connections with `GOMEMLIMIT=" + tight + "` and without, in turn. Resident memory holds the pages of the binary too, of which the model's weights are most; the limit does not bind these.",
	}
	store, err := b.mainStore(ctx)
	if err != nil {
		return s, err
	}
	bound, err := b.serve(ctx, store.path, "GOMEMLIMIT="+tight)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, bound.stop()) }()
	free, err := b.serve(ctx, store.path)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, free.stop()) }()
	requests := feedRequests(store.users)
	found, err := b.measure(ctx, 8, side{"GOMEMLIMIT=" + tight, bound, requests}, side{"no limit", free, requests})
	if err != nil {
		return s, err
	}
	s.rows = [][]string{loadRow("GOMEMLIMIT="+tight, found[0].all(), bound), loadRow("no limit", found[1].all(), free)}
	s.claims = []claim{
		{what: "resident memory beyond the limit, anonymous pages only", value: float64(max(0, bound.anonymous()-tightBytes)) / (1 << 20), unit: "MB", asked: 8, atMost: true},
		{what: "requests/s in proportion to no limit", value: ratio(found[0], found[1], result.perSecond), asked: .9},
	}
	return s, nil
}
