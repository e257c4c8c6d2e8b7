package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// record is a mutation that records one interaction.
const record = `{"query":"mutation ($input: RecordInteractionInput!) { recordInteraction(input: $input) { duplicate } }",` +
	`"variables":{"input":{"username":"writer%d","postId":%d,"kind":"VIEW","idempotencyKey":"bench-%d"}}}`

// writing returns requests that each record another interaction. So many in a row are by one user with one post, so
// that models are fitted anew all the time, and yet too few people touch something new for a search for a better recipe.
func writing(posts []int64, inARow int64) func([]byte) []byte {
	var next atomic.Int64
	run := rand.Int64N(1 << 60) // so that a key is new, also beside other generators
	return func(buf []byte) []byte {
		n := next.Add(1)
		pair := n / inARow
		return appendPost(buf, "/graphql", fmt.Appendf(nil, record, pair%1000, posts[pair%int64(len(posts))], run+n))
	}
}

// pacedWrites is how many interactions a second are recorded beside feeds.
const pacedWrites = 1000

// writes measures the recording of interactions, and feeds beside it.
func writes(ctx context.Context, b *bench) (s section, err error) {
	s = section{
		title: "Writing", header: loadHeader,
		intro: "`recordInteraction` over GraphQL, one interaction a request, acknowledged when it is on disk (WAL, synchronous=FULL; those that wait share a commit). " +
			"Before that, feeds at half of what 8 connections reach, timed from when they were due, in turn without and with " + grouped(pacedWrites) + " recordings a second.",
	}
	store, err := b.mainStore(ctx)
	if err != nil {
		return s, err
	}
	p, err := b.serve(ctx, store.path)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	if err := p.until(ctx, idle); err != nil {
		return s, err
	}
	if err := b.feedsBeside(ctx, &s, p, feedRequests(store.users), writing(store.posts, 20)); err != nil {
		return s, err
	}
	return s, b.writesAlone(ctx, &s, p, writing(store.posts, 500))
}

// writesAlone records over 64 connections and over one, and compares with what the disk can do at all.
func (b *bench) writesAlone(ctx context.Context, s *section, p *process, ask func([]byte) []byte) error {
	syncs, err := diskSyncs(filepath.Join(b.work, "syncs"), b.roundTime/2)
	if err != nil {
		return err
	}
	s.rows = append(s.rows, []string{"4 KB written and synced, one after the other, no database", milliseconds(syncs.p50()), milliseconds(syncs.p99()), figure(syncs.perSecond(), ""), "", ""})
	for _, connections := range []int{1, 64} {
		r, err := p.under(ctx, load{connections: connections, duration: b.roundTime * time.Duration(b.rounds), ask: ask})
		if err != nil {
			return err
		}
		s.rows = append(s.rows, loadRow("recordings, "+overConnections(connections), r, p))
		if connections == 1 {
			s.claims = append(s.claims, claim{what: "p50 of a recording over one connection", value: 1e3 * r.p50().Seconds(), unit: "ms", asked: 2, atMost: true})
		} else {
			s.claims = append(s.claims, claim{what: "recordings a second over 64 connections", value: r.perSecond(), asked: 5000})
		}
	}
	return nil
}

// journal is the size of the file that diskSyncs writes round and round, as SQLite does with its journal.
const journal = 4 << 20

// diskSyncs writes and syncs blocks of a file for some time.
func diskSyncs(path string, duration time.Duration) (r result, err error) {
	file, err := os.Create(path)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	block := make([]byte, 4096)
	if _, err := file.Write(make([]byte, journal)); err != nil {
		return r, err
	}
	began := time.Now()
	for n := int64(0); time.Since(began) < duration; n++ {
		at := time.Now()
		_, err := file.WriteAt(block, n*int64(len(block))%journal)
		if err := errors.Join(err, file.Sync()); err != nil {
			return r, err
		}
		r.took = append(r.took, time.Since(at))
	}
	return newResult([][]time.Duration{r.took}, time.Since(began)), nil
}

// feedsBeside compares feeds without recordings with feeds beside them.
func (b *bench) feedsBeside(ctx context.Context, s *section, p *process, requests [][]byte, ask func([]byte) []byte) error {
	feeds := load{connections: 8, duration: b.roundTime, ask: inTurn(requests)}
	full, err := p.under(ctx, feeds)
	if err != nil {
		return err
	}
	feeds.rate = full.perSecond() / 2
	var alone, beside, recorded rounds
	for range b.rounds {
		r, err := p.under(ctx, feeds)
		if err != nil {
			return err
		}
		alone = append(alone, r)
		group, ctx := errgroup.WithContext(ctx)
		var with, writes result
		group.Go(func() (err error) { with, err = p.under(ctx, feeds); return err })
		group.Go(func() (err error) {
			writes, err = p.under(ctx, load{connections: 16, duration: b.roundTime, rate: pacedWrites, ask: ask})
			return err
		})
		if err := group.Wait(); err != nil {
			return err
		}
		beside, recorded = append(beside, with), append(recorded, writes)
	}
	for _, line := range []struct {
		what string
		result
	}{{"feeds alone", alone.all()}, {"feeds beside recordings", beside.all()}, {"the recordings", recorded.all()}} {
		s.rows = append(s.rows, loadRow(line.what, line.result, nil))
	}
	s.plots = addCurve(nil, "writes", "GET /feed at half of the full load: share answered within", "alone", alone.all())
	s.plots = addCurve(s.plots, "writes", "", fmt.Sprintf("beside %d recordings/s", pacedWrites), beside.all())
	s.claims = append(s.claims,
		claim{what: "p50 of feeds beside recordings in proportion to that alone", value: ratio(beside, alone, p50Seconds), asked: 1.33, floor: 20, atMost: true},
		claim{what: "recordings a second beside them", value: recorded.all().perSecond(), asked: .97 * pacedWrites})
	return nil
}
