package sqlite

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
	"resonance/internal/store"
)

// filesHold reports which of names stand anywhere in the files beside path.
func filesHold(t *testing.T, path string, names []string) (found []string) {
	t.Helper()
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) == 0 {
		t.Fatalf("files %v, %v", files, err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if bytes.Contains(b, []byte(name)) {
				found = append(found, filepath.Base(file)+" holds "+name)
			}
		}
	}
	return found
}

func randomName(r *rand.Rand) string {
	b := make([]byte, 8+r.IntN(24))
	for i := range b {
		b[i] = byte(r.UintN(256))
	}
	return hex.EncodeToString(b)
}

// TestForgetLeavesNothing forgets users of a store that was written and rewritten in random
// order, so that pages were split and merged, and looks for their names, old names, pictures
// and keys in the bytes of its files.
func TestForgetLeavesNothing(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "store.db")
	db, err := Open(ctx, path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(6, 2)) // without rewriteNames this seed leaves a name behind
	const n = 3000
	secrets := make([][]string, n+1) // of each user: everything ever written
	var users []catalog.User
	var events []interaction.Interaction
	for _, id := range r.Perm(n) {
		u := catalog.User{ID: int64(id + 1), Username: randomName(r), FirstName: randomName(r), PictureURL: randomName(r)}
		key := fmt.Sprint("key ", id)
		secrets[u.ID] = []string{u.Username, u.FirstName, u.PictureURL}
		users = append(users, u)
		events = append(events, interaction.Interaction{Key: key, Username: u.Username, PostID: 1, Kind: interaction.Like, Value: interaction.NoValue, At: time.UnixMilli(int64(id))})
	}
	put := func(from, to int) {
		t.Helper()
		if _, err := db.PutUsers(ctx, users[from:to]); err != nil {
			t.Fatal(err)
		}
	}
	for at := 0; at < n; at += 500 {
		put(at, at+500)
	}
	if _, err := db.PutInteractions(ctx, events); err != nil {
		t.Fatal(err)
	}
	for n := range users { // renamed: rows grow and shrink
		if r.IntN(2) == 0 {
			users[n].Username = randomName(r)
			secrets[users[n].ID] = append(secrets[users[n].ID], users[n].Username)
		}
	}
	for at := 0; at < n; at += 100 {
		put(at, at+100)
	}
	gone := users[:100]
	var forgotten []string
	for _, u := range gone {
		if _, err := db.Forget(ctx, u.Username); err != nil {
			t.Fatal(err)
		}
		forgotten = append(forgotten, secrets[u.ID]...)
	}
	if found := filesHold(t, path, forgotten); len(found) > 0 {
		t.Errorf("%d of %d secrets are in the open store's files, such as %s", len(found), len(forgotten), found[0])
	}
	if found := filesHold(t, path, []string{users[n-1].Username}); len(found) == 0 {
		t.Error("the name of a user who was not forgotten is not found either: this test looks in the wrong place")
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if found := filesHold(t, path, forgotten); len(found) > 0 {
		t.Errorf("%d of %d secrets are in the closed store's files, such as %s", len(found), len(forgotten), found[0])
	}
}

// TestForgetBesideReader forgets a user while a reader holds the old state, which keeps the name
// in the journal: the next write after the reader removes it.
func TestForgetBesideReader(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "store.db")
	db, err := Open(ctx, path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	const secret = "a very secret name"
	if _, err := db.PutUsers(ctx, []catalog.User{{ID: 1, Username: secret}}); err != nil {
		t.Fatal(err)
	}
	_, err = db.Changes(ctx, 0, "", store.ChangeVisitor{User: func(store.UserChange) error {
		_, err := db.Forget(ctx, secret)
		return err
	}})
	if err != nil {
		t.Fatal(err)
	}
	if len(filesHold(t, path, []string{secret})) == 0 {
		t.Error("the reader did not keep the name in the journal: this test shows nothing")
	}
	if err := db.SetSetting(ctx, "any", "write"); err != nil {
		t.Fatal(err)
	}
	if found := filesHold(t, path, []string{secret}); len(found) > 0 {
		t.Errorf("after the reader %v", found)
	}
}
