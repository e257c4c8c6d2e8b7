package sqlite

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"resonance/internal/catalog"
	"resonance/internal/store"
)

var update = flag.Bool("update", false, "write the golden files")

// samples are posts that reach every branch of the rules.
func samples() []catalog.Post {
	plain := catalog.Post{ID: 1, Title: "A title", Description: "What happens.", Genre: "A/B", Keywords: []string{"k", "l"}, Tags: []string{"t"}, Public: true, CreatedAt: time.UnixMilli(1)}
	category, topic, own, failed := plain, plain, plain, plain
	category.Category = &catalog.Category{Name: "Bloom Scroll"}
	topic.Category, topic.Topic = category.Category, &catalog.Topic{Name: "Topic", ProjectCode: "Flic"}
	own.ProjectCode, own.Locked, own.Public = " Vible ", true, false
	failed.Description = "The request timed out."
	counted := catalog.Post{ID: 2, Owner: catalog.Owner{Username: "author"}, CommentCount: 1, UpvoteCount: 2, ViewCount: 3, ExitCount: 4, RatingCount: 5, ShareCount: 6, BookmarkCount: 7, AverageRating: -8}
	return []catalog.Post{plain, category, topic, own, failed, counted}
}

// TestDerivationIsNumbered fails when the rules that derive columns give other results: then
// raise derivation, so that existing stores follow, and run the test with -update.
func TestDerivationIsNumbered(t *testing.T) {
	h := sha256.New()
	for _, p := range samples() {
		fmt.Fprintf(h, "%+v\n%s\n", p.Features(), p.Text())
	}
	got := fmt.Sprintf("derivation %d gives %s\n", derivation, hex.EncodeToString(h.Sum(nil)))
	golden := filepath.Join("testdata", "derivation.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("the rules changed:\nwas %snow %sraise derivation in derive.go, then run with -update", want, got)
	}
}

// TestRederive opens a store that other rules wrote.
func TestRederive(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "store.db")
	db, err := Open(ctx, path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	posts := []catalog.Post{{ID: 1, Title: "one", Public: true}, {ID: 2, Title: "two", Public: true}, {ID: 3, Title: "hidden"}}
	if _, err := db.PutPage(ctx, store.Page{Endpoint: store.EndpointPosts, Number: 1, Posts: posts}); err != nil {
		t.Fatal(err)
	}
	if err := endPasses(t, db, posts[:2]); err != nil {
		t.Fatal(err)
	}
	texts, err := db.TextsToEmbed(ctx, "m", 10)
	if err != nil || len(texts) != 2 {
		t.Fatalf("texts %v, %v", texts, err)
	}
	e := []store.Embedding{{PostID: 1, Hash: texts[1].Hash, Vector: []float32{1}}, {PostID: 2, Hash: texts[0].Hash, Vector: []float32{1}}}
	if n, err := db.PutEmbeddings(ctx, "m", e); n != 2 || err != nil {
		t.Fatalf("embeddings %d, %v", n, err)
	}
	err = db.write(ctx, func(ctx context.Context, t *tx) error {
		if _, err := t.exec(ctx, "UPDATE posts SET text_hash = 'old', author = 'old' WHERE id <> 2"); err != nil {
			return err
		}
		_, err := t.exec(ctx, "UPDATE state SET derivation = derivation - 1")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	before, err := db.Sequence(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	if db, err = Open(ctx, path, Options{}); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	seen := 0
	until, err := db.Changes(ctx, before, "m", store.ChangeVisitor{Post: func(p store.PostChange) error {
		seen++
		if p.Author != "" || p.Gone != (p.ID == 3) {
			t.Errorf("post %+v", p)
		}
		return nil
	}})
	if err != nil || until != before+1 || seen != 3 {
		t.Errorf("until %d after %d, %v; saw %d posts", until, before, err, seen)
	}
	if done, queued, err := db.EmbeddingCounts(ctx, "m"); done != 2 || queued != 0 || err != nil {
		t.Errorf("done %d, queued %d, %v: the embeddings of present texts count again", done, queued, err)
	}
	if counts, err := db.Counts(ctx); counts.Posts != 2 || err != nil {
		t.Errorf("counts %+v, %v", counts, err)
	}
}

// endPasses ends two passes that bring only posts.
func endPasses(t *testing.T, db *DB, posts []catalog.Post) error {
	t.Helper()
	for range 3 {
		if _, err := db.EndPass(t.Context(), store.EndpointPosts); err != nil {
			return err
		}
		if _, err := db.PutPage(t.Context(), store.Page{Endpoint: store.EndpointPosts, Number: 1, Posts: posts}); err != nil {
			return err
		}
	}
	return nil
}
