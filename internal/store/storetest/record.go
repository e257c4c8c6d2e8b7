package storetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/caller"
	"resonance/internal/catalog"
	"resonance/internal/errs"
	"resonance/internal/interaction"
	"resonance/internal/store"
)

// recorder records over the API in a test.
type recorder struct {
	*testing.T
	Store
	who   caller.Caller
	clock time.Time
}

// newRecorder opens a store with posts 1 to 9, by two authors, whose clock stands still.
func newRecorder(t *testing.T, open Open) *recorder {
	t.Helper()
	r := &recorder{T: t, who: caller.Anyone(), clock: at(0)}
	r.Store = open(t, t.TempDir(), func() time.Time { return r.clock })
	t.Cleanup(func() { must(t, r.Close()) })
	for id := range int64(9) {
		p := post(id+1, 1)
		p.Owner.Username = fmt.Sprint("author", id%2)
		p.ProjectCode = fmt.Sprint("project", id%3)
		_, err := r.PutPosts(context.Background(), []catalog.Post{p})
		must(t, err)
	}
	return r
}

// record returns what became of drafts, in words.
func (r *recorder) record(drafts ...interaction.Draft) string {
	r.Helper()
	outcomes, err := r.Record(context.Background(), r.who, drafts)
	must(r.T, err)
	words := make([]string, len(outcomes))
	for n, o := range outcomes {
		words[n] = inWords(o)
	}
	return strings.Join(words, " ")
}

func inWords(o interaction.Outcome) string {
	for _, kind := range []error{errs.Invalid, errs.NotFound, errs.Forbidden, errs.Conflict} {
		if errors.Is(o.Err, kind) {
			return strings.ReplaceAll(kind.Error(), " ", "-")
		}
	}
	switch {
	case o.Err != nil:
		return o.Err.Error()
	case o.Duplicate:
		return "duplicate"
	}
	return "accepted"
}

// expect fails the test unless drafts become what want says.
func (r *recorder) expect(want string, drafts ...interaction.Draft) {
	r.Helper()
	if got := r.record(drafts...); got != want {
		r.Errorf("%s, want %s", got, want)
	}
}

// events returns the user's events as "kind post value second", in order.
func (r *recorder) events(username string) []string {
	r.Helper()
	events := []string{}
	must(r.T, r.Rows(context.Background(), store.RowVisitor{Interaction: func(i interaction.Interaction) error {
		if i.Username == username {
			events = append(events, fmt.Sprint(i.Kind, " ", i.PostID, " ", i.Value, " ", i.At.Sub(at(0)).Seconds()))
		}
		return nil
	}}))
	return events
}

func (r *recorder) expectEvents(username string, want ...string) {
	r.Helper()
	if diff := cmp.Diff(append([]string{}, want...), r.events(username)); diff != "" {
		r.Errorf("events of %s (-want +got):\n%s", username, diff)
	}
}

func (r *recorder) withdraw(want int, removal interaction.Removal) {
	r.Helper()
	if removed, err := r.Withdraw(context.Background(), r.who, removal); removed != want || err != nil {
		r.Errorf("removed %d, %v; want %d", removed, err, want)
	}
}

// draft returns a draft of ada.
func draft(kind interaction.Kind, post int64) interaction.Draft {
	return interaction.Draft{Username: "ada", PostID: post, Kind: kind}
}

func keyed(d interaction.Draft, key string) interaction.Draft {
	d.Key = key
	return d
}

func timed(d interaction.Draft, n int) interaction.Draft {
	d.At = at(n)
	return d
}

func valued(d interaction.Draft, value int64) interaction.Draft {
	d.Value = &value
	return d
}

