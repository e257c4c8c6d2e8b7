package sqlite

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"resonance/internal/caller"
	"resonance/internal/catalog"
	"resonance/internal/store"
)

func openWords(t *testing.T) *DB {
	t.Helper()
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "store.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func (db *DB) found(t *testing.T, text string, within catalog.Projects) []int64 {
	t.Helper()
	ids, err := db.FindWords(t.Context(), text, within, 10)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return ids
}

func TestWords(t *testing.T) {
	db := openWords(t)
	posts := []catalog.Post{
		{ID: 1, Title: "Sourdough bread", Tags: []string{"Baking", "crème brûlée"}, Public: true, ProjectCode: "a", Owner: catalog.Owner{Username: "mara", FirstName: "Mara", LastName: "Linde"}},
		{ID: 2, Title: "Night sky", Description: "bread at midnight", Keywords: []string{"telescope"}, Genre: "Science/Stars", Public: true, Category: &catalog.Category{Name: "Astronomy"}},
		{ID: 3, Title: "Bread, but not public", ProjectCode: "a"},
		{ID: 4, Title: "寿司 Σίσυφος привет", Topic: &catalog.Topic{Name: "Roses"}, Public: true, ProjectCode: "b"},
	}
	if _, err := db.PutPosts(t.Context(), posts); err != nil {
		t.Fatal(err)
	}
	every := catalog.EveryProject()
	for text, want := range map[string][]int64{
		"bread": {1, 2}, "BREADS": {1, 2}, "brea": {1, 2}, "br": {}, "brea ": {}, "creme": {1}, "brulee?": {1}, "bake": {1}, "linde": {1}, "mara": {1},
		"telescopes": {2}, "astronomy": {2}, "science stars": {2}, "rose": {4}, "寿司": {4}, "ΣΊΣΥΦΟΣ": {4}, "Привет": {4},
		"bread sky": {2, 1}, "unheard": {}, "": {}, "  ,.;": {}, "title": {}, "title:bread": {1, 2}, `"bread`: {1, 2}, "bread*": {1, 2}, "NOT bread": {1, 2},
		"bread AND -": {1, 2}, "a\x00b": {}, "bread\x00": {1, 2}, "{bread} NEAR(sky, 1)": {2, 1}, "\xff": {}, strings.Repeat("bread ", 5000): {1, 2},
	} {
		got := db.found(t, text, every)
		slices.Sort(want)
		sorted := slices.Sorted(slices.Values(got))
		if !slices.Equal(sorted, want) {
			t.Errorf("%.60q finds %v, want %v", text, got, want)
		}
	}
	if got := db.found(t, "bread", every); !slices.Equal(got, []int64{1, 2}) {
		t.Errorf("a title's word comes behind a description's: %v", got)
	}
	for codes, want := range map[string][]int64{"a": {1}, "A": {1}, "b": {}, "a|astronomy": {1, 2}, "x": {}} {
		if got := db.found(t, "bread", catalog.OnlyProjects(strings.Split(codes, "|")...)); !slices.Equal(got, want) && len(got)+len(want) > 0 {
			t.Errorf("in %s: %v, want %v", codes, got, want)
		}
	}
	if got := db.found(t, "bread", catalog.Projects{}); len(got) != 0 {
		t.Errorf("in no project: %v", got)
	}
}

// The words follow every way in which posts come, change and leave.
func TestWordsFollowPosts(t *testing.T) {
	db := openWords(t)
	ctx := t.Context()
	every := catalog.EveryProject()
	expect := func(what, word string, want ...int64) {
		t.Helper()
		if got := db.found(t, word, every); !slices.Equal(got, want) {
			t.Errorf("%s: %s is found in %v, want %v", what, word, got, want)
		}
	}
	put := func(title string) {
		t.Helper()
		if _, err := db.PutPosts(ctx, []catalog.Post{{ID: 1, Title: title, Public: true}}); err != nil {
			t.Fatal(err)
		}
	}
	put("harbour")
	expect("new", "harbour", 1)
	put("lighthouse")
	expect("changed", "harbour")
	expect("changed", "lighthouse", 1)
	title := "seagull"
	edit := store.PostEdit{ID: 1, Apply: func(p *catalog.Post) error { p.Title = title; return nil }}
	if _, err := db.UpsertPosts(ctx, caller.Anyone(), []store.PostEdit{edit}); err != nil {
		t.Fatal(err)
	}
	expect("edited", "lighthouse")
	expect("edited", "seagull", 1)
	if _, _, err := db.DeletePosts(ctx, caller.Anyone(), []int64{1}); err != nil {
		t.Fatal(err)
	}
	expect("deleted", "seagull")
	if _, err := db.UpsertPosts(ctx, caller.Anyone(), []store.PostEdit{edit}); err != nil {
		t.Fatal(err)
	}
	expect("made anew", "seagull", 1)
	if err := db.Reset(ctx); err != nil {
		t.Fatal(err)
	}
	expect("reset", "seagull")
	put("pier")
	expect("after the reset", "pier", 1)
	err := db.write(ctx, func(ctx context.Context, t *tx) error {
		_, err := t.exec(ctx, "INSERT INTO words (words) VALUES ('integrity-check')")
		return err
	})
	if err != nil {
		t.Errorf("the index is not sound: %v", err)
	}
}
