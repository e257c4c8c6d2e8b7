package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
	"resonance/internal/store"
)

func testPasses(t *testing.T, open Open) {
	ctx := context.Background()
	dir := t.TempDir()
	start := at(0)
	s := open(t, dir, func() time.Time { return start })
	page := store.Page{Endpoint: "view", Number: 1, Interactions: []interaction.Interaction{view("view:1", 1, 1, 1)}}
	changed(t, s, 1, func() (int, error) { return s.PutPage(ctx, page) })
	page.Number = 2
	changed(t, s, 0, func() (int, error) { return s.PutPage(ctx, page) })
	must(t, s.Close()) // a broken pass resumes in another process
	s = handle(t, open, dir)
	for endpoint, want := range map[string]store.Checkpoint{"view": {Page: 2, StartedAt: start}, "like": {}} {
		if got, err := s.Checkpoint(ctx, endpoint); got != want || err != nil {
			t.Errorf("checkpoint of %s: %+v, %v; want %+v", endpoint, got, err, want)
		}
	}
	got, err := s.EndPass(ctx, "view")
	must(t, err)
	if diff := cmp.Diff(store.PassResult{Known: 0, Returned: 2, Proof: true}, got); diff != "" {
		t.Errorf("end of pass (-want +got):\n%s", diff)
	}
	if got, err := s.Checkpoint(ctx, "view"); got != (store.Checkpoint{}) || err != nil {
		t.Errorf("checkpoint after the end: %+v, %v", got, err)
	}
	_, err = s.PutPage(ctx, page)
	must(t, err)
	must(t, s.RestartPass(ctx, "view"))
	if got, err := s.Checkpoint(ctx, "view"); got != (store.Checkpoint{}) || err != nil {
		t.Errorf("checkpoint after a restart: %+v, %v", got, err)
	}
}

