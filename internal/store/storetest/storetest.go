// Package storetest is the contract suite that every store passes.
package storetest

import (
	"context"
	"testing"
	"time"

	"resonance/internal/caller"
	"resonance/internal/catalog"
	"resonance/internal/interaction"
	"resonance/internal/store"
)

// Store is everything that a store can do. Those who use one declare the few methods they need.
type Store interface {
	Close() error

	Sequence(ctx context.Context) (int64, error)
	Changes(ctx context.Context, since int64, model string, v store.ChangeVisitor) (until int64, err error)
	Posts(ctx context.Context, ids []int64) ([]catalog.Post, error)
	User(ctx context.Context, username string) (catalog.User, error)
	UsersNamed(ctx context.Context, usernames []string) (map[string]catalog.User, error)
	Counts(ctx context.Context) (store.Counts, error)
	Rows(ctx context.Context, v store.RowVisitor) error

	KnownPosts(ctx context.Context, ids []int64) (map[int64]bool, error)
	PutPosts(ctx context.Context, posts []catalog.Post) (changed int, err error)
	PutUsers(ctx context.Context, users []catalog.User) (changed int, err error)
	PutInteractions(ctx context.Context, interactions []interaction.Interaction) (changed int, err error)

	Checkpoint(ctx context.Context, endpoint string) (store.Checkpoint, error)
	PutPage(ctx context.Context, page store.Page) (changed int, err error)
	EndPass(ctx context.Context, endpoint string) (store.PassResult, error)
	RestartPass(ctx context.Context, endpoint string) error

	TextsToEmbed(ctx context.Context, model string, limit int) ([]store.Text, error)
	PutEmbeddings(ctx context.Context, model string, embeddings []store.Embedding) (changed int, err error)
	Embeddings(ctx context.Context, model string, ids []int64) (map[int64][]float32, error)
	EmbeddingCounts(ctx context.Context, model string) (done, queued int64, err error)

	Record(ctx context.Context, who caller.Caller, drafts []interaction.Draft) ([]interaction.Outcome, error)
	Withdraw(ctx context.Context, who caller.Caller, r interaction.Removal) (removed int, err error)
	UpsertPosts(ctx context.Context, who caller.Caller, edits []store.PostEdit) (store.PostsEdited, error)
	DeletePosts(ctx context.Context, who caller.Caller, ids []int64) (deleted, missing []int64, err error)

	Forget(ctx context.Context, username string) (deleted int64, err error)
	Unforget(ctx context.Context, username string) error
	Forgotten(ctx context.Context, username string) (bool, error)
	ForgottenID(ctx context.Context, id int64) (bool, error)
	Lease(ctx context.Context, name, holder string, ttl time.Duration) (bool, error)
	ReleaseLease(ctx context.Context, name, holder string) error
	Setting(ctx context.Context, key string) (value string, ok bool, err error)
	SetSetting(ctx context.Context, key, value string) error
	MakeSetting(ctx context.Context, key, value string) (kept string, err error)
	Reset(ctx context.Context) error
}

// Open opens the store of dir, creating it; two stores opened on one dir are two handles of the
// same data. now is the clock of leases.
type Open func(t *testing.T, dir string, now func() time.Time) Store

// Run runs the suite.
func Run(t *testing.T, open Open) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, open Open)
	}{
		{"Sequence", testSequence},
		{"Posts", testPosts},
		{"Users", testUsers},
		{"LocalUsers", testLocalUsers},
		{"Interactions", testInteractions},
		{"Record", testRecord},
		{"Withdraw", testWithdraw},
		{"EditPosts", testEditPosts},
		{"Passes", testPasses},
		{"Vanishing", testVanishing},
		{"Embeddings", testEmbeddings},
		{"Forget", testForget},
		{"Leases", testLeases},
		{"Settings", testSettings},
		{"Reset", testReset},
		{"Handles", testHandles},
		{"Cancellation", testCancellation},
		{"Ends", testEnds},
		{"Invalid", testInvalid},
		{"Model", testModel},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, open) })
	}
}

// fresh opens a new store, closed at the end of the test.
func fresh(t *testing.T, open Open) Store { return handle(t, open, t.TempDir()) }

func handle(t *testing.T, open Open, dir string) Store {
	t.Helper()
	s := open(t, dir, time.Now)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// must fails the test if err is one.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// changed fails the test unless a call changed want rows, and took a sequence number if any.
func changed(t *testing.T, s Store, want int, call func() (int, error)) {
	t.Helper()
	before := sequence(t, s)
	got, err := call()
	must(t, err)
	if got != want {
		t.Errorf("changed %d rows, want %d", got, want)
	}
	if after := sequence(t, s); after-before != int64(min(want, 1)) {
		t.Errorf("the sequence went from %d to %d with %d rows changed", before, after, want)
	}
}

func sequence(t *testing.T, s Store) int64 {
	t.Helper()
	seq, err := s.Sequence(context.Background())
	must(t, err)
	return seq
}

// post returns a post with a text and counters, different for each n.
func post(id int64, n int) catalog.Post {
	return catalog.Post{
		ID: id, Title: "title " + string(rune('a'+n)), Tags: []string{"a", "a \"b\"", ""}[:n%4], Keywords: []string{}, Public: n%5 != 4,
		CreatedAt: time.UnixMilli(1_000_000 * int64(n)).UTC(), Owner: catalog.Owner{Username: "author"},
		Category: &catalog.Category{Name: "Vible"}, ViewCount: int64(n), AverageRating: int64(-n),
	}
}

// at returns the n-th second of the tests' day.
func at(n int) time.Time {
	return time.Date(2026, 1, 2, 3, 4, n, 0, time.UTC)
}

// like returns a like without a key.
func like(username string, postID int64, n int) interaction.Interaction {
	return interaction.Interaction{Username: username, PostID: postID, Kind: interaction.Like, Value: interaction.NoValue, At: at(n)}
}

// view returns a synced view: row id of upstream, by user id.
func view(key string, userID, postID int64, n int) interaction.Interaction {
	return interaction.Interaction{Key: key, UserID: userID, PostID: postID, Kind: interaction.View, Value: interaction.NoValue, At: at(n)}
}
