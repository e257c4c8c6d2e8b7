package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/catalog"
	"resonance/internal/errs"
	"resonance/internal/interaction"
	"resonance/internal/store"
)

// testLocalUsers follows users who were here before upstream named them.
func testLocalUsers(t *testing.T, open Open) {
	ctx := context.Background()
	s := fresh(t, open)
	r := newReplica()
	putEvents := func(want int, i ...interaction.Interaction) {
		t.Helper()
		changed(t, s, want, func() (int, error) { return s.PutInteractions(ctx, i) })
	}
	putUsers := func(want int, u ...catalog.User) {
		t.Helper()
		changed(t, s, want, func() (int, error) { return s.PutUsers(ctx, u) })
	}
	users := func(want map[int64]string) {
		t.Helper()
		r.follow(t, s, theModel)
		same(t, load(t, s, theModel), r)
		if diff := cmp.Diff(want, r.users); diff != "" {
			t.Errorf("users (-want +got):\n%s", diff)
		}
	}
	const first = catalog.LocalUserID

	putEvents(3, like("ada", 1, 1), like("bob", 1, 1), view("view:1", 5, 2, 1))
	users(map[int64]string{first: "ada", first + 1: "bob", 5: ""})

	// Upstream names a placeholder: the id stays.
	putUsers(1, catalog.User{ID: 5, Username: "eve"})
	users(map[int64]string{first: "ada", first + 1: "bob", 5: "eve"})

	// Upstream brings ada, who already has an event under upstream's id, and one of both.
	byID := like("", 1, 1)
	byID.UserID = 6
	putEvents(2, byID, view("view:2", 6, 3, 1))
	putUsers(1, catalog.User{ID: 6, Username: "ada"})
	users(map[int64]string{6: "ada", first + 1: "bob", 5: "eve"})
	events := map[int64]int{}
	for _, e := range r.events {
		events[e.UserID]++
	}
	if diff := cmp.Diff(map[int64]int{5: 1, 6: 2, first + 1: 1}, events); diff != "" {
		t.Errorf("events by user: the like that both had counts once (-want +got):\n%s", diff)
	}
	putEvents(0, like("ada", 1, 1), view("view:2", 6, 3, 1))

	// Local ids are never given twice, and never stand against upstream's.
	putEvents(1, like("cy", 1, 1))
	users(map[int64]string{6: "ada", first + 1: "bob", first + 2: "cy", 5: "eve"})
	putUsers(0, catalog.User{ID: first + 9, Username: "ada"})
	putUsers(1, catalog.User{ID: first + 9, Username: "cy", FirstName: "C"}) // cy keeps the id it has here
	putUsers(1, catalog.User{ID: first + 1, Username: "dan"})                // bob's id, from another store
	users(map[int64]string{6: "ada", first + 1: "bob", first + 2: "cy", first + 3: "dan", 5: "eve"})
	putUsers(1, catalog.User{ID: catalog.MaxID, Username: "max"})
	putEvents(1, like("fay", 1, 1))
	users(map[int64]string{6: "ada", first + 1: "bob", first + 2: "cy", first + 3: "dan", first + 4: "fay", 5: "eve", catalog.MaxID: "max"})
}

func testForget(t *testing.T, open Open) {
	ctx := context.Background()
	s := fresh(t, open)
	if _, err := s.Forget(ctx, "ada"); !errors.Is(err, errs.NotFound) {
		t.Errorf("forgetting a user never seen: %v", err)
	}
	_, err := s.PutUsers(ctx, []catalog.User{{ID: 7, Username: "ada"}, {ID: 8, Username: "bob"}})
	must(t, err)
	_, err = s.PutInteractions(ctx, []interaction.Interaction{like("ada", 1, 1), like("ada", 2, 2), view("view:1", 7, 1, 3), like("bob", 1, 1), like("zoe", 1, 1)})
	must(t, err)
	r := load(t, s, theModel)

	before := sequence(t, s)
	deleted, err := s.Forget(ctx, "ada")
	if deleted != 3 || err != nil {
		t.Errorf("deleted %d, %v; want 3", deleted, err)
	}
	if after := sequence(t, s); after != before+1 {
		t.Errorf("the sequence went from %d to %d", before, after)
	}
	if deleted, err := s.Forget(ctx, "ada"); deleted != 0 || err != nil {
		t.Errorf("forgetting again: %d, %v", deleted, err)
	}
	_, err = s.Forget(ctx, "zoe") // a local user: upstream's id is not known yet
	must(t, err)

	for name, call := range map[string]func() (int, error){
		"by username":     func() (int, error) { return s.PutUsers(ctx, []catalog.User{{ID: 7, Username: "ada"}}) },
		"renamed":         func() (int, error) { return s.PutUsers(ctx, []catalog.User{{ID: 7, Username: "ada2"}}) },
		"under a new id":  func() (int, error) { return s.PutUsers(ctx, []catalog.User{{ID: 9, Username: "ada"}}) },
		"from upstream":   func() (int, error) { return s.PutPage(ctx, page(store.EndpointUsers, 7, "ada")) },
		"local, upstream": func() (int, error) { return s.PutPage(ctx, page(store.EndpointUsers, 30, "zoe")) },
		"event by name":   func() (int, error) { return s.PutInteractions(ctx, []interaction.Interaction{like("ada", 3, 3)}) },
		"event by id":     func() (int, error) { return s.PutInteractions(ctx, []interaction.Interaction{view("view:9", 7, 1, 3)}) },
	} {
		t.Run("stays forgotten "+name, func(t *testing.T) { changed(t, s, 0, call) })
	}
	t.Run("names learnt later stay forgotten", func(t *testing.T) {
		changed(t, s, 0, func() (int, error) {
			return s.PutInteractions(ctx, []interaction.Interaction{like("ada2", 3, 3), view("view:10", 9, 1, 1), view("view:11", 30, 1, 1)})
		})
	})
	t.Run("a placeholder that turns out to be forgotten leaves", func(t *testing.T) {
		changed(t, s, 1, func() (int, error) {
			return s.PutInteractions(ctx, []interaction.Interaction{view("view:12", 31, 1, 1)})
		})
		r.follow(t, s, theModel)
		changed(t, s, 1, func() (int, error) { return s.PutUsers(ctx, []catalog.User{{ID: 31, Username: "zoe"}}) })
	})
	r.follow(t, s, theModel)
	same(t, load(t, s, theModel), r)
	if diff := cmp.Diff([]string{"bob"}, r.names()); diff != "" || len(r.events) != 1 {
		t.Errorf("users, and %d events (-want +got):\n%s", len(r.events), diff)
	}
	for name, want := range map[string]bool{"ada": true, "ada2": true, "zoe": true, "bob": false, "nobody": false, "": false} {
		if got, err := s.Forgotten(ctx, name); got != want || err != nil {
			t.Errorf("forgotten %q: %t, %v", name, got, err)
		}
	}
	for id, want := range map[int64]bool{7: true, 9: true, 30: true, 8: false} {
		if got, err := s.ForgottenID(ctx, id); got != want || err != nil {
			t.Errorf("forgotten id %d: %t, %v", id, got, err)
		}
	}
}

// page is a page of users: ids and names in turn.
func page(endpoint string, id int64, username string) store.Page {
	return store.Page{Endpoint: endpoint, Number: 1, Users: []catalog.User{{ID: id, Username: username}}}
}