// testVanishing has posts and users leave upstream and come back.
func testVanishing(t *testing.T, open Open) {
	ctx := context.Background()
	s := fresh(t, open)
	r := newReplica()
	pass := func(ids ...int64) store.PassResult {
		t.Helper()
		posts := store.Page{Endpoint: store.EndpointPosts, Number: 1}
		users := store.Page{Endpoint: store.EndpointUsers, Number: 1}
		for _, id := range ids {
			posts.Posts = append(posts.Posts, post(id, 1))
			users.Users = append(users.Users, catalog.User{ID: id, Username: string(rune('a' + id))})
		}
		for _, page := range []store.Page{posts, users} {
			_, err := s.PutPage(ctx, page)
			must(t, err)
		}
		byPosts, err := s.EndPass(ctx, store.EndpointPosts)
		must(t, err)
		byUsers, err := s.EndPass(ctx, store.EndpointUsers)
		must(t, err)
		if byPosts != byUsers {
			t.Errorf("posts %+v, users %+v", byPosts, byUsers)
		}
		r.follow(t, s, theModel)
		same(t, load(t, s, theModel), r)
		return byPosts
	}
	check := func(got, want store.PassResult, visible, events int) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("end of pass (-want +got):\n%s", diff)
		}
		if len(r.posts) != visible || len(r.users) != visible || len(r.events) != events {
			t.Errorf("%d posts, %d users, %d events; want %d, %d, %d", len(r.posts), len(r.users), len(r.events), visible, visible, events)
		}
	}

	check(pass(1, 2, 3, 4), store.PassResult{Returned: 4, Proof: true}, 4, 0)
	_, err := s.PutInteractions(ctx, []interaction.Interaction{view("view:1", 4, 1, 1), view("view:2", 1, 4, 1), like("local", 4, 1)})
	must(t, err)
	_, err = s.PutPosts(ctx, []catalog.Post{post(100, 1)}) // imported: upstream does not know it
	must(t, err)
	check(pass(1, 2, 3), store.PassResult{Known: 4, Returned: 3, Proof: true, Missing: 1}, 5, 3)
	check(pass(1), store.PassResult{Known: 4, Returned: 1}, 5, 3) // proves nothing
	check(pass(1, 2, 3), store.PassResult{Known: 4, Returned: 3, Proof: true, Missing: 1, Hidden: 1}, 4, 2)
	check(pass(1, 2, 3), store.PassResult{Known: 3, Returned: 3, Proof: true}, 4, 2)
	known, err := s.KnownPosts(ctx, []int64{1, 4, 404})
	must(t, err)
	if diff := cmp.Diff(map[int64]bool{1: true, 4: true}, known); diff != "" {
		t.Errorf("known posts, 4 being hidden (-want +got):\n%s", diff)
	}
	check(pass(1, 2, 3, 4), store.PassResult{Known: 3, Returned: 4, Proof: true}, 5, 3) // back
	check(pass(1, 2, 4), store.PassResult{Known: 4, Returned: 3, Proof: true, Missing: 1}, 5, 3)
	check(pass(1, 2, 3), store.PassResult{Known: 4, Returned: 3, Proof: true, Missing: 1}, 5, 3) // 3 in time, 4 not
	check(pass(1, 2, 3), store.PassResult{Known: 4, Returned: 3, Proof: true, Missing: 1, Hidden: 1}, 4, 2)
	check(pass(1, 2), store.PassResult{Known: 3, Returned: 2, Proof: true, Missing: 1}, 4, 2) // 3 for the first time again
	check(pass(1, 2, 3), store.PassResult{Known: 3, Returned: 3, Proof: true}, 4, 2)

	t.Run("upstream's own events do not bring a user back", func(t *testing.T) {
		synced := like("e", 1, 3)
		synced.Key = "like:8"
		changed(t, s, 2, func() (int, error) {
			return s.PutInteractions(ctx, []interaction.Interaction{synced, view("view:1", 4, 1, 2)})
		})
		r.follow(t, s, theModel)
		same(t, load(t, s, theModel), r)
		if counts, err := s.Counts(ctx); err != nil || counts.Interactions != 2 {
			t.Errorf("counts %+v, %v; want 2 interactions", counts, err)
		}
		if _, ok := r.users[4]; ok || len(r.events) != 2 {
			t.Errorf("users %v, %d events", r.users, len(r.events))
		}
	})
	t.Run("a new event brings a user back", func(t *testing.T) {
		changed(t, s, 1, func() (int, error) { return s.PutInteractions(ctx, []interaction.Interaction{like("e", 1, 9)}) })
		r.follow(t, s, theModel)
		same(t, load(t, s, theModel), r)
		if r.users[4] != "e" || len(r.events) != 5 {
			t.Errorf("users %v, %d events", r.users, len(r.events))
		}
	})
	t.Run("a hidden post keeps its embedding for its return", func(t *testing.T) {
		_, err := s.PutEmbeddings(ctx, theModel, embedAll(t, s))
		must(t, err)
		r.follow(t, s, theModel)
		all := len(r.embeddings)
		pass(1, 2)
		pass(1, 2)
		if len(r.embeddings) != all-1 {
			t.Errorf("%d embeddings with a post hidden, %d before", len(r.embeddings), all)
		}
		pass(1, 2, 3)
		if len(r.embeddings) != all {
			t.Errorf("%d embeddings with the post back, %d before", len(r.embeddings), all)
		}
	})
	t.Run("a hidden user can be forgotten", func(t *testing.T) {
		_, err := s.PutInteractions(ctx, []interaction.Interaction{view("view:33", 3, 1, 1)})
		must(t, err)
		pass(1, 2)
		pass(1, 2)
		before, err := s.Counts(ctx)
		must(t, err)
		if deleted, err := s.Forget(ctx, "d"); deleted != 1 || err != nil {
			t.Errorf("deleted %d, %v", deleted, err)
		}
		after, err := s.Counts(ctx)
		must(t, err)
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("what was hidden was not counted (-before +after):\n%s", diff)
		}
	})
	t.Run("an unreadable row is not absent", func(t *testing.T) {
		for range 3 {
			for _, endpoint := range []string{store.EndpointPosts, store.EndpointUsers} {
				_, err := s.PutPage(ctx, store.Page{Endpoint: endpoint, Number: 1, Seen: []int64{1, 2}})
				must(t, err)
				got, err := s.EndPass(ctx, endpoint)
				must(t, err)
				if want := (store.PassResult{Known: 2, Returned: 2, Proof: true}); got != want {
					t.Errorf("%s: %+v, want %+v", endpoint, got, want)
				}
			}
		}
	})
}