func testRecord(t *testing.T, open Open) {
	t.Run("kinds and values", func(t *testing.T) {
		r := newRecorder(t, open)
		seconds := func(watched, duration float64) interaction.Draft {
			d := draft(interaction.View, 1)
			d.Watch = interaction.Watch{Watched: &watched, Duration: &duration}
			return d
		}
		r.expect("accepted accepted accepted", draft(interaction.View, 1), draft(interaction.View, 1), valued(draft(interaction.View, 1), 80))
		r.expect("accepted accepted accepted", seconds(3, 12), seconds(30, 12), seconds(0, 12))
		r.expect("invalid-input invalid-input invalid-input invalid-input",
			seconds(-1, 12), seconds(1, 0), seconds(math.NaN(), 1), seconds(1, math.Inf(1)))
		r.expect("accepted invalid-input invalid-input invalid-input",
			valued(draft(interaction.Rating, 2), 100), draft(interaction.Rating, 2), valued(draft(interaction.Rating, 2), 0), valued(draft(interaction.View, 2), -1))
		r.expect("accepted accepted accepted accepted accepted",
			draft(interaction.Share, 3), draft(interaction.Skip, 3), draft(interaction.Hide, 3), draft(interaction.Inspire, 3), draft(interaction.Impression, 3))
		r.expect("invalid-input invalid-input", valued(draft(interaction.Like, 3), 1), draft(0, 3))
		r.expectEvents("ada",
			"view 1 -1 0", "rating 2 100 0", "inspire 3 -1 0", "share 3 -1 0", "skip 3 -1 0", "hide 3 -1 0", "impression 3 -1 0",
			"view 1 -1 0.001", "view 1 80 0.002", "view 1 25 0.003", "view 1 100 0.004", "view 1 0 0.005")
	})
	t.Run("idempotency keys", func(t *testing.T) {
		r := newRecorder(t, open)
		r.expect("accepted duplicate", keyed(draft(interaction.View, 1), "k"), keyed(draft(interaction.View, 1), "k"))
		r.clock = at(5)
		r.expect("duplicate", keyed(draft(interaction.View, 1), "k"))
		r.expect("conflict conflict conflict conflict", keyed(draft(interaction.View, 2), "k"), keyed(draft(interaction.Like, 1), "k"),
			keyed(valued(draft(interaction.View, 1), 5), "k"), keyed(timed(draft(interaction.View, 1), 0), "k"))
		other := keyed(draft(interaction.View, 2), "k")
		other.Username = "bob"
		r.expect("accepted", other)
		r.who.KeyID = "another key"
		r.expect("accepted", keyed(draft(interaction.View, 1), "k"))
		r.expectEvents("ada", "view 1 -1 0", "view 1 -1 5")
	})
	t.Run("states", func(t *testing.T) {
		r := newRecorder(t, open)
		r.expect("accepted duplicate accepted", draft(interaction.Like, 1), draft(interaction.Like, 1), draft(interaction.Like, 3))
		r.expect("accepted duplicate", draft(interaction.Bookmark, 1), draft(interaction.Bookmark, 1))
		r.expect("accepted duplicate accepted", draft(interaction.Follow, 1), draft(interaction.Follow, 3), draft(interaction.Follow, 2))
		_, err := r.PutInteractions(context.Background(), []interaction.Interaction{like("ada", 5, 1)})
		must(t, err)
		r.expect("duplicate", draft(interaction.Like, 5))
		r.withdraw(1, interaction.Removal{Username: "ada", PostID: 5, Kind: interaction.Follow}) // made through post 1
		r.expectEvents("ada", "like 1 -1 0", "bookmark 1 -1 0", "follow 2 -1 0", "like 3 -1 0", "like 5 -1 1")
		r.expect("accepted", draft(interaction.Follow, 3))
	})
	t.Run("times", func(t *testing.T) {
		r := newRecorder(t, open)
		ahead := timed(draft(interaction.View, 1), 300)
		r.expect("accepted", ahead)
		ahead.At = ahead.At.Add(time.Millisecond)
		r.expect("invalid-input", ahead)
		r.expect("accepted duplicate accepted", timed(draft(interaction.View, 1), -9), timed(draft(interaction.View, 1), -9), valued(timed(draft(interaction.View, 1), -9), 7))
		r.expectEvents("ada", "view 1 7 -9", "view 1 -1 300")
	})
	t.Run("names", func(t *testing.T) {
		r := newRecorder(t, open)
		nobody, long, odd := draft(interaction.View, 1), draft(interaction.View, 1), draft(interaction.View, 1)
		nobody.Username, long.Username, odd.Username = "", strings.Repeat("x", 256), "\xff"
		r.expect("invalid-input invalid-input invalid-input invalid-input", nobody, long, odd, keyed(draft(interaction.View, 1), strings.Repeat("x", 256)))
		r.expect("not-found invalid-input", draft(interaction.View, 404), draft(interaction.View, 0))
		if _, err := r.User(context.Background(), "ada"); !errors.Is(err, errs.NotFound) {
			t.Errorf("rejected drafts made a user: %v", err)
		}
		if seq := sequence(t, r); seq != 9 {
			t.Errorf("rejected drafts took the sequence to %d", seq)
		}
		r.expect("accepted", draft(interaction.View, 1))
		if u, err := r.User(context.Background(), "ada"); err != nil || u.ID != catalog.LocalUserID {
			t.Errorf("a new username: %+v, %v", u, err)
		}
		wrong := draft(interaction.View, 1)
		wrong.Wrong = fmt.Errorf("%w: row: unreadable", errs.Invalid)
		r.expect("invalid-input accepted", wrong, draft(interaction.View, 1))
	})
	t.Run("projects", func(t *testing.T) {
		r := newRecorder(t, open)
		r.who.Projects = []string{"project1"}
		r.expect("not-found accepted not-found", draft(interaction.Like, 1), draft(interaction.Like, 2), draft(interaction.Like, 3))
		if _, err := r.Withdraw(context.Background(), r.who, interaction.Removal{Username: "ada", PostID: 1, Kind: interaction.Like}); !errors.Is(err, errs.NotFound) {
			t.Errorf("withdrawing from another project's post: %v", err)
		}

		r.who = caller.Anyone()
		r.expect("accepted", draft(interaction.Follow, 1)) // of project0, by author0, as are 3 and 5 of the others
		r.who.Projects = []string{"project2"}
		r.expect("accepted duplicate", draft(interaction.Follow, 3), draft(interaction.Follow, 3))
		r.withdraw(1, interaction.Removal{Username: "ada", PostID: 3, Kind: interaction.Follow})
		r.expectEvents("ada", "follow 1 -1 0", "like 2 -1 0")
	})
	t.Run("forgotten and hidden users", func(t *testing.T) { testRecordForgotten(t, open) })
	t.Run("at once", func(t *testing.T) { testRecordAtOnce(t, open) })
}

