package past_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/catalog"
	"resonance/internal/evaluate/past"
	"resonance/internal/interaction"
	"resonance/internal/replica"
	"resonance/internal/store"
)

func loud(id int64) past.Post {
	return past.Post{Post: &catalog.Post{
		ID: id, CreatedAt: time.Unix(id, 0), Locked: true, Owner: catalog.Owner{Username: past.Username(1)},
		Category: &catalog.Category{ID: 2, Name: "c", Count: 9}, Topic: &catalog.Topic{ID: 3, Name: "t", PostsCount: 9},
		CommentCount: 1, UpvoteCount: 2, ViewCount: 3, ExitCount: 4, RatingCount: 5, AverageRating: 6, ShareCount: 7, BookmarkCount: 8,
	}, Embedding: []float32{.6, .8}}
}

func event(row, user, post, at int64) store.EventChange {
	return store.EventChange{Row: row, UserID: user, PostID: post, Kind: interaction.View, Value: interaction.NoValue, At: at, Synced: true}
}

// A replica sees each step as it is revealed, and nothing that was counted afterwards.
func TestReplicaGrows(t *testing.T) {
	source := past.New()
	r, err := replica.New(source, source, "any", func() time.Time { return time.UnixMilli(1_000_000) })
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	type seen struct {
		Posts, Events, History int
		Now                    int64
	}
	look := func() (s seen) {
		t.Helper()
		err := r.Read(t.Context(), func(v replica.View) error {
			s = seen{v.Catalog.Len(), v.Log.Events(), len(v.Log.History(past.Username(1))), v.Now}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if diff := cmp.Diff(seen{Now: 1_000_000}, look()); diff != "" {
		t.Errorf("at first (-want +got):\n%s", diff)
	}
	source.Reveal([]past.Post{loud(10), loud(11)}, []store.EventChange{event(1, 1, 10, 20_000)})
	if diff := cmp.Diff(seen{2, 1, 1, 21_000}, look()); diff != "" {
		t.Errorf("after one step (-want +got):\n%s", diff)
	}
	source.Reveal(nil, []store.EventChange{event(2, 2, 10, 30_000), event(3, 1, 11, 31_000)})
	source.Reveal([]past.Post{loud(12)}, nil)
	if diff := cmp.Diff(seen{3, 3, 2, 32_000}, look()); diff != "" {
		t.Errorf("after three (-want +got):\n%s", diff)
	}
}

func TestCountersAreMasked(t *testing.T) {
	source := past.New()
	shown := loud(10)
	source.Reveal([]past.Post{shown}, nil)
	posts, err := source.Posts(t.Context(), []int64{9, 10})
	if err != nil || len(posts) != 1 {
		t.Fatalf("%d posts, error %v", len(posts), err)
	}
	bare := catalog.Post{
		ID: 10, CreatedAt: time.Unix(10, 0), Public: true, Owner: catalog.Owner{Username: past.Username(1)},
		Category: &catalog.Category{ID: 2, Name: "c"}, Topic: &catalog.Topic{ID: 3, Name: "t"},
	}
	if diff := cmp.Diff(bare, posts[0]); diff != "" {
		t.Errorf("post (-want +got):\n%s", diff)
	}
	if shown.ViewCount != 3 || shown.Category.Count != 9 || shown.Topic.PostsCount != 9 {
		t.Error("masking changed the post it was given")
	}
	_, err = source.Changes(t.Context(), 0, "any", store.ChangeVisitor{Post: func(c store.PostChange) error {
		if c.Counters != (catalog.Counters{}) || !c.Public || c.Locked {
			t.Errorf("features %+v, want no counters", c.Features)
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
}
