package sqlite

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/catalog"
	"resonance/internal/store"
)

// The first to tell how a snapshot was fitted is kept, as long as the snapshot stands as it is: a new one, and a user
// who is forgotten, take it away.
func TestKeepFit(t *testing.T) {
	ctx := t.Context()
	db, err := Open(ctx, filepath.Join(t.TempDir(), "store.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	want := func(want store.Fit) {
		t.Helper()
		s, err := db.Snapshot(ctx, 0)
		check(err)
		if diff := cmp.Diff(want, s.Fit); diff != "" {
			t.Fatalf("fit (-want +got):\n%s", diff)
		}
	}
	_, err = db.PutUsers(ctx, []catalog.User{{ID: 1, Username: "ann"}, {ID: 2, Username: "bob"}})
	check(err)
	snapshot := store.Snapshot{Recipe: "{}", Rows: map[int64][]byte{1: {1, 2}, 2: {1, 2}}}
	first, second := store.Fit{Kept: []byte{1, 2, 3}, Took: 7 * time.Second}, store.Fit{Kept: []byte{4}, Took: time.Millisecond}
	check(db.KeepFit(ctx, 1, first)) // of no snapshot
	snapshot.Version, err = db.SaveSnapshot(ctx, snapshot)
	check(err)
	want(store.Fit{})
	check(db.KeepFit(ctx, snapshot.Version+1, second))
	want(store.Fit{})
	check(db.KeepFit(ctx, snapshot.Version, first))
	check(db.KeepFit(ctx, snapshot.Version, second))
	want(first)
	snapshot.Version, err = db.SaveSnapshot(ctx, snapshot)
	check(err)
	want(store.Fit{})
	check(db.KeepFit(ctx, snapshot.Version, second))
	want(second)
	_, err = db.Forget(ctx, "bob")
	check(err)
	want(store.Fit{})
}