func testRecordForgotten(t *testing.T, open Open) {
	ctx := context.Background()
	r := newRecorder(t, open)
	r.expect("accepted", keyed(draft(interaction.Like, 1), "k"))
	r.withdraw(1, interaction.Removal{Username: "ada", PostID: 1, Kind: interaction.Like})
	_, err := r.Forget(ctx, "ada")
	must(t, err)
	r.expect("forbidden forbidden", draft(interaction.Like, 1), keyed(draft(interaction.Like, 1), "k"))
	if _, err := r.Withdraw(ctx, r.who, interaction.Removal{Username: "ada", PostID: 1, Kind: interaction.Like}); !errors.Is(err, errs.Forbidden) {
		t.Errorf("a forgotten user withdraws: %v", err)
	}
	must(t, r.Unforget(ctx, "ada"))
	if err := r.Unforget(ctx, "ada"); !errors.Is(err, errs.NotFound) {
		t.Errorf("undone twice: %v", err)
	}
	r.expect("accepted accepted", timed(draft(interaction.Like, 1), -100), keyed(draft(interaction.Like, 1), "k"))
	if forgotten, err := r.Forgotten(ctx, "ada"); forgotten || err != nil {
		t.Errorf("still forgotten: %t, %v", forgotten, err)
	}

	all := make([]catalog.User, 4)
	for n := range all {
		all[n] = catalog.User{ID: int64(n + 1), Username: fmt.Sprint("u", n)}
	}
	_, err = r.PutPage(ctx, store.Page{Endpoint: store.EndpointUsers, Number: 1, Users: all})
	must(t, err)
	gone := draft(interaction.Like, 1)
	gone.Username = "u0"
	r.expect("accepted", gone)
	for range 3 { // the first pass has them all
		must(t, second(r.EndPass(ctx, store.EndpointUsers)))
		must(t, second(r.PutPage(ctx, store.Page{Endpoint: store.EndpointUsers, Number: 1, Users: all[1:]})))
	}
	r.expectEvents("u0")
	r.expect("duplicate", gone)
	r.expectEvents("u0", "like 1 -1 0")
}

