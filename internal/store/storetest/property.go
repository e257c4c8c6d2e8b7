package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/catalog"
	"resonance/internal/errs"
	"resonance/internal/interaction"
	"resonance/internal/store"
)

// testModel does random things to a store and to the model, and compares them after each: what
// changed, what a full load shows, and what copies show that follow the changes now and then.
func testModel(t *testing.T, open Open) {
	seeds, steps := uint64(16), 200
	if testing.Short() {
		seeds, steps = 3, 60
	}
	for seed := range seeds {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			w := &world{
				T: t, Rand: rand.New(rand.NewPCG(seed, 7)), model: newModel(),
				replicas: []*replica{newReplica(), newReplica(), newReplica()},
			}
			for range 2 {
				s := open(t, dir, func() time.Time { return w.clock })
				t.Cleanup(func() { must(t, s.Close()) })
				w.handles = append(w.handles, s)
			}
			for step := range steps {
				w.step()
				if t.Failed() {
					t.Fatalf("at step %d", step)
				}
			}
		})
	}
}

// world is one run of the property test.
type world struct {
	*testing.T
	*rand.Rand
	model    *model
	handles  []Store
	replicas []*replica
	clock    time.Time // of the stores
}

const theModel, otherModel = "the model", "another"

// step does one random thing, twice where it can be repeated, and compares.
func (w *world) step() {
	w.Helper()
	s := w.handles[w.IntN(2)]
	switch n := w.IntN(150); {
	case n >= 100:
		w.recordSome(s)
	case n < 18:
		posts := times(1+w.IntN(3), w.post)
		w.put(s, w.model.putPosts(posts, false), func() (int, error) { return s.PutPosts(context.Background(), posts) })
	case n < 34:
		users := times(1+w.IntN(2), w.user)
		w.put(s, w.model.putUsers(users, false), func() (int, error) { return s.PutUsers(context.Background(), users) })
	case n < 55:
		interactions := times(1+w.IntN(5), w.interaction)
		w.put(s, w.model.putInteractions(interactions), func() (int, error) { return s.PutInteractions(context.Background(), interactions) })
	case n < 74:
		page := w.page()
		w.put(s, w.model.putPage(page), func() (int, error) { return s.PutPage(context.Background(), page) })
	case n < 87:
		w.endPass(s)
	case n < 94:
		w.embed(s)
	case n < 98:
		w.forget(s)
	case n < 99:
		w.model.reset()
		must(w.T, s.Reset(context.Background()))
	default:
		endpoint := pick(w, store.EndpointPosts, store.EndpointUsers)
		delete(w.model.passes, endpoint)
		must(w.T, s.RestartPass(context.Background(), endpoint))
	}
	w.compare()
}

// put fails the test unless the call changes want rows, and none when repeated where the model
// says that it may be: a second time nothing is new.
func (w *world) put(s Store, want int, call func() (int, error)) {
	w.Helper()
	changed(w.T, s, want, call)
}

func (w *world) endPass(s Store) {
	w.Helper()
	endpoint := pick(w, store.EndpointPosts, store.EndpointUsers)
	want := w.model.endPass(endpoint)
	got, err := s.EndPass(context.Background(), endpoint)
	must(w.T, err)
	if got != want {
		w.Errorf("end of pass over %s: %+v, want %+v", endpoint, got, want)
	}
}

func (w *world) embed(s Store) {
	w.Helper()
	model := pick(w, theModel, theModel, otherModel)
	var embeddings []store.Embedding
	for _, text := range w.model.texts(model) {
		if w.IntN(2) == 0 {
			continue
		}
		hash := pick(w, text.Hash, text.Hash, text.Hash, "stale")
		embeddings = append(embeddings, store.Embedding{PostID: text.PostID, Hash: hash, Vector: []float32{w.Float32(), 1}})
	}
	w.put(s, w.model.putEmbeddings(model, embeddings), func() (int, error) { return s.PutEmbeddings(context.Background(), model, embeddings) })
	w.put(s, 0, func() (int, error) { return s.PutEmbeddings(context.Background(), model, embeddings) })
}

func (w *world) forget(s Store) {
	w.Helper()
	username := w.username()
	if w.IntN(3) == 0 {
		if err := s.Unforget(context.Background(), username); errors.Is(err, errs.NotFound) == w.model.unforget(username) {
			w.Fatalf("let %q back in: %v", username, err)
		}
		return
	}
	want, known := w.model.forget(username)
	got, err := s.Forget(context.Background(), username)
	if errors.Is(err, errs.NotFound) == known {
		w.Fatalf("forget %q: %v, known: %t", username, err, known)
	}
	if got != int64(want) {
		w.Errorf("forgetting %q deleted %d interactions, want %d", username, got, want)
	}
}