func testLeases(t *testing.T, open Open) {
	ctx := context.Background()
	now := at(0)
	dir := t.TempDir()
	clock := func() time.Time { return now }
	a, b := open(t, dir, clock), open(t, dir, clock)
	t.Cleanup(func() { must(t, a.Close()); must(t, b.Close()) })
	lease := func(s Store, holder string, want bool) {
		t.Helper()
		if got, err := s.Lease(ctx, "sync", holder, 10*time.Second); got != want || err != nil {
			t.Errorf("lease for %s: %t, %v; want %t", holder, got, err, want)
		}
	}
	lease(a, "a", true)
	lease(b, "b", false)
	now = now.Add(9 * time.Second)
	lease(a, "a", true) // renewed
	now = now.Add(9 * time.Second)
	lease(b, "b", false)
	now = now.Add(time.Second)
	lease(b, "b", true) // run out
	lease(a, "a", false)
	must(t, a.ReleaseLease(ctx, "sync", "a")) // not its own
	lease(a, "a", false)
	must(t, b.ReleaseLease(ctx, "sync", "b"))
	lease(a, "a", true)
	if ok, err := b.Lease(ctx, "fit", "b", time.Second); !ok || err != nil {
		t.Errorf("another lease: %t, %v", ok, err)
	}
	if seq := sequence(t, a); seq != 0 {
		t.Errorf("leases are no changes, but the sequence is %d", seq)
	}
}

func testSettings(t *testing.T, open Open) {
	ctx := context.Background()
	s := fresh(t, open)
	if value, ok, err := s.Setting(ctx, "k"); value != "" || ok || err != nil {
		t.Errorf("a new store has %q, %t, %v", value, ok, err)
	}
	for _, want := range []string{"one", "", "two"} {
		must(t, s.SetSetting(ctx, "k", want))
		if value, ok, err := s.Setting(ctx, "k"); value != want || !ok || err != nil {
			t.Errorf("setting %q, %t, %v; want %q", value, ok, err, want)
		}
	}
	for key, want := range map[string]string{"k": "two", "new": "first"} {
		for _, value := range []string{"first", "second"} {
			if kept, err := s.MakeSetting(ctx, key, value); kept != want || err != nil {
				t.Errorf("setting %s made as %s is kept as %q, %v; want %q", key, value, kept, err, want)
			}
		}
	}
	if seq := sequence(t, s); seq != 0 {
		t.Errorf("settings are no changes, but the sequence is %d", seq)
	}
}

func testReset(t *testing.T, open Open) {
	ctx := context.Background()
	s := fresh(t, open)
	fill := func() {
		t.Helper()
		_, err := s.PutPosts(ctx, []catalog.Post{post(1, 1), post(2, 2)})
		must(t, err)
		_, err = s.PutInteractions(ctx, []interaction.Interaction{like("ada", 1, 1), view("view:1", 5, 1, 1)})
		must(t, err)
		_, err = s.PutPage(ctx, store.Page{Endpoint: "view", Number: 3})
		must(t, err)
		_, err = s.PutEmbeddings(ctx, theModel, embedAll(t, s))
		must(t, err)
	}
	fill()
	must(t, s.SetSetting(ctx, "k", "v"))
	_, err := s.PutInteractions(ctx, []interaction.Interaction{like("zoe", 1, 1)})
	must(t, err)
	_, err = s.Forget(ctx, "zoe")
	must(t, err)
	r := load(t, s, theModel)
	before := sequence(t, s)

	must(t, s.Reset(ctx))
	if after := sequence(t, s); after != before+1 {
		t.Errorf("the sequence went from %d to %d", before, after)
	}
	lagging := *load(t, s, theModel)
	if len(lagging.posts)+len(lagging.users)+len(lagging.events)+len(lagging.embeddings) != 0 {
		t.Errorf("still there: %+v", lagging)
	}
	if got, err := s.Counts(ctx); err != nil || got.Posts+got.Users+got.Interactions != 0 {
		t.Errorf("counts %+v, %v", got, err)
	}
	if cp, err := s.Checkpoint(ctx, "view"); cp.Page != 0 || err != nil {
		t.Errorf("checkpoint %+v, %v", cp, err)
	}
	if _, ok, err := s.Setting(ctx, "k"); !ok || err != nil {
		t.Errorf("the setting is gone: %v", err)
	}
	if forgotten, err := s.Forgotten(ctx, "zoe"); !forgotten || err != nil {
		t.Errorf("the forgotten user is not any more: %v", err)
	}

	fill() // the same ids again: a reader that saw nothing in between must not keep old rows
	r.follow(t, s, theModel)
	same(t, load(t, s, theModel), r)
	must(t, s.Reset(ctx))
	must(t, s.Reset(ctx))
	r.follow(t, s, theModel)
	same(t, load(t, s, theModel), r)
}
