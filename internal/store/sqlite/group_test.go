package sqlite

import (
	"context"
	"errors"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"resonance/internal/caller"
	"resonance/internal/catalog"
	"resonance/internal/interaction"
)

func groupStore(t *testing.T, opts Options) *DB {
	t.Helper()
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "store.db"), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if _, err := db.PutPosts(t.Context(), []catalog.Post{{ID: 1}}); err != nil {
		t.Fatal(err)
	}
	return db
}

func views(n int) []interaction.Draft {
	drafts := make([]interaction.Draft, n)
	for i := range drafts {
		drafts[i] = interaction.Draft{Username: "ada", PostID: 1, Kind: interaction.View}
	}
	return drafts
}

// TestWaitingRecordingsShareACommit holds the writer while many wait: their transactions are as
// few as the bound of a group allows.
func TestWaitingRecordingsShareACommit(t *testing.T) {
	db := groupStore(t, Options{})
	before, err := db.Sequence(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	writer, err := db.writer.take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if _, err := db.Record(context.Background(), caller.Anyone(), views(100)); err != nil {
				t.Error(err)
			}
		})
	}
	waiting := func() int {
		db.group.mu.Lock()
		defer db.group.mu.Unlock()
		return len(db.group.waiting)
	}
	for waiting() < 30 { // the first ones may be with the writer already
		runtime.Gosched()
	}
	db.writer.give(writer)
	wg.Wait()
	after, err := db.Sequence(t.Context())
	if taken := after - before; err != nil || taken < 3 || taken > 25 {
		t.Errorf("50 recordings of 100 took %d transactions, %v", taken, err)
	}
	if counts, err := db.Counts(t.Context()); err != nil || counts.Interactions != 5000 {
		t.Errorf("counts %+v, %v", counts, err)
	}
}

// TestWhoGaveUpIsNotRecorded holds the writer until a caller's context has ended.
func TestWhoGaveUpIsNotRecorded(t *testing.T) {
	db := groupStore(t, Options{})
	writer, err := db.writer.take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	gaveUp := make(chan error)
	go func() {
		_, err := db.Record(ctx, caller.Anyone(), views(1))
		gaveUp <- err
	}()
	cancel()
	if err := <-gaveUp; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	db.writer.give(writer)
	if outcomes, err := db.Record(t.Context(), caller.Anyone(), views(1)); err != nil || outcomes[0].Duplicate {
		t.Errorf("the next: %+v, %v", outcomes, err)
	}
	if counts, err := db.Counts(t.Context()); err != nil || counts.Interactions != 1 {
		t.Errorf("counts %+v, %v", counts, err)
	}
}

// TestPanicIsAnError lets the clock panic inside a transaction: whoever waited is told, and the
// next call finds the store as it was.
func TestPanicIsAnError(t *testing.T) {
	db := groupStore(t, Options{})
	clock := db.now
	db.now = nil
	if _, err := db.Record(t.Context(), caller.Anyone(), views(1)); err == nil || !strings.Contains(err.Error(), "panic") {
		t.Errorf("error %v", err)
	}
	db.now = clock
	if _, err := db.Record(t.Context(), caller.Anyone(), views(1)); err != nil {
		t.Error(err)
	}
}

func TestRecordOnClosedStore(t *testing.T) {
	db := groupStore(t, Options{})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Record(t.Context(), caller.Anyone(), views(1)); !errors.Is(err, errClosed) {
		t.Errorf("error %v", err)
	}
}
