package replica_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
	"resonance/internal/replica"
	"resonance/internal/store"
)

func read(t *testing.T, r *replica.Replica, ids ...int64) []*catalog.Post {
	t.Helper()
	posts, err := r.Posts(context.Background(), catalog.EveryProject(), ids)
	if err != nil {
		t.Fatal(err)
	}
	return posts
}

func TestPostsLeaveOutWhatMayNotBeShown(t *testing.T) {
	f := newFakeStore()
	for _, id := range []int64{3, 1, catalog.MaxID, 5, 6} {
		f.putPost(post(id))
	}
	hidden := post(7)
	hidden.Public = false
	f.putPost(hidden)
	f.hidePost(5)
	r := newReplica(t, f)
	f.hidePost(6)
	for range 2 { // from the store, then perhaps from the cache
		got := []int64{}
		for _, p := range read(t, r, 404, catalog.MaxID, 7, 1, 5, 6, 3, 1, -1, 0) {
			got = append(got, p.ID)
		}
		if diff := cmp.Diff([]int64{catalog.MaxID, 1, 3, 1}, got); diff != "" {
			t.Errorf("posts (-want +got):\n%s", diff)
		}
	}
	if got := read(t, r); len(got) != 0 {
		t.Errorf("no ids give %v", got)
	}
}

// A post shown is never older than the last write, whatever is cached.
func TestPostsAreCurrent(t *testing.T) {
	f := newFakeStore()
	r := newReplica(t, f)
	p := post(1)
	for _, title := range []string{"one", "two", "three", "four"} {
		p.Title = title
		f.putPost(p)
		for range 3 {
			if got := read(t, r, 1); len(got) != 1 || got[0].Title != title {
				t.Fatalf("title %q is shown as %+v", title, got)
			}
		}
	}
	f.hidePost(1)
	if got := read(t, r, 1); len(got) != 0 {
		t.Errorf("a post that vanished is shown: %+v", got)
	}
}

// The store may be ahead of the view by the time that whole posts are read.
func TestPostThatVanishesDuringTheRead(t *testing.T) {
	f := newFakeStore()
	f.putPost(post(1))
	f.putPost(post(2))
	err := newReplica(t, f).Read(context.Background(), func(v replica.View) error {
		f.hidePost(1)
		posts, err := v.Posts(context.Background(), []int64{1, 2})
		if len(posts) != 1 || posts[0].ID != 2 {
			t.Errorf("posts: %+v", posts)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// Counters shown are upstream's and what upstream has not sent, until the synced twin comes.
func TestCountersShown(t *testing.T) {
	f := newFakeStore()
	p := post(1)
	p.ViewCount, p.UpvoteCount, p.RatingCount, p.AverageRating, p.BookmarkCount = 100, 10, 4, 55, -3
	f.putPost(p)
	r := newReplica(t, f)
	did := func(user int64, kind interaction.Kind, value int, synced bool) store.EventChange {
		return store.EventChange{UserID: user, PostID: 1, Kind: kind, Value: value, Synced: synced}
	}
	type counters struct{ views, upvotes, ratings, shares, bookmarks, average int64 }
	none := interaction.NoValue
	var local int64
	steps := []struct {
		name string
		do   func()
		want counters
	}{
		{"upstream's, never below 0", func() {}, counters{100, 10, 4, 0, 0, 55}},
		{"a local like", func() { local = f.putEvent(did(1, interaction.Like, none, false)) }, counters{100, 11, 4, 0, 0, 55}},
		{"another user's", func() { f.putEvent(did(2, interaction.Like, none, false)) }, counters{100, 12, 4, 0, 0, 55}},
		{"view, rating, share", func() {
			f.putEvent(did(1, interaction.View, none, false))
			f.putEvent(did(1, interaction.Rating, 80, false))
			f.putEvent(did(1, interaction.Share, none, false))
		}, counters{101, 12, 5, 1, 0, 55}},
		{"bookmarks past the deficit", func() {
			for user := range int64(4) {
				f.putEvent(did(user, interaction.Bookmark, none, false))
			}
		}, counters{101, 12, 5, 1, 1, 55}},
		{"the like's twin comes", func() { f.putEvent(did(1, interaction.Like, none, true)) }, counters{101, 11, 5, 1, 1, 55}},
		{"a like that was local only leaves", func() { f.removeEvent(local) }, counters{101, 11, 5, 1, 1, 55}},
		{"kinds that no counter shows", func() {
			f.putEvent(did(1, interaction.Inspire, none, false))
			f.putEvent(did(1, interaction.Skip, none, false))
			f.putEvent(did(1, interaction.Impression, none, false))
		}, counters{101, 11, 5, 1, 1, 55}},
		{"a user is forgotten", func() { f.forget(2) }, counters{101, 10, 5, 1, 0, 55}},
	}
	for _, step := range steps {
		step.do()
		for range 2 { // showing must not add to what is cached
			p := read(t, r, 1)[0]
			got := counters{p.ViewCount, p.UpvoteCount, p.RatingCount, p.ShareCount, p.BookmarkCount, p.AverageRating}
			if got != step.want {
				t.Errorf("%s: %+v, want %+v", step.name, got, step.want)
			}
		}
	}
}

// A post that upstream knows no ratings of shows the mean of those made here, rounded.
func TestAverageRatingShown(t *testing.T) {
	tests := map[string]struct {
		ratings          []int
		upstream, counts int64
		want             int64
	}{
		"none":                     {nil, 0, 0, 0},
		"one":                      {[]int{80}, 0, 0, 80},
		"rounded up at a half":     {[]int{80, 81}, 0, 0, 81},
		"rounded down below":       {[]int{80, 80, 81}, 0, 0, 80},
		"upstream's stands":        {[]int{80}, -12, 3, -12},
		"upstream's without count": {[]int{80}, 40, 0, 40},
		"upstream's mean is 0":     {[]int{80}, 0, 2, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFakeStore()
			p := post(1)
			p.AverageRating, p.RatingCount = test.upstream, test.counts
			f.putPost(p)
			for i, rating := range test.ratings {
				f.putEvent(store.EventChange{UserID: int64(i + 1), PostID: 1, Kind: interaction.Rating, Value: rating})
			}
			shown := read(t, newReplica(t, f), 1)[0]
			if n := test.counts + int64(len(test.ratings)); shown.AverageRating != test.want || shown.RatingCount != n {
				t.Errorf("%d ratings, mean %d, want %d, %d", shown.RatingCount, shown.AverageRating, n, test.want)
			}
		})
	}
}
