package ingest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"resonance/internal/catalog"
	"resonance/internal/ingest"
	"resonance/internal/store"
	"resonance/internal/store/sqlite"
	"resonance/internal/upstream"
	"resonance/internal/upstream/upstreamtest"
)

// Where a test sleeps below, it does so on the fake clock of a synctest bubble.

// embedder embeds each text as its length; texts that hold "poison" fail the batch they are in.
type embedder struct {
	takes time.Duration // a batch
	mu    sync.Mutex
	down  bool
	calls []int // texts in each
}

var errPoison = errors.New("can't embed this")

func (*embedder) Model() string { return "length" }

func (e *embedder) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	select {
	case <-time.After(e.takes):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calls = append(e.calls, len(texts))
	if e.down || strings.Contains(strings.Join(texts, " "), "poison") {
		return nil, errPoison
	}
	vectors := make([][]float32, len(texts))
	for i, text := range texts {
		vectors[i] = []float32{float32(len(text)), 0}
	}
	return vectors, nil
}

func (e *embedder) set(down bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.down = down
}

func (e *embedder) sizes() []int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]int(nil), e.calls...)
}

// texts returns a text for each post, newest first.
func texts(format string, posts ...int64) []store.Text {
	var all []store.Text
	for _, id := range posts {
		text := fmt.Sprintf(format, id)
		all = append(all, store.Text{PostID: id, Hash: store.TextHash(text), Text: text})
	}
	return all
}

func countdown(from, to int64) []int64 {
	var ids []int64
	for id := from; id >= to; id-- {
		ids = append(ids, id)
	}
	return ids
}

// embedFor runs a queue for a while on a fake clock.
func embedFor(t *testing.T, d time.Duration, q *ingest.EmbedQueue) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	q.Run(ctx)
}

func TestQueueIsEmbeddedNewestFirstInBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, e := newMemory(), &embedder{takes: time.Second}
		db.add(texts("post %d", countdown(40, 1)...)...)
		q := ingest.NewEmbedQueue(db, e, zerolog.Nop())
		embedFor(t, 2500*time.Millisecond, q) // ends in the third batch
		if p, err := q.Progress(t.Context()); err != nil || p != (ingest.EmbedProgress{Done: 32, Queued: 8}) {
			t.Errorf("interrupted: %+v, %v", p, err)
		}
		embedFor(t, time.Minute, q)
		if diff := cmp.Diff(countdown(40, 1), db.embedded()); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]int{16, 16, 8}, e.sizes()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestWakeAndPollFindNewTexts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, e := newMemory(), &embedder{takes: time.Second}
		q := ingest.NewEmbedQueue(db, e, zerolog.Nop())
		go embedFor(t, time.Minute, q)
		time.Sleep(30*time.Second + time.Millisecond)
		db.add(texts("post %d", 1)...)
		q.Wake()
		q.Wake()
		time.Sleep(time.Second + time.Millisecond)
		if got := db.embedded(); len(got) != 1 {
			t.Errorf("a second after Wake: %v", got)
		}
		db.add(texts("post %d", 2)...)
		time.Sleep(7 * time.Second)
		if got := db.embedded(); len(got) != 2 {
			t.Errorf("7 s later, nobody woke it: %v", got)
		}
		time.Sleep(time.Minute)
	})
}

func TestPoisonousTextsHoldUpNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, e := newMemory(), &embedder{takes: time.Second}
		db.add(texts("post %d", countdown(60, 1)...)...)
		db.add(texts("poison %d", countdown(100, 81)...)...) // more than a batch, and newer
		db.add(texts("post %d", 120)...)
		var log bytes.Buffer
		q := ingest.NewEmbedQueue(db, e, zerolog.New(&log).Level(zerolog.InfoLevel))
		embedFor(t, 30*time.Minute, q)
		if diff := cmp.Diff(append([]int64{120}, countdown(60, 1)...), db.embedded()); diff != "" {
			t.Error(diff)
		}
		calls := len(e.sizes())
		embedFor(t, time.Hour, ingest.NewEmbedQueue(db, e, zerolog.Nop()))
		if again := len(e.sizes()) - calls; again > 300 {
			t.Errorf("%d calls in an hour for 20 texts that can't be embedded", again)
		}
		if log.Len() == 0 || !strings.Contains(log.String(), "can't embed this") {
			t.Errorf("log: %s", log.String())
		}
	})
}

