package ingest_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"resonance/internal/ingest"
	"resonance/internal/store/sqlite"
	"resonance/internal/upstream"
	"resonance/internal/upstream/upstreamtest"
)

// A test that kills a sync runs it in a process of its own: this test binary, told by these
// variables to sync instead.
const (
	envURL   = "INGEST_TEST_SYNC_FROM"
	envDB    = "INGEST_TEST_SYNC_TO"
	envLater = "INGEST_TEST_CLOCK_AHEAD" // so that the lease of the one killed before has run out
)

func TestMain(m *testing.M) {
	if url := os.Getenv(envURL); url != "" {
		if err := syncFrom(url); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

const killPageSize = 200

func syncFrom(url string) error {
	later, err := time.ParseDuration(os.Getenv(envLater))
	if err != nil {
		return err
	}
	now := func() time.Time { return time.Now().Add(later) }
	ctx := context.Background()
	db, err := sqlite.Open(ctx, os.Getenv(envDB), sqlite.Options{Now: now})
	if err != nil {
		return err
	}
	client, err := upstream.New(upstream.Config{BaseURL: url, Token: upstreamtest.Token, Algorithm: upstreamtest.Algorithm})
	if err != nil {
		return err
	}
	if _, err = ingest.NewSyncer(client, db, ingest.Options{PageSize: killPageSize, Now: now}).Sync(ctx); err != nil {
		return err
	}
	return db.Close()
}

// TestKilledSyncEndsInTheSameRows kills a sync five times, each time a few milliseconds after some
// call, so that it dies while it fetches, decodes or writes.
func TestKilledSyncEndsInTheSameRows(t *testing.T) {
	fake := upstreamtest.New(t, captured(t))
	whole := openStore(t, sqlite.Options{})
	if _, err := ingest.NewSyncer(fake.Client(t, zerolog.Nop()), whole, ingest.Options{}).Sync(t.Context()); err != nil {
		t.Fatal(err)
	}

	path := filepath.Join(t.TempDir(), "killed.db")
	for kill := range 5 {
		call := len(fake.Requests()) + 1 + rand.IntN(32) // a sync has 76 calls, and makes 43 of them wherever it stood
		delay := time.Duration(rand.Int64N(int64(15 * time.Millisecond)))
		t.Logf("kill %d: %v after call %d", kill+1, delay, call)
		cmd := syncProcess(t, fake.URL, path, kill)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		var once sync.Once
		fake.OnRequest(func(r upstreamtest.Request) upstreamtest.Fault {
			if r.Number >= call {
				once.Do(func() { time.AfterFunc(delay, func() { _ = cmd.Process.Kill() }) })
			}
			return nil
		})
		if err := cmd.Wait(); err == nil || cmd.ProcessState.Exited() {
			t.Fatalf("the sync was not killed: %v", err)
		}
	}
	fake.OnRequest(nil)
	if out, err := syncProcess(t, fake.URL, path, 5).CombinedOutput(); err != nil {
		t.Fatalf("the last sync: %v: %s", err, out)
	}
	if diff := cmp.Diff(contentOf(t, whole), contentOf(t, openStoreAt(t, path, sqlite.Options{}))); diff != "" {
		t.Error(diff)
	}
}

func syncProcess(t *testing.T, url, path string, number int) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	ahead := time.Duration(number) * 10 * time.Second
	cmd.Env = append(os.Environ(), envURL+"="+url, envDB+"="+path, envLater+"="+strconv.FormatInt(int64(ahead), 10)+"ns")
	return cmd
}