// compare fails the test unless store, model and copies agree.
func (w *world) compare() {
	w.Helper()
	s := w.handles[w.IntN(2)]
	full := load(w.T, s, theModel)
	for _, r := range w.replicas {
		if w.IntN(3) == 0 {
			r.follow(w.T, s, theModel)
			same(w.T, full, r)
		}
	}
	posts, users, events, embeddings := w.model.view(theModel)
	w.diff("posts", posts, full.posts)
	w.diff("users", users, full.users)
	w.diff("events", events, eventList(full))
	w.diff("embeddings", embeddings, full.embeddings)
	w.counts(s, full)
	for _, name := range usernames {
		forgotten, err := s.Forgotten(context.Background(), name)
		must(w.T, err)
		w.diff("forgotten "+name, w.model.names[name] != 0, forgotten)
	}
}

func (w *world) counts(s Store, full *replica) {
	w.Helper()
	want := store.Counts{Posts: int64(len(full.posts)), Interactions: int64(len(full.events)), ByKind: map[interaction.Kind]int64{}}
	for _, name := range full.users {
		if name != "" {
			want.Users++
		}
	}
	for _, e := range full.events {
		want.ByKind[e.Kind]++
	}
	got, err := s.Counts(context.Background())
	must(w.T, err)
	w.diff("counts", want, got)

	texts := w.model.texts(theModel)
	done, queued, err := s.EmbeddingCounts(context.Background(), theModel)
	must(w.T, err)
	embeddable := 0
	for _, p := range w.model.posts {
		if !p.gone && p.post.Text() != "" {
			embeddable++
		}
	}
	w.diff("done and queued", []int64{int64(embeddable - len(texts)), int64(len(texts))}, []int64{done, queued})
	waiting, err := s.TextsToEmbed(context.Background(), theModel, 1000)
	must(w.T, err)
	w.diff("texts to embed", texts, waiting)
}

func (w *world) diff(what string, want, got any) {
	w.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		w.Errorf("%s (-model +store):\n%s", what, diff)
	}
}

// view returns what a full load should show.
func (m *model) view(model string) (posts map[int64]catalog.Features, users map[int64]string, events []string, embeddings map[int64][]float32) {
	posts, users, embeddings = map[int64]catalog.Features{}, map[int64]string{}, map[int64][]float32{}
	for id, p := range m.posts {
		if !p.gone {
			posts[id] = p.post.Features()
		}
	}
	for id, u := range m.users {
		if !u.gone {
			users[id] = u.Username
		}
	}
	for _, e := range m.events {
		if !m.users[e.user].gone {
			events = append(events, fmt.Sprint(e.user, e.post, e.kind, e.value, e.at.UnixMilli(), syncs(e.key)))
		}
	}
	slices.Sort(events)
	for k, e := range m.embeddings {
		if _, ok := posts[k.post]; ok && k.model == model {
			embeddings[k.post] = e.Vector
		}
	}
	return posts, users, events, embeddings
}

func eventList(r *replica) (events []string) {
	for e := range maps.Values(r.events) {
		events = append(events, fmt.Sprint(e.UserID, e.PostID, e.Kind, e.Value, e.At, e.Synced))
	}
	slices.Sort(events)
	return events
}

func times[T any](n int, one func() T) []T {
	all := make([]T, n)
	for i := range all {
		all[i] = one()
	}
	return all
}

func pick[T any](w *world, of ...T) T { return of[w.IntN(len(of))] }

// Small worlds make rows meet.
var usernames = []string{"ada", "bob", "o'neil \"x\"", "ünïcode 🙂", " ", "00123.abc"}

func (w *world) username() string { return pick(w, usernames...) }

func (w *world) post() catalog.Post {
	p := post(1+w.Int64N(6), w.IntN(4))
	if w.IntN(6) == 0 {
		p.Title, p.Category = "", nil // nothing to embed
	}
	return p
}

func (w *world) user() catalog.User {
	u := catalog.User{ID: 1 + w.Int64N(5), Username: w.username(), FirstName: pick(w, "", "A")}
	switch w.IntN(8) {
	case 0, 1:
		u.ID += catalog.LocalUserID - 1
	case 2:
		u.Username = ""
	}
	return u
}

func (w *world) interaction() interaction.Interaction {
	i := interaction.Interaction{
		PostID: 1 + w.Int64N(7), Kind: pick(w, interaction.View, interaction.Like), Value: interaction.NoValue, At: at(w.IntN(3)),
		Key: pick(w, "", "", "", "view:1", "view:2", "like:7", "like:x", "mine"),
	}
	if i.Kind == interaction.View {
		i.Value = w.IntN(3) - 1
	}
	if w.IntN(3) > 0 {
		i.Username = w.username()
	} else {
		i.UserID = 1 + w.Int64N(5)
	}
	return i
}

func (w *world) page() store.Page {
	p := store.Page{Endpoint: store.EndpointPosts, Number: 1 + w.IntN(3)}
	if w.IntN(2) == 0 {
		p.Posts = times(w.IntN(4), w.post)
	} else {
		p.Endpoint = store.EndpointUsers
		p.Users = times(w.IntN(4), w.user)
	}
	if w.IntN(4) == 0 {
		p.Seen = []int64{1 + w.Int64N(6)}
	}
	return p
}
