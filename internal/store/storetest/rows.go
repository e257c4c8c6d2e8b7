package storetest

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/catalog"
	"resonance/internal/errs"
	"resonance/internal/interaction"
	"resonance/internal/store"
)

func testSequence(t *testing.T, open Open) {
	ctx := context.Background()
	s := fresh(t, open)
	if seq := sequence(t, s); seq != 0 {
		t.Errorf("a new store is at %d", seq)
	}
	until, err := s.Changes(ctx, 0, theModel, store.ChangeVisitor{})
	if until != 0 || err != nil {
		t.Errorf("changes of a new store: until %d, %v", until, err)
	}
	changed(t, s, 3, func() (int, error) {
		return s.PutPosts(ctx, []catalog.Post{post(1, 1), post(2, 2), post(3, 3)})
	})
	changed(t, s, 0, func() (int, error) { return s.PutPosts(ctx, nil) })
}

func testPosts(t *testing.T, open Open) {
	ctx := context.Background()
	s := fresh(t, open)
	put := func(want int, posts ...catalog.Post) {
		t.Helper()
		changed(t, s, want, func() (int, error) { return s.PutPosts(ctx, posts) })
	}
	put(2, post(1, 1), post(2, 2))
	put(0, post(1, 1), post(2, 2))
	put(1, post(1, 1), post(2, 3))
	put(1, post(3, 1), post(3, 2)) // the last wins
	put(0, post(3, 2))

	whole := catalog.Post{
		ID: catalog.MaxID, Title: "a\nb \u2028 <&> \x00 \"quoted\" 🙂", Description: "long", Genre: "A/B", Tags: []string{"x", "y"}, Keywords: []string{"k"},
		ProjectCode: "Vible", CreatedAt: time.UnixMilli(-5_000).UTC(), Public: false, Locked: true, Slug: "s", Identifier: "i",
		Owner: catalog.Owner{FirstName: "F", Username: "o'neil"}, Category: &catalog.Category{ID: 1, Name: "C"},
		Topic: &catalog.Topic{ID: 2, Name: "T", Owner: catalog.TopicOwner{Username: "t"}}, CommentCount: 1, AverageRating: -85,
		VideoLink: "v", BaseToken: catalog.BaseToken{Symbol: "B"},
	}
	put(1, whole)
	got, err := s.Posts(ctx, []int64{catalog.MaxID, 404, 2, 1})
	must(t, err)
	if diff := cmp.Diff([]catalog.Post{whole, post(2, 3), post(1, 1)}, got); diff != "" {
		t.Errorf("posts (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(whole.Features(), load(t, s, theModel).posts[catalog.MaxID]); diff != "" {
		t.Errorf("features (-want +got):\n%s", diff)
	}
	if got, err := s.Posts(ctx, nil); err != nil || len(got) != 0 {
		t.Errorf("no ids gave %v, %v", got, err)
	}
}

func testUsers(t *testing.T, open Open) {
	ctx := context.Background()
	s := fresh(t, open)
	put := func(want int, users ...catalog.User) {
		t.Helper()
		changed(t, s, want, func() (int, error) { return s.PutUsers(ctx, users) })
	}
	ada := catalog.User{ID: 7, Username: "ada", FirstName: "Ada", LastName: "L", PictureURL: "p"}
	put(1, ada)
	put(0, ada)
	if got, err := s.User(ctx, "ada"); err != nil || got != ada {
		t.Errorf("user %+v, %v", got, err)
	}
	if got, err := s.UsersNamed(ctx, []string{"Ada", "ada", "", "ada"}); err != nil || len(got) != 1 || got["ada"] != ada {
		t.Errorf("users named: %+v, %v", got, err)
	}
	if _, err := s.User(ctx, "Ada"); !errors.Is(err, errs.NotFound) {
		t.Errorf("an unknown username: %v", err)
	}

	t.Run("rename follows the id", func(t *testing.T) {
		put(1, catalog.User{ID: 7, Username: "countess"})
		if _, err := s.User(ctx, "ada"); !errors.Is(err, errs.NotFound) {
			t.Errorf("the old name: %v", err)
		}
		if got, err := s.User(ctx, "countess"); err != nil || got.ID != 7 {
			t.Errorf("the new name: %+v, %v", got, err)
		}
	})
	t.Run("a row without a name takes none away", func(t *testing.T) {
		put(0, catalog.User{ID: 7})
		put(1, catalog.User{ID: 7, FirstName: "A"})
		if got, err := s.User(ctx, "countess"); err != nil || got.FirstName != "A" {
			t.Errorf("user %+v, %v", got, err)
		}
	})
	t.Run("the newer row owns the name", func(t *testing.T) {
		put(1, catalog.User{ID: 8, Username: "countess"})
		if got, err := s.User(ctx, "countess"); err != nil || got.ID != 8 {
			t.Errorf("user %+v, %v", got, err)
		}
		if diff := cmp.Diff(map[int64]string{7: "", 8: "countess"}, load(t, s, theModel).users); diff != "" {
			t.Errorf("users (-want +got):\n%s", diff)
		}
	})
}

func testInteractions(t *testing.T, open Open) {
	ctx := context.Background()
	s := fresh(t, open)
	put := func(want int, i ...interaction.Interaction) {
		t.Helper()
		changed(t, s, want, func() (int, error) { return s.PutInteractions(ctx, i) })
	}
	put(2, like("ada", 1, 1), like("ada", 1, 2))
	put(0, like("ada", 1, 1), like("ada", 1, 2))

	rating := interaction.Interaction{Key: "rating:5", UserID: 3, PostID: 404, Kind: interaction.Rating, Value: 15, At: at(9)}
	put(1, rating)
	again := rating
	again.Value = 80
	put(1, again) // re-rated in place, under the same key and time
	put(0, rating, again)

	keyed := like("ada", 1, 1)
	keyed.Key = "mine" // another event than the one without a key
	put(1, keyed)
	moved := keyed
	moved.Username, moved.PostID = "bob", 2
	put(1, moved)

	got := interactions(t, s)
	if diff := cmp.Diff([]interaction.Interaction{like("ada", 1, 1), moved, like("ada", 1, 2), again}, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	synced := 0
	for _, e := range load(t, s, theModel).events {
		if e.Synced {
			synced++
		}
	}
	if synced != 1 {
		t.Errorf("%d synced events, want the rating alone", synced)
	}

	t.Run("many at once", func(t *testing.T) {
		var many []interaction.Interaction
		for n := range 2000 {
			i := like([]string{"ada", "bob", "cy"}[n%3], int64(10+n), n%50)
			if n%2 == 0 {
				i = view("view:"+strconv.Itoa(n), int64(1+n%9), int64(1+n), n%50)
			}
			many = append(many, i)
		}
		put(2000, many...)
		put(0, many...)
		slices.Reverse(many)
		put(0, many...)
		for n := range many {
			if n%4 == 0 {
				many[n].Kind, many[n].Value = interaction.View, 33
			}
		}
		got, err := s.PutInteractions(ctx, many)
		must(t, err)
		if got != 500 {
			t.Errorf("changed %d of 2000 rows, want 500", got)
		}
	})
}

// interactions returns the interactions of s in export order.
func interactions(t *testing.T, s Store) (all []interaction.Interaction) {
	t.Helper()
	must(t, s.Rows(context.Background(), store.RowVisitor{Interaction: func(i interaction.Interaction) error {
		all = append(all, i)
		return nil
	}}))
	return all
}