func TestPoisonousTextIsTriedAgainWhenItChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, e := newMemory(), &embedder{takes: time.Second}
		db.add(texts("poison %d", 1)...)
		q := ingest.NewEmbedQueue(db, e, zerolog.Nop())
		go embedFor(t, time.Hour, q)
		time.Sleep(20 * time.Minute)
		db.mu.Lock()
		db.queue = texts("cured %d", 1)
		db.mu.Unlock()
		time.Sleep(10 * time.Second)
		if got := db.embedded(); len(got) != 1 {
			t.Errorf("got %v", got)
		}
		time.Sleep(time.Hour)
	})
}

func TestEmbedderDownIsNotPressedAndLoggedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		db, e := newMemory(), &embedder{takes: time.Second, down: true}
		db.add(texts("post %d", countdown(200, 1)...)...)
		time.AfterFunc(time.Hour, func() { e.set(false) })
		embedFor(t, time.Hour, ingest.NewEmbedQueue(db, e, zerolog.New(&log).Level(zerolog.InfoLevel)))
		if calls := len(e.sizes()); calls > 240 {
			t.Errorf("%d calls in the hour it was down", calls)
		}
		if n := strings.Count(log.String(), "\n"); n != 1 {
			t.Errorf("%d lines of log: %s", n, log.String())
		}
	})
}

func TestEmbedderBackFindsEveryText(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		db, e := newMemory(), &embedder{takes: time.Second, down: true}
		db.add(texts("post %d", countdown(200, 1)...)...)
		time.AfterFunc(time.Hour, func() { e.set(false) })
		embedFor(t, time.Hour+12*time.Minute, ingest.NewEmbedQueue(db, e, zerolog.New(&log).Level(zerolog.InfoLevel)))
		if n := len(db.embedded()); n != 200 {
			t.Errorf("%d embedded", n)
		}
		if n := strings.Count(log.String(), "\n"); n != 2 || !strings.Contains(log.String(), "embedding goes on") {
			t.Errorf("%d lines of log: %s", n, log.String())
		}
	})
}

func TestOneOfTwoReplicasEmbeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, first, second := newMemory(), &embedder{takes: time.Second}, &embedder{takes: time.Second}
		go embedFor(t, 10*time.Second, ingest.NewEmbedQueue(db, first, zerolog.Nop()))
		synctest.Wait()
		db.add(texts("post %d", 1)...)
		go embedFor(t, time.Minute, ingest.NewEmbedQueue(db, second, zerolog.Nop()))
		time.Sleep(30 * time.Second)
		db.add(texts("post %d", 2)...)
		time.Sleep(30 * time.Second)
		if diff := cmp.Diff([][]int{{1}, {1}}, [][]int{first.sizes(), second.sizes()}); diff != "" {
			t.Error(diff)
		}
		time.Sleep(time.Minute)
	})
}

func TestStoreTroubleDoesNotEndTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, e := newMemory(), &embedder{takes: time.Second}
		db.add(texts("post %d", 1)...)
		db.fail(errors.New("disk full"))
		time.AfterFunc(time.Minute, func() { db.fail(nil) })
		embedFor(t, 4*time.Minute, ingest.NewEmbedQueue(db, e, zerolog.Nop()))
		if got := db.embedded(); len(got) != 1 {
			t.Errorf("got %v", got)
		}
	})
}

// The same against the real store: a post synced is embedded, its text changed is embedded again.
func TestSyncedTextsAreEmbedded(t *testing.T) {
	fake := upstreamtest.New(t, small())
	db := openStore(t, sqlite.Options{})
	e := &embedder{}
	q := ingest.NewEmbedQueue(db, e, zerolog.Nop())
	syncer := ingest.NewSyncer(fake.Client(t, zerolog.Nop()), db, ingest.Options{OnChange: q.Wake})
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { q.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
	wait := func(want ingest.EmbedProgress) {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); ; {
			got, err := q.Progress(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got == want {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("got %+v, want %+v", got, want)
			}
			<-time.After(5 * time.Millisecond)
		}
	}
	if _, err := syncer.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	wait(ingest.EmbedProgress{Done: 9})
	title := "a quite different title"
	fake.Put(upstream.Posts, map[string]any{"id": 4, "title": title})
	if _, err := syncer.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	wait(ingest.EmbedProgress{Done: 9})
	post := catalog.Post{Title: title}
	vectors, err := db.Embeddings(t.Context(), "length", []int64{4})
	if err != nil || len(vectors[4]) != 2 || vectors[4][0] != float32(len(post.Text())) {
		t.Errorf("got %v, %v", vectors, err)
	}
}
