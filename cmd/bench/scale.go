package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// sizes are the numbers of posts that scale compares, the first one being what the others are compared with.
var sizes = []int{2_000, 10_000, 100_000, 1_000_000}

// scale compares feeds from synthetic catalogues of several sizes.
func scale(ctx context.Context, b *bench) (s section, err error) {
	s = section{
		title: "Scale", header: append(loadHeader, "start to first feed"),
		intro: "`GET /feed` from synthetic catalogues, as many users as posts but 100,000 at most, 10 acts each on average; one connection, all sizes in turn. " +
			"A plain read of the codes adds up 48 bytes a post on one processor.",
	}
	var sides []side
	var starts []time.Duration
	defer func() {
		for _, s := range sides {
			err = errors.Join(err, s.process.stop())
		}
	}()
	for _, posts := range sizes {
		side, started, err := b.startSize(ctx, posts)
		if side.process != nil {
			sides, starts = append(sides, side), append(starts, started)
		}
		if err != nil {
			return s, fmt.Errorf("%d posts: %w", posts, err)
		}
	}
	found, err := b.measure(ctx, 1, sides...)
	if err != nil {
		return s, err
	}
	largest := len(sizes) - 1
	read := plainRead(sizes[largest])
	growth := line{name: "p50"}
	for i, side := range sides {
		s.rows = append(s.rows, append(loadRow(side.name, found[i].all(), side.process), figure(starts[i].Seconds(), "s")))
		growth.points = append(growth.points, struct{ X, Y float64 }{float64(sizes[i]), found[i].all().p50().Seconds() * 1e3})
	}
	s.rows = append(s.rows, []string{fmt.Sprintf("a plain read of %s codes", grouped(int64(sizes[largest]))), milliseconds(read), "", "", "", "", ""})
	s.plots = []chart{{name: "scale", title: "GET /feed over one connection", x: "posts", y: "milliseconds", lines: []line{growth}}}
	beyond := found[largest].all().p50() - found[0].all().p50()
	s.claims = []claim{
		{what: "p50 at 100,000 posts in proportion to that at 2,000", value: ratio(found[2], found[0], p50Seconds), asked: 3, atMost: true},
		{what: "p50 at 1,000,000 posts beyond that at 2,000, in plain reads of the codes", value: beyond.Seconds() / read.Seconds(), asked: 4, atMost: true},
		{what: "resident memory at 1,000,000 posts", value: float64(sides[largest].process.resident()) / (1 << 30), unit: "GB", asked: 1.5, atMost: true},
		{what: "start with 1,000,000 stored posts to the first feed", value: starts[largest].Seconds(), unit: "s", asked: 10, atMost: true},
	}
	return s, nil
}

// startSize serves a catalogue of so many posts, and returns how long it took to the first feed.
func (b *bench) startSize(ctx context.Context, posts int) (s side, started time.Duration, err error) {
	path, err := b.syntheticStore(ctx, posts)
	if err != nil {
		return s, 0, err
	}
	store, err := look(ctx, path)
	if err != nil {
		return s, 0, err
	}
	s = side{name: grouped(int64(posts)) + " posts", requests: feedRequests(store.users)}
	if s.process, err = b.serve(ctx, path); err != nil {
		return s, 0, err
	}
	if _, err := s.process.fetch(ctx, "/feed?username="+store.users[0]); err != nil {
		return s, 0, err
	}
	started = time.Since(s.process.began)
	return s, started, s.process.until(ctx, idle)
}

// plainRead returns how long one processor takes to add up the codes of so many posts.
func plainRead(posts int) time.Duration {
	codes := make([]uint64, posts*6)
	for i := range codes {
		codes[i] = uint64(i)
	}
	var sum uint64
	var r result
	for range 20 {
		at := time.Now()
		for _, code := range codes {
			sum += code
		}
		r.took = append(r.took, time.Since(at))
	}
	if sum == 0 { // so that the sum is made
		return 0
	}
	return newResult([][]time.Duration{r.took}, 0).p50()
}
