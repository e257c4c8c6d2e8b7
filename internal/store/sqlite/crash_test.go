package sqlite

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
	"resonance/internal/store"
)

const (
	crashEnv = "RESONANCE_TEST_WRITE_PAGES_TO"
	pageRows = 20
)

// TestMain lets the test binary run as the process that TestKilled kills.
func TestMain(m *testing.M) {
	if path := os.Getenv(crashEnv); path != "" {
		writePages(path)
	}
	goleak.VerifyTestMain(m)
}

// writePages writes pages until it is killed, and prints the number of each when it is written.
// Page n holds pageRows posts, and the events of one user on them.
func writePages(path string) {
	fail := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	ctx := context.Background()
	db, err := Open(ctx, path, Options{})
	fail(err)
	at, err := db.Checkpoint(ctx, store.EndpointPosts)
	fail(err)
	for n := at.Page + 1; ; n++ {
		_, err := db.PutPage(ctx, crashPage(n))
		fail(err)
		fmt.Println(n)
	}
}

func crashPage(n int) store.Page {
	page := store.Page{Endpoint: store.EndpointPosts, Number: n}
	for i := range pageRows {
		id := int64(n*pageRows + i)
		page.Posts = append(page.Posts, catalog.Post{ID: id, Title: fmt.Sprintf("post %d", id), CreatedAt: time.UnixMilli(id)})
		page.Interactions = append(page.Interactions, interaction.Interaction{
			Key: fmt.Sprintf("view:%d", id), UserID: int64(n), PostID: id, Kind: interaction.View, Value: interaction.NoValue, At: time.UnixMilli(id),
		})
	}
	return page
}

// TestKilled kills a process that writes pages, again and again: what it said was written is
// there, every page is whole, and the totals are right.
func TestKilled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	rounds := 6
	if testing.Short() {
		rounds = 2
	}
	for round := range rounds {
		said := killAfter(t, path, 1+rand.IntN(30))
		db, err := Open(t.Context(), path, Options{})
		if err != nil {
			t.Fatalf("round %d: open after the kill: %v", round, err)
		}
		checkPages(t, db, said)
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}

// killAfter starts the writer, kills it once it has written pages, and returns the last page
// that it said was written.
func killAfter(t *testing.T, path string, pages int) (said int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), crashEnv+"="+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for n := 0; lines.Scan(); n++ {
		if _, err := fmt.Sscan(lines.Text(), &said); err != nil {
			t.Error(err)
		}
		if n == pages {
			if err := cmd.Process.Kill(); err != nil { // SIGKILL, in the middle of the next page
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || said < pages {
		t.Fatalf("the writer ended by itself after page %d: %v", said, err)
	}
	return said
}

func checkPages(t *testing.T, db *DB, said int) {
	t.Helper()
	posts, events := map[int]int{}, map[int]int{}
	_, err := db.Changes(t.Context(), 0, "", store.ChangeVisitor{
		Post:  func(p store.PostChange) error { posts[int(p.ID)/pageRows]++; return nil },
		Event: func(e store.EventChange) error { events[int(e.UserID)]++; return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	at, err := db.Checkpoint(t.Context(), store.EndpointPosts)
	if err != nil {
		t.Fatal(err)
	}
	if at.Page < said || at.Page > said+1 || len(posts) != at.Page || len(events) != at.Page {
		t.Errorf("page %d was acknowledged; the checkpoint is at %d, with posts of %d pages and events of %d", said, at.Page, len(posts), len(events))
	}
	for n := 1; n <= at.Page; n++ {
		if posts[n] != pageRows || events[n] != pageRows {
			t.Errorf("page %d has %d posts and %d events, want %d", n, posts[n], events[n], pageRows)
		}
	}
	counts, err := db.Counts(t.Context())
	if want := int64(at.Page * pageRows); err != nil || counts.Posts != want || counts.Interactions != want {
		t.Errorf("counts %+v, %v; want %d of each", counts, err, want)
	}
}
