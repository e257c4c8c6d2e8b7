package candidate

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/catalog"
)

// A user who has seen all that is near still gets what is nearest of the rest.
func TestContentLooksFartherWhenTheNearestAreSeen(t *testing.T) {
	var posts []post
	for id := range int64(400) {
		p := post{Features: catalog.Features{ID: id + 1, Public: true}, embedding: theme(1)}
		if id >= 390 {
			p.embedding = theme(2)
		}
		posts = append(posts, p)
	}
	w := newWorld(posts)
	q := w.query("", theme(1), 3)
	q.Allowed = func(o catalog.Ordinal) bool { return w.id(o) > 390 }
	if diff := cmp.Diff([]int64{391, 392, 393}, w.ids(Content{Vectors: &w.vectors}.Generate(q))); diff != "" {
		t.Errorf("named (-want +got):\n%s", diff)
	}
}

// What is near to an interest is named too, a third as much of it.
func TestContentOfInterests(t *testing.T) {
	var posts []post
	for id := range int64(500) { // five themes, a hundred posts of each
		posts = append(posts, post{Features: catalog.Features{ID: id*5 + 1, Public: true}, embedding: theme(int(id % 5))})
	}
	w := newWorld(posts)
	for _, user := range [][]float32{nil, theme(1)} {
		got := map[int64]int{}
		for _, id := range w.ids(Content{Vectors: &w.vectors, Interests: [][]float32{theme(2), theme(4)}}.Generate(w.query("", user, 30))) {
			got[id/5%5]++
		}
		want := map[int64]int{2: 10, 4: 10}
		if user != nil {
			want[1] = 30
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("with user embedding %t: by theme (-want +got):\n%s", user != nil, diff)
		}
	}
}

func TestContentPrefersTheNearest(t *testing.T) {
	var posts []post
	for id := range int64(500) { // five themes, a hundred posts of each
		posts = append(posts, post{Features: catalog.Features{ID: id*5 + 1, Public: true}, embedding: theme(int(id % 5))})
	}
	w := newWorld(posts)
	for n := range 5 {
		got := Content{Vectors: &w.vectors}.Generate(w.query("", theme(n), 5)) // 80 codes, a hundred at the same distance: the first five by id
		ofTheme := func(o catalog.Ordinal) bool { return int(w.id(o)/5)%5 == n }
		if len(got) != 5 || slices.ContainsFunc(got, func(o catalog.Ordinal) bool { return !ofTheme(o) }) {
			t.Errorf("theme %d: named %v", n, w.ids(got))
		}
	}
}

func TestContentOfAnotherModelNamesNothing(t *testing.T) {
	w := newWorld([]post{{Features: catalog.Features{ID: 1, Public: true}, embedding: theme(1)}})
	for _, user := range [][]float32{nil, {}, {1}, make([]float32, dim+1)} {
		if got := (Content{Vectors: &w.vectors}).Generate(w.query("", user, 5)); len(got) != 0 {
			t.Errorf("a user embedding of dimension %d names %v", len(user), got)
		}
	}
}
