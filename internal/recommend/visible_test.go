package recommend

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
)

func TestWhatCountsAsSeen(t *testing.T) {
	out := map[interaction.Kind]bool{
		interaction.View: true, interaction.Like: true, interaction.Inspire: true, interaction.Rating: true, interaction.Share: true,
		interaction.Bookmark: true, interaction.Skip: true, interaction.Hide: true,
		interaction.Follow: false, interaction.Impression: false,
	}
	for _, kind := range interaction.Kinds() {
		t.Run(kind.String(), func(t *testing.T) {
			w := catalogue()
			w.did("ann", kind, 12)
			in := false
			for _, id := range ids(w.feed(t, Request{Username: "ann", TopK: 48 - 1})) {
				in = in || id == 12
			}
			full := len(w.feed(t, Request{Username: "bob", TopK: 48}).Items)
			if want, known := out[kind]; !known || in == want || full != 48 {
				t.Errorf("after a %s the post is in the feed: %t; others still get %d posts", kind, in, full)
			}
		})
	}
}

// Seen posts come back, least recently seen first, where no unseen one is left to fill the feed; what is
// hidden, the user's own and not public stays away even then.
func TestSeenComeBackLast(t *testing.T) {
	w := newWorld()
	for id := range int64(9) {
		w.add(id+1, 1, axis(int(id%8), 0))
	}
	w.posts[7].Owner.Username = "ann" // post 8
	w.posts[8].Public = false         // post 9
	w.did("ann", interaction.View, 3, 1, 5, 2)
	w.did("ann", interaction.Like, 3) // seen again, so the most recent
	w.did("ann", interaction.View, 9, 8)
	w.did("ann", interaction.Hide, 5)
	e := New(w.replica(t))
	for _, k := range []int{2, 3, 4, 100} {
		got := ids(feed(t, e, Request{Username: "ann", TopK: k}))
		if len(got) != min(k, 6) {
			t.Errorf("topK %d: %v, want %d posts: six are allowed", k, got, min(k, 6))
		}
		for _, id := range got[:min(k, 3)] {
			if id != 4 && id != 6 && id != 7 {
				t.Errorf("topK %d: %v begins with others than the unseen posts 4, 6, 7", k, got)
			}
		}
		if diff := cmp.Diff([]int64{1, 2, 3}[:len(got)-min(k, 3)], got[min(k, 3):]); diff != "" {
			t.Errorf("topK %d, after the unseen (-want +got):\n%s", k, diff)
		}
	}
	w.did("ann", interaction.View, 7, 6, 4)
	if diff := cmp.Diff([]int64{1, 2, 3, 7, 6, 4}, ids(feed(t, e, Request{Username: "ann", TopK: 10}))); diff != "" {
		t.Errorf("when all is seen (-want +got):\n%s", diff)
	}
	w.did("ann", interaction.Hide, 1, 2, 3, 4, 6, 7)
	if got := ids(feed(t, e, Request{Username: "ann", TopK: 10})); len(got) != 0 {
		t.Errorf("when all is hidden: %v", got)
	}
}

func TestOwnAndHiddenAndNotPublicStayAway(t *testing.T) {
	w := catalogue()
	own, private := map[int64]bool{}, map[int64]bool{}
	for i := range w.posts {
		switch p := &w.posts[i]; i % 4 {
		case 0:
			p.Owner.Username, own[p.ID] = "ann", true
		case 1:
			p.Public, private[p.ID] = false, true
		case 2:
			p.Owner.Username = "Ann" // another person
		}
	}
	w.did("ann", interaction.Hide, 3)
	w.did("eve", interaction.Hide, 4)
	got := ids(w.feed(t, Request{Username: "ann", TopK: 100}))
	if len(got) != 24-1 {
		t.Errorf("%d posts, want all 24 of others but one", len(got))
	}
	for _, id := range got {
		if own[id] || private[id] || id == 3 {
			t.Errorf("post %d in the feed; own %t, not public %t", id, own[id], private[id])
		}
	}
	if got := len(w.feed(t, Request{Username: "bob", TopK: 100}).Items); got != 36 {
		t.Errorf("bob gets %d posts, want 36", got)
	}
}

func TestProjectIsolation(t *testing.T) {
	w := catalogue()
	for i := range w.posts {
		if p := &w.posts[i]; i%3 > 0 {
			p.Category = &catalog.Category{Name: []string{"Bloom Scroll", "E/ACC"}[i%3-1]}
		}
	}
	w.did("ann", interaction.Like, 1, 2, 3) // the taste may come from anywhere
	tests := map[string]int{"bloomscroll": 15, "BloomScroll": 15, "EACC": 15, "e/acc": 0, "unknown": 0, "bloom": 0}
	for project, want := range tests {
		answer := w.feed(t, Request{Username: "ann", Project: project, TopK: 15})
		if len(answer.Items) != want {
			t.Errorf("project %q: %d posts, want %d", project, len(answer.Items), want)
		}
		for _, item := range answer.Items {
			if got, want := item.Post.Project(), catalog.FoldProject(project); got != want {
				t.Errorf("project %q: post %d of %q", project, item.Post.ID, got)
			}
		}
	}
	// When a project is seen through, its own posts come back, never another's.
	for _, p := range w.posts {
		if p.Project() == "eacc" {
			w.did("eve", interaction.View, p.ID)
		}
	}
	answer := w.feed(t, Request{Username: "eve", Project: "eacc", TopK: 100})
	if len(answer.Items) != 16 {
		t.Errorf("%d posts of a project of 16 that was seen", len(answer.Items))
	}
	for _, item := range answer.Items {
		if item.Post.Project() != "eacc" {
			t.Errorf("post %d of project %q", item.Post.ID, item.Post.Project())
		}
	}
}

func TestViewer(t *testing.T) {
	w := newWorld()
	for id, author := range []string{"eve", "eve", "bob", "", "", "zoe"} {
		w.add(int64(id+1), 1, axis(id, 0)).Owner.Username = author
	}
	w.did("ann", interaction.View, 1, 2, 3, 4, 5, 6) // so that all come back
	w.did("ann", interaction.Like, 1)
	w.did("ann", interaction.Bookmark, 3)
	w.did("ann", interaction.Follow, 2, 4, 4444)
	w.did("bob", interaction.Like, 6)
	got := map[int64]Viewer{}
	for _, item := range w.feed(t, Request{Username: "ann", TopK: 10}).Items {
		got[item.Post.ID] = item.Viewer
	}
	want := map[int64]Viewer{
		1: {Upvoted: true, Following: true}, 2: {Following: true}, 3: {Bookmarked: true},
		4: {}, 5: {}, 6: {}, // nobody wrote 4 and 5: there is nobody to follow
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("viewers (-want +got):\n%s", diff)
	}
}
