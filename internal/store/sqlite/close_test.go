package sqlite

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/catalog"
)

// A store that was closed is one file, which can be copied: nothing is left in the journal.
func TestClosedStoreHasNoJournal(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(t.Context(), filepath.Join(dir, "store.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for id := range int64(2) { // and a look at the journal's index between them
		if _, err := db.PutUsers(t.Context(), []catalog.User{{ID: id + 1, Username: "ada"}}); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Sequence(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	if diff := cmp.Diff([]string{"store.db", "store.db.lock"}, names); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// A store that is opened while another of the same process closes looks at its own journal's index, not at the one
// that was removed with the last connection.
func TestOpenedWhileAnotherCloses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	opened := func() *DB {
		db, err := Open(t.Context(), path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		grows(t, db)
		return db
	}
	first := opened()
	if err := errors.Join(first.readers.close(), first.writer.close()); err != nil { // half of Close
		t.Fatal(err)
	}
	second := opened()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	grows(t, second)
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
}

// grows writes into a store, which has to see it each time.
func grows(t *testing.T, db *DB) {
	t.Helper()
	for range 3 {
		before, err := db.Sequence(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.PutUsers(t.Context(), []catalog.User{{ID: before + 1, Username: "ada"}}); err != nil {
			t.Fatal(err)
		}
		if after, err := db.Sequence(t.Context()); err != nil || after <= before {
			t.Fatalf("sequence %d, then %d: %v", before, after, err)
		}
	}
}
