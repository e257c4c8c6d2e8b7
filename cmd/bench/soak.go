package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"
)

// A soak that begins with a minute to fill the caches ends with a heap this many times as large at most, and
// so many bytes more, which is what recorded events take.
const (
	levelGrowth = 1.1
	levelSlack  = 16 << 20
)

// soak puts the load of every kind of request on the product for a long time, and fails when what lives on the heap
// grows. Few enough interactions are recorded that their rows do not count: as much is remembered as happened.
func soak(ctx context.Context, b *bench, duration time.Duration) (err error) {
	store, err := b.mainStore(ctx)
	if err != nil {
		return err
	}
	p, err := b.serveProfiled(ctx, store.path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	writes := load{connections: 1, rate: 10, duration: duration, ask: writing(store.posts, 20)}
	reads := load{connections: 4, rate: 200, duration: duration, ask: reading(store)}
	group, both := errgroup.WithContext(ctx)
	group.Go(func() error { _, err := p.under(both, reads); return err })
	group.Go(func() error { _, err := p.under(both, writes); return err })
	group.Go(func() error { return b.watchHeap(both, p, duration) })
	return group.Wait()
}

// watchHeap tells what lives on the heap every now and then.
func (b *bench) watchHeap(ctx context.Context, p profiled, duration time.Duration) error {
	settling := min(time.Minute, duration/4)
	var first, last int64
	for began := time.Now(); ; {
		wait := settling
		if first > 0 {
			wait = max(time.Second, min(time.Minute, duration-time.Since(began)-time.Second))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
		live, goroutines, err := p.heap(ctx)
		if err != nil {
			return err
		}
		b.say("after %s: %s live on the heap, %d goroutines, %s resident", time.Since(began).Round(time.Second), megabytes(live), goroutines, megabytes(p.resident()))
		if last = live; first == 0 {
			first = live
		}
		if time.Since(began) > duration-2*time.Second {
			break
		}
	}
	if float64(last) > levelGrowth*float64(first)+levelSlack {
		return fmt.Errorf("the heap grew from %s to %s", megabytes(first), megabytes(last))
	}
	return nil
}

var (
	heapAlloc  = regexp.MustCompile(`# HeapAlloc = (\d+)`)
	goroutines = regexp.MustCompile(`goroutine profile: total (\d+)`)
)

// heap returns the bytes that live after a collection, and how many goroutines there are.
func (p profiled) heap(ctx context.Context) (live, running int64, err error) {
	for _, ask := range []struct {
		path string
		find *regexp.Regexp
		into *int64
	}{{"/debug/pprof/heap?gc=1&debug=1", heapAlloc, &live}, {"/debug/pprof/goroutine?debug=1", goroutines, &running}} {
		text, err := p.pprof.fetch(ctx, ask.path)
		if err != nil {
			return 0, 0, err
		}
		found := ask.find.FindSubmatch(text)
		if found == nil {
			return 0, 0, fmt.Errorf("%s says nothing of what was asked", ask.path)
		}
		if *ask.into, err = strconv.ParseInt(string(found[1]), 10, 64); err != nil {
			return 0, 0, err
		}
	}
	return live, running, nil
}
