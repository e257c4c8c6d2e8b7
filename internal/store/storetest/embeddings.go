package storetest

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/catalog"
	"resonance/internal/store"
)

// embedAll returns an embedding for every text that waits.
func embedAll(t *testing.T, s Store) []store.Embedding {
	t.Helper()
	texts, err := s.TextsToEmbed(context.Background(), theModel, 1000)
	must(t, err)
	var all []store.Embedding
	for _, text := range texts {
		all = append(all, store.Embedding{PostID: text.PostID, Hash: text.Hash, Vector: []float32{float32(text.PostID), float32(len(text.Text))}})
	}
	return all
}

func testEmbeddings(t *testing.T, open Open) {
	ctx := context.Background()
	s := fresh(t, open)
	waiting := func(model string, limit int, want ...int64) {
		t.Helper()
		texts, err := s.TextsToEmbed(ctx, model, limit)
		must(t, err)
		got := []int64{}
		for _, text := range texts {
			got = append(got, text.PostID)
			if text.Hash != store.TextHash(text.Text) {
				t.Errorf("post %d: the hash is not the text's", text.PostID)
			}
		}
		if diff := cmp.Diff(append([]int64{}, want...), got); diff != "" {
			t.Errorf("waiting for %s (-want +got):\n%s", model, diff)
		}
	}
	counts := func(model string, done, queued int64) {
		t.Helper()
		if d, q, err := s.EmbeddingCounts(ctx, model); d != done || q != queued || err != nil {
			t.Errorf("%s: done %d, queued %d, %v; want %d, %d", model, d, q, err, done, queued)
		}
	}
	put := func(want int, model string, e ...store.Embedding) {
		t.Helper()
		changed(t, s, want, func() (int, error) { return s.PutEmbeddings(ctx, model, e) })
	}
	silent := catalog.Post{ID: 9, Public: true, CreatedAt: at(1)} // nothing to embed
	_, err := s.PutPosts(ctx, []catalog.Post{post(1, 1), post(2, 3), post(3, 2), silent})
	must(t, err)
	counts(theModel, 0, 3)
	waiting(theModel, 2, 2, 3) // the newest first
	waiting(theModel, 10, 2, 3, 1)
	all := embedAll(t, s)
	put(3, theModel, all...)
	put(0, theModel, all...)
	counts(theModel, 3, 0)
	waiting(theModel, 10)

	t.Run("models are apart", func(t *testing.T) {
		counts(otherModel, 0, 3)
		waiting(otherModel, 10, 2, 3, 1)
		put(1, otherModel, store.Embedding{PostID: 1, Hash: store.TextHash(new(post(1, 1)).Text()), Vector: []float32{9}})
		got, err := s.Embeddings(ctx, otherModel, []int64{1, 2, 404})
		must(t, err)
		if diff := cmp.Diff(map[int64][]float32{1: {9}}, got); diff != "" {
			t.Errorf("embeddings (-want +got):\n%s", diff)
		}
		counts(theModel, 3, 0)
		if r := load(t, s, "unheard of"); len(r.embeddings) != 0 {
			t.Errorf("an unknown model has embeddings %v", r.embeddings)
		}
	})
	t.Run("a changed text waits, and its old embedding stands in", func(t *testing.T) {
		r := load(t, s, theModel)
		changed(t, s, 1, func() (int, error) { return s.PutPosts(ctx, []catalog.Post{post(1, 7)}) })
		waiting(theModel, 10, 1)
		counts(theModel, 2, 1)
		put(0, theModel, all...) // of the old text
		if got := load(t, s, theModel); len(got.embeddings) != 3 {
			t.Errorf("%d embeddings, want 3", len(got.embeddings))
		}
		put(1, theModel, embedAll(t, s)...)
		counts(theModel, 3, 0)
		r.follow(t, s, theModel)
		same(t, load(t, s, theModel), r)
	})
	t.Run("other changes need no embedding", func(t *testing.T) {
		p := post(1, 7)
		p.ViewCount = 1000
		changed(t, s, 1, func() (int, error) { return s.PutPosts(ctx, []catalog.Post{p}) })
		waiting(theModel, 10)
	})
	t.Run("a text that went takes its embedding along", func(t *testing.T) {
		r := load(t, s, theModel)
		p := silent
		p.ID = 1
		changed(t, s, 1, func() (int, error) { return s.PutPosts(ctx, []catalog.Post{p}) })
		waiting(theModel, 10)
		counts(theModel, 2, 0)
		r.follow(t, s, theModel)
		same(t, load(t, s, theModel), r)
		if len(r.embeddings) != 2 {
			t.Errorf("%d embeddings, want 2", len(r.embeddings))
		}
	})
}
