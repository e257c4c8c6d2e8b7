package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// folder writes the files of an import and returns their folder.
func folder(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// twenty returns twenty posts of two categories.
func twenty() string {
	var b strings.Builder
	for id := 1; id <= 20; id++ {
		category, title := "Bread", "how to bake sourdough bread at home"
		if id%2 == 0 {
			category, title = "Stars", "telescopes, planets and the night sky"
		}
		fmt.Fprintf(&b, `{"id": %d, "title": "%s, part %d", "category": %q, "author": "a%d", "created_at": "2026-01-%02dT00:00:00Z"}`+"\n", id, title, id, category, id, id)
	}
	return b.String()
}

func liked(username string, ids ...int64) string {
	var b strings.Builder
	for n, id := range ids {
		fmt.Fprintf(&b, `{"username": %q, "post_id": %d, "kind": "like", "at": "2026-02-01T00:00:%02dZ"}`+"\n", username, id, n)
	}
	return b.String()
}

// What one process has written is in the next feed of every other.
func TestReadYourWritesAcrossProcesses(t *testing.T) {
	environ := settings(t)
	must(t, environ, "import", folder(t, map[string]string{"posts.jsonl": twenty()}))
	one, two := start(t, environ), start(t, environ)
	one.await("the embeddings", func(h health) bool { return h.Embedding.Queued == 0 && h.Embedding.Done == 20 })
	if a, b := one.feed("username=ann"), two.feed("username=ann"); !slices.Equal(a, b) {
		t.Errorf("two processes answer %v and %v", a, b)
	}
	for n := range 5 {
		like := int64(2*n + 2)
		must(t, environ, "import", folder(t, map[string]string{"interactions.jsonl": liked("ann", like)}))
		for _, s := range []*server{one, two} {
			feed := s.feed("username=ann&top_k=15")
			if slices.Contains(feed, like) {
				t.Errorf("post %d was liked and is in the next feed: %v", like, feed)
			}
			if feed[0]%2 != 0 {
				t.Errorf("after liking posts on stars the next feed begins with bread: %v", feed)
			}
		}
	}
	must(t, environ, "forget", "--user", "ann")
	stranger := two.feed("username=stranger&top_k=20")
	for _, s := range []*server{one, two} {
		if feed := s.feed("username=ann&top_k=20"); !slices.Equal(feed, stranger) {
			t.Errorf("forgotten ann gets %v, want what strangers get: %v", feed, stranger)
		}
	}
	must(t, environ, "import", folder(t, map[string]string{"interactions.jsonl": liked("ann", 4)}))
	if feed := one.feed("username=ann&top_k=20"); !slices.Equal(feed, stranger) {
		t.Errorf("a later import brings ann back: %v", feed)
	}
}

// Real rows replace the demo, with everything that was done on it.
func TestImportReplacesDemo(t *testing.T) {
	environ := settings(t)
	s := start(t, environ)
	s.feed("username=mira")
	if _, err := command(t, environ, "", "import", folder(t, map[string]string{"posts.jsonl": twenty() + "no post\n"})); err == nil {
		t.Error("a wrong line was imported")
	}
	if feed := s.feed("username=mira"); slices.Min(feed) < 1000 {
		t.Errorf("after a refused import the feed is %v, want the demo's", feed)
	}
	must(t, environ, "import", folder(t, map[string]string{"posts.jsonl": twenty()}))
	if feed := s.feed("username=mira&top_k=100"); len(feed) != 20 || slices.Max(feed) > 20 {
		t.Errorf("after an import the feed is %v, want the 20 imported posts", feed)
	}
	if h := s.await("counts", func(health) bool { return true }); h.Posts != 20 || h.Users != 0 || h.Interactions != 0 {
		t.Errorf("after an import GET / answers %+v", h)
	}
}

// When everything is seen, the least recently seen come back.
func TestNothingLeft(t *testing.T) {
	environ := settings(t)
	posts := strings.Join(strings.SplitAfter(twenty(), "\n")[:4], "")
	must(t, environ, "import", folder(t, map[string]string{"posts.jsonl": posts, "interactions.jsonl": liked("ann", 3, 1, 4, 2)}))
	if feed := start(t, environ).feed("username=ann"); !slices.Equal(feed, []int64{3, 1, 4, 2}) {
		t.Errorf("ann, who has seen everything, gets %v, want 3, 1, 4, 2", feed)
	}
}