// testRecordAtOnce lets many record the same things at the same time: each is accepted once.
func testRecordAtOnce(t *testing.T, open Open) {
	dir := t.TempDir()
	handles := []Store{handle(t, open, dir), handle(t, open, dir)}
	must(t, second(handles[0].PutPosts(context.Background(), []catalog.Post{post(1, 1)})))
	const callers, each = 16, 20
	var mu sync.Mutex
	accepted := map[string]int{}
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for n := range each {
				key := fmt.Sprint("k", n)
				outcomes, err := handles[c%2].Record(context.Background(), caller.Anyone(),
					[]interaction.Draft{keyed(draft(interaction.View, 1), key), {Username: fmt.Sprint("u", c), PostID: 1, Kind: interaction.View}})
				if err != nil {
					t.Errorf("record: %v", err)
					return
				}
				mu.Lock()
				if inWords(outcomes[0]) == "accepted" {
					accepted[key]++
				}
				if inWords(outcomes[1]) != "accepted" {
					t.Errorf("a new view: %+v", outcomes[1])
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for n := range each {
		if key := fmt.Sprint("k", n); accepted[key] != 1 {
			t.Errorf("%s was accepted %d times", key, accepted[key])
		}
	}
	if events := len(load(t, handles[1], theModel).events); events != each+callers*each {
		t.Errorf("%d events, want %d", events, each+callers*each)
	}
}

func testWithdraw(t *testing.T, open Open) {
	ctx := context.Background()
	unlike := interaction.Removal{Username: "ada", PostID: 1, Kind: interaction.Like}
	t.Run("whoever sends it", func(t *testing.T) {
		r := newRecorder(t, open)
		put := func(want int, i interaction.Interaction) {
			t.Helper()
			changed(t, r, want, func() (int, error) { return r.PutInteractions(ctx, []interaction.Interaction{i}) })
		}
		synced := like("ada", 1, -7)
		synced.Key = "like:1"
		put(1, synced)
		put(1, like("ada", 1, -3))
		r.expect("accepted duplicate", timed(draft(interaction.Like, 1), -5), draft(interaction.Like, 1))
		copied := newReplica()
		copied.follow(t, r, theModel)
		r.withdraw(3, unlike)
		r.withdraw(0, unlike)
		put(0, synced)
		put(0, like("ada", 1, -3))
		put(0, like("ada", 1, 0))
		r.expect("duplicate", timed(draft(interaction.Like, 1), 0))
		r.expectEvents("ada")
		copied.follow(t, r, theModel)
		same(t, load(t, r, theModel), copied)
		r.expect("accepted", draft(interaction.Like, 1)) // in the very millisecond, but later
		put(1, like("ada", 1, 2))
		r.expectEvents("ada", "like 1 -1 0.001", "like 1 -1 2")
		other := like("ada", 2, -7)
		other.Key = "like:1" // upstream corrects the post, then takes that back
		put(1, other)
		put(1, synced)
		r.expectEvents("ada", "like 1 -1 0.001", "like 1 -1 2")
	})
	t.Run("before it comes", func(t *testing.T) {
		r := newRecorder(t, open)
		r.withdraw(0, unlike)
		r.expect("duplicate accepted accepted", timed(draft(interaction.Like, 1), -1), timed(draft(interaction.View, 1), -1), timed(draft(interaction.Like, 2), -1))
		early := unlike
		early.At = at(-60)
		r.withdraw(0, early) // never moves a tombstone back
		r.expect("duplicate", timed(draft(interaction.Like, 1), -1))
	})
	t.Run("up to a time", func(t *testing.T) {
		r := newRecorder(t, open)
		r.expect("accepted accepted accepted", timed(draft(interaction.View, 1), -5), timed(draft(interaction.View, 1), -3), timed(draft(interaction.View, 1), 60))
		r.withdraw(2, interaction.Removal{Username: "ada", PostID: 1, Kind: interaction.View, At: at(-3)})
		r.expectEvents("ada", "view 1 -1 60")
		r.withdraw(1, interaction.Removal{Username: "ada", PostID: 1, Kind: interaction.View})
		r.expectEvents("ada")
		r.expect("accepted", draft(interaction.View, 1))
		r.expectEvents("ada", "view 1 -1 60.001")
	})
	t.Run("requests that return", func(t *testing.T) {
		r := newRecorder(t, open)
		r.expect("accepted", keyed(draft(interaction.Like, 1), "k"))
		r.withdraw(1, unlike)
		r.expect("duplicate conflict", keyed(draft(interaction.Like, 1), "k"), keyed(draft(interaction.Like, 2), "k"))
		late := keyed(timed(draft(interaction.Like, 1), -1), "late")
		r.expect("duplicate duplicate conflict", late, late, timed(late, -2))
	})
	t.Run("wrong", func(t *testing.T) {
		r := newRecorder(t, open)
		for name, removal := range map[string]interaction.Removal{
			"no user": {PostID: 1, Kind: interaction.Like}, "no kind": {Username: "ada", PostID: 1}, "no post": {Username: "ada", Kind: interaction.Like},
			"ahead": {Username: "ada", PostID: 1, Kind: interaction.Like, At: at(301)},
		} {
			if _, err := r.Withdraw(ctx, r.who, removal); !errors.Is(err, errs.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := r.Withdraw(ctx, r.who, interaction.Removal{Username: "ada", PostID: 404, Kind: interaction.Like}); !errors.Is(err, errs.NotFound) {
			t.Errorf("unknown post: %v", err)
		}
		r.withdraw(0, interaction.Removal{Username: "ada", PostID: 1, Kind: interaction.Rating})
	})
	t.Run("of a user whom upstream names later", func(t *testing.T) {
		r := newRecorder(t, open)
		r.withdraw(0, unlike)
		r.expect("accepted", keyed(draft(interaction.View, 2), "k"))
		byID := like("", 1, -1)
		byID.UserID, byID.Key = 7, "like:9"
		must(t, second(r.PutInteractions(ctx, []interaction.Interaction{byID})))
		must(t, second(r.PutUsers(ctx, []catalog.User{{ID: 7, Username: "ada"}})))
		r.expectEvents("ada", "view 2 -1 0")
		r.expect("duplicate", keyed(draft(interaction.View, 2), "k"))
		changed(t, r, 0, func() (int, error) { return r.PutInteractions(ctx, []interaction.Interaction{byID}) })
	})
}

func testEditPosts(t *testing.T, open Open) {
	ctx := context.Background()
	r := newRecorder(t, open)
	title := func(id int64, title string) store.PostEdit {
		return store.PostEdit{ID: id, Apply: func(p *catalog.Post) error { p.Title = title; return nil }}
	}
	upsert := func(want store.PostsEdited, edits ...store.PostEdit) {
		t.Helper()
		if got, err := r.UpsertPosts(ctx, r.who, edits); got != want || err != nil {
			t.Errorf("upserted %+v, %v; want %+v", got, err, want)
		}
	}
	titles := func() map[int64]string {
		t.Helper()
		titles := map[int64]string{}
		posts, err := r.Posts(ctx, []int64{1, 2, 10, 11})
		must(t, err)
		for _, p := range posts {
			titles[p.ID] = p.Title
		}
		return titles
	}
	expect := func(want map[int64]string) {
		t.Helper()
		if diff := cmp.Diff(want, titles()); diff != "" {
			t.Errorf("titles (-want +got):\n%s", diff)
		}
	}
	copied := newReplica()
	follow := func() {
		t.Helper()
		copied.follow(t, r, theModel)
		same(t, load(t, r, theModel), copied)
	}
	must(t, second(r.PutEmbeddings(ctx, theModel, []store.Embedding{{PostID: 1, Hash: store.TextHash(textOf(t, r, 1)), Vector: []float32{1}}})))
	follow()

	upsert(store.PostsEdited{Created: 1, Updated: 1}, title(10, "ten"), title(2, "two"))
	upsert(store.PostsEdited{Updated: 1, Unchanged: 1}, title(10, "ten"), title(2, "zwei"))
	expect(map[int64]string{1: "title b", 2: "zwei", 10: "ten"})
	follow()
	if p := copied.posts[2]; p.Author != "author1" || p.Views != 1 {
		t.Errorf("what the edit leaves alone: %+v", p)
	}
	if p := copied.posts[10]; !p.Public || p.CreatedAt != at(0).UnixMilli() {
		t.Errorf("a new post: %+v", p)
	}

	r.expect("accepted", draft(interaction.Like, 1))
	deleted, missing, err := r.DeletePosts(ctx, r.who, []int64{1, 404, 10, 1})
	if diff := cmp.Diff([][]int64{{1, 10}, {404, 1}}, [][]int64{deleted, missing}); diff != "" || err != nil {
		t.Errorf("deleted and missing, %v (-want +got):\n%s", err, diff)
	}
	follow()
	if len(copied.embeddings) != 0 {
		t.Errorf("the deleted post's embedding stays: %v", copied.embeddings)
	}
	changed(t, r, 0, func() (int, error) { return r.PutPosts(ctx, []catalog.Post{post(1, 2)}) })
	must(t, second(r.PutPage(ctx, store.Page{Endpoint: store.EndpointPosts, Number: 1, Posts: []catalog.Post{post(1, 2), post(11, 2)}})))
	expect(map[int64]string{2: "zwei", 11: "title c"})
	r.expect("not-found", draft(interaction.Like, 1))

	r.who.Admin = false
	if _, err := r.UpsertPosts(ctx, r.who, []store.PostEdit{title(2, "zwo"), title(1, "one")}); !errors.Is(err, errs.Forbidden) {
		t.Errorf("undone by somebody: %v", err)
	}
	r.who.Admin = true
	upsert(store.PostsEdited{Created: 1}, title(1, "one"))
	expect(map[int64]string{1: "one", 2: "zwei", 11: "title c"})
	follow()
	r.expect("duplicate", draft(interaction.Like, 1))
	changed(t, r, 1, func() (int, error) { return r.PutPosts(ctx, []catalog.Post{post(1, 2)}) })

	r.who.Projects = []string{"project1"}
	for name, edit := range map[string]store.PostEdit{
		"another project's":    title(3, "x"),
		"into another project": {ID: 2, Apply: func(p *catalog.Post) error { p.ProjectCode = "project2"; return nil }},
		"into none":            title(12, "x"),
	} {
		if _, err := r.UpsertPosts(ctx, r.who, []store.PostEdit{edit}); !errors.Is(err, errs.Forbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
	r.who = caller.Anyone()
	if _, _, err := r.DeletePosts(ctx, r.who, []int64{4, 5}); err != nil {
		t.Fatal(err)
	}
	pass := func(posts ...catalog.Post) {
		t.Helper()
		must(t, second(r.PutPage(ctx, store.Page{Endpoint: store.EndpointPosts, Number: 1, Posts: posts})))
		must(t, second(r.EndPass(ctx, store.EndpointPosts)))
	}
	pass(post(1, 2), post(11, 2), post(12, 2))
	pass(post(1, 2), post(12, 2))
	pass(post(1, 2), post(12, 2))
	r.who.Projects = []string{"project1"}
	takeOver := func(id int64) store.PostEdit {
		return store.PostEdit{ID: id, Apply: func(p *catalog.Post) error { p.ProjectCode = "project1"; return nil }}
	}
	for name, id := range map[string]int64{"that another project deleted": 4, "of another project, vanished": 11} {
		if _, err := r.UpsertPosts(ctx, r.who, []store.PostEdit{takeOver(id)}); !errors.Is(err, errs.Forbidden) {
			t.Errorf("taking over a post %s: %v", name, err)
		}
	}
	upsert(store.PostsEdited{Created: 1}, takeOver(5)) // its own
	pass(post(1, 2), post(11, 2), post(12, 2))
	if deleted, missing, err := r.DeletePosts(ctx, r.who, []int64{3, 2}); len(deleted) != 1 || deleted[0] != 2 || len(missing) != 1 || err != nil {
		t.Errorf("deleted %v, missing %v, %v", deleted, missing, err)
	}
	r.who = caller.Anyone()
	wrong := fmt.Errorf("%w: title: too odd", errs.Invalid)
	if _, err := r.UpsertPosts(ctx, r.who, []store.PostEdit{title(11, "x"), {ID: 3, Apply: func(*catalog.Post) error { return wrong }}}); !errors.Is(err, wrong) {
		t.Errorf("a wrong edit: %v", err)
	}
	expect(map[int64]string{1: "title c", 11: "title c"})

	must(t, r.Reset(ctx))
	changed(t, r, 1, func() (int, error) { return r.PutPosts(ctx, []catalog.Post{post(2, 2)}) })
}

func textOf(t *testing.T, s Store, id int64) string {
	t.Helper()
	posts, err := s.Posts(context.Background(), []int64{id})
	must(t, err)
	return posts[0].Text()
}
