package ingest_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"resonance/internal/errs"
	"resonance/internal/ingest"
)

func TestRunSyncsAtOnceAndEveryInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up, start := &source{}, time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 25*time.Minute)
		defer cancel()
		ingest.NewSyncer(up, newMemory(), ingest.Options{}).Run(ctx, 10*time.Minute)
		if diff := cmp.Diff([]time.Duration{0, 10 * time.Minute, 20 * time.Minute}, up.times(start)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestUpstreamDownIsTriedSoonerAndLoggedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		up, start := &source{down: true}, time.Now()
		syncer := ingest.NewSyncer(up, newMemory(), ingest.Options{Log: zerolog.New(&log).Level(zerolog.InfoLevel)})
		ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
		defer cancel()
		time.AfterFunc(2*time.Minute, func() { up.set(false) })
		time.AfterFunc(time.Minute, func() {
			if p := syncer.Progress(); p.State != ingest.Failed || !strings.Contains(p.Error, "upstream is down") {
				t.Errorf("while down: %+v", p)
			}
		})
		syncer.Run(ctx, 5*time.Minute)
		want := []time.Duration{0, 10 * time.Second, 30 * time.Second, 70 * time.Second, 150 * time.Second, 450 * time.Second}
		if diff := cmp.Diff(want, up.times(start)); diff != "" {
			t.Error(diff)
		}
		for _, line := range []string{"sync failed;", "upstream answers again"} {
			if n := strings.Count(log.String(), line); n != 1 {
				t.Errorf("%q is logged %d times:\n%s", line, n, log.String())
			}
		}
		if p := syncer.Progress(); p.State != ingest.Idle || p.Error != "" {
			t.Errorf("afterwards: %+v", p)
		}
	})
}

func TestFailuresAreTriedNoLaterThanTheInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up, start := &source{down: true}, time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Second)
		defer cancel()
		ingest.NewSyncer(up, newMemory(), ingest.Options{}).Run(ctx, 15*time.Second)
		if diff := cmp.Diff([]time.Duration{0, 10 * time.Second, 25 * time.Second, 40 * time.Second}, up.times(start)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestOneOfTwoReplicasSyncs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, start := newMemory(), time.Now()
		first, second := &source{}, &source{}
		ctx, cancel := context.WithTimeout(t.Context(), 65*time.Second)
		defer cancel()
		go ingest.NewSyncer(first, db, ingest.Options{}).Run(ctx, 20*time.Second)
		synctest.Wait()
		ingest.NewSyncer(second, db, ingest.Options{}).Run(ctx, 20*time.Second)
		if got := second.times(start); got != nil {
			t.Errorf("the second synced at %v", got)
		}
		if got := first.times(start); len(got) != 4 {
			t.Errorf("the first synced at %v", got)
		}
	})
}

func TestReplicaTakesOverFromOneThatEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, start := newMemory(), time.Now()
		first, second := &source{}, &source{}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		firstCtx, endFirst := context.WithCancel(ctx)
		time.AfterFunc(25*time.Second, endFirst)
		go ingest.NewSyncer(first, db, ingest.Options{}).Run(firstCtx, 20*time.Second)
		synctest.Wait()
		ingest.NewSyncer(second, db, ingest.Options{}).Run(ctx, 20*time.Second)
		got := second.times(start)
		if len(got) != 2 || got[0] < 25*time.Second || got[0] > 28*time.Second {
			t.Errorf("the second synced at %v", got)
		}
	})
}

func TestSyncWaitsForAKilledHolder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, up, start := newMemory(), &source{}, time.Now()
		db.seize("sync", 5*time.Second)
		if _, err := ingest.NewSyncer(up, db, ingest.Options{}).Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := up.times(start); len(got) != 1 || got[0] < 5*time.Second || got[0] > 7*time.Second {
			t.Errorf("synced at %v", got)
		}
	})
}

func TestSyncRefusesWhileAnotherProcessSyncs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, up, start := newMemory(), &source{}, time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		go ingest.NewSyncer(&source{}, db, ingest.Options{}).Run(ctx, time.Minute)
		synctest.Wait()
		_, err := ingest.NewSyncer(up, db, ingest.Options{}).Sync(t.Context())
		if !errors.Is(err, errs.Unavailable) || up.times(start) != nil || time.Since(start) > 15*time.Second {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
		cancel()
	})
}

func TestLostLeaseEndsTheWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, up, start := newMemory(), &source{}, time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		time.AfterFunc(15*time.Second, func() { db.seize("sync", 50*time.Second) })
		ingest.NewSyncer(up, db, ingest.Options{}).Run(ctx, 10*time.Second)
		for _, at := range up.times(start) {
			if at > 18*time.Second && at < 65*time.Second {
				t.Errorf("synced at %v, while another process held the lease", at)
			}
		}
		if got := up.times(start); got[len(got)-1] < 100*time.Second {
			t.Errorf("did not take the work up again: %v", got)
		}
	})
}

func TestStoreThatFailsForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, up := newMemory(), &source{}
		db.fail(errors.New("disk full"))
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		time.AfterFunc(time.Minute, func() { db.fail(nil) })
		syncer := ingest.NewSyncer(up, db, ingest.Options{})
		syncer.Run(ctx, time.Minute)
		if p := syncer.Progress(); p.State != ingest.Idle || p.FinishedAt.IsZero() {
			t.Errorf("got %+v", p)
		}
	})
}
