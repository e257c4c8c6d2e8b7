package sqlite

import (
	"path/filepath"
	"testing"

	"resonance/internal/catalog"
)

// What one handle commits every other one knows at once, without asking SQLite while nothing was committed, also
// after others of the same file were closed.
func TestSequenceOfSeveralHandles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	open := func() *DB {
		db, err := Open(t.Context(), path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		return db
	}
	sequence := func(db *DB) int64 {
		seq, err := db.Sequence(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return seq
	}
	handles := []*DB{open(), open(), open()}
	for n := range int64(60) {
		if n == 40 {
			if err := handles[0].Close(); err != nil {
				t.Fatal(err)
			}
			handles = handles[1:]
		}
		writer := handles[int(n)%len(handles)]
		if _, err := writer.PutPosts(t.Context(), []catalog.Post{{ID: n + 1}}); err != nil {
			t.Fatal(err)
		}
		want := sequence(writer)
		for _, db := range handles {
			if got := sequence(db); got != want {
				t.Fatalf("after commit %d a handle is at %d, the writer at %d", n, got, want)
			}
			if _, ok := db.journal.look(); !ok {
				t.Fatal("the journal's index is not read")
			}
			if last := db.journal.last.Load(); n > 0 && (last == nil || last.seq != want) {
				t.Fatalf("after commit %d nothing newer is remembered than %v", n, last)
			}
		}
	}
	for _, db := range handles {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		if _, err := db.Sequence(t.Context()); err == nil {
			t.Error("a closed store has a sequence")
		}
	}
	if opened.files[path] != nil {
		t.Error("the journal's index is open after the last store was closed")
	}
}
