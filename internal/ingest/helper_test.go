package ingest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/rs/zerolog"

	"resonance/internal/catalog"
	"resonance/internal/ingest"
	"resonance/internal/interaction"
	"resonance/internal/sharedtest"
	"resonance/internal/store"
	"resonance/internal/store/sqlite"
	"resonance/internal/upstream"
	"resonance/internal/upstream/upstreamtest"
)

func openStore(t *testing.T, opts sqlite.Options) *sqlite.DB {
	t.Helper()
	return openStoreAt(t, filepath.Join(t.TempDir(), "resonance.db"), opts)
}

func openStoreAt(t *testing.T, path string, opts sqlite.Options) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), path, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func captured(t *testing.T) upstreamtest.Rows {
	t.Helper()
	rows, err := upstreamtest.ReadDir(sharedtest.Dir(t, "upstream"))
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// small returns 9 users, 9 posts and 9 rows of each kind of interaction, each user's with the post
// of the same number.
func small() upstreamtest.Rows {
	rows := upstreamtest.Rows{}
	for i := 1; i <= 9; i++ {
		add := func(endpoint upstream.Endpoint, format string, args ...any) {
			rows[endpoint] = append(rows[endpoint], json.RawMessage(fmt.Sprintf(format, args...)))
		}
		add(upstream.Users, `{"id":%d,"username":"user_%d"}`, i, i)
		add(upstream.Posts, `{"id":%d,"title":"post %d","created_at":1700000000000,"post_summary":{"description":"described %d"}}`, i, i, i)
		add(upstream.Views, `{"id":%d,"post_id":%d,"user_id":%d,"viewed_at":"2024-01-10 07:20:55"}`, i, i, i)
		add(upstream.Likes, `{"id":%d,"post_id":%d,"user_id":%d,"liked_at":"2024-01-10 07:20:55"}`, i, i, i)
		add(upstream.Inspires, `{"id":%d,"post_id":%d,"user_id":%d,"inspired_at":"2024-01-10 07:20:55"}`, i, i, i)
		add(upstream.Ratings, `{"id":%d,"post_id":%d,"user_id":%d,"rating_percent":20,"rated_at":"2024-01-10 07:20:55"}`, i, i, i)
	}
	return rows
}

// rig is a fake upstream with small rows, a store, and a Syncer of pages of 4 rows between them.
type rig struct {
	fake *upstreamtest.Server
	db   *sqlite.DB
	log  *bytes.Buffer
	*ingest.Syncer
}

func newRig(t *testing.T, change ...func(*upstream.Config)) rig {
	t.Helper()
	r := rig{fake: upstreamtest.New(t, small()), db: openStore(t, sqlite.Options{}), log: &bytes.Buffer{}}
	log := zerolog.New(r.log)
	r.Syncer = ingest.NewSyncer(r.fake.Client(t, log, change...), r.db, ingest.Options{Log: log, PageSize: 4})
	return r
}

// sync makes a pass that must succeed.
func (r rig) sync(t *testing.T) ingest.Report {
	t.Helper()
	report, err := r.Sync(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// content is everything a store shows.
type content struct {
	Users        []catalog.User
	Posts        []catalog.Post
	Interactions []interaction.Interaction
}

func contentOf(t *testing.T, db *sqlite.DB) content {
	t.Helper()
	var c content
	err := db.Rows(context.Background(), store.RowVisitor{
		User:        func(u catalog.User) error { c.Users = append(c.Users, u); return nil },
		Post:        func(p catalog.Post) error { c.Posts = append(c.Posts, p); return nil },
		Interaction: func(i interaction.Interaction) error { c.Interactions = append(c.Interactions, i); return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (c content) post(id int64) (catalog.Post, bool) {
	for _, p := range c.Posts {
		if p.ID == id {
			return p, true
		}
	}
	return catalog.Post{}, false
}

func (c content) interaction(key string) (interaction.Interaction, bool) {
	for _, i := range c.Interactions {
		if i.Key == key {
			return i, true
		}
	}
	return interaction.Interaction{}, false
}

func sequence(t *testing.T, db *sqlite.DB) int64 {
	t.Helper()
	seq, err := db.Sequence(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return seq
}
