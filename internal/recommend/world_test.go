package recommend

import (
	"context"
	"math"
	"slices"
	"testing"
	"time"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
	"resonance/internal/profile"
	"resonance/internal/replica"
	"resonance/internal/rerank"
	"resonance/internal/store"
	"resonance/internal/vector"
)

// world is a small store: posts, users and events that are only ever added. It gives all of
// them at every change, in the order they were added.
type world struct {
	posts      []catalog.Post
	users      []store.UserChange
	events     []store.EventChange
	embeddings map[int64][]float32
	seq        int64
	err        error // of every call, when not nil
}

const clock = 1_700_000_000_000 // epoch milliseconds, of the newest post and the wall clock

const day = 24 * 60 * 60 * 1000

func newWorld() *world { return &world{embeddings: map[int64][]float32{}} }

// add adds a public post that is ageDays old, and returns it to be changed.
func (w *world) add(id int64, ageDays int, embedding []float32) *catalog.Post {
	w.seq++
	w.posts = append(w.posts, catalog.Post{ID: id, Public: true, CreatedAt: time.UnixMilli(clock - int64(ageDays)*day)})
	if embedding != nil {
		w.embeddings[id] = embedding
	}
	return &w.posts[len(w.posts)-1]
}

// did records that a user did something with posts, one second after the other.
func (w *world) did(username string, kind interaction.Kind, posts ...int64) {
	for _, post := range posts {
		w.event(username, store.EventChange{
			PostID: post, Kind: kind, Value: interaction.NoValue, At: clock - 9*day + int64(len(w.events))*1000, Synced: true,
		})
	}
}

func (w *world) event(username string, e store.EventChange) {
	w.seq++
	i := slices.IndexFunc(w.users, func(u store.UserChange) bool { return u.Username == username })
	if i < 0 {
		i = len(w.users)
		w.users = append(w.users, store.UserChange{ID: int64(i + 1), Username: username})
	}
	e.Row, e.UserID = int64(len(w.events)+1), w.users[i].ID
	w.events = append(w.events, e)
}

// Sequence implements replica.Source.
func (w *world) Sequence(context.Context) (int64, error) { return w.seq, w.err }

// either returns visit, or ignore where that is nil: nothing is visited.
func either[T any](visit, ignore func(T) error) func(T) error {
	if visit == nil {
		return ignore
	}
	return visit
}

// Changes implements replica.Source.
func (w *world) Changes(_ context.Context, _ int64, _ string, v store.ChangeVisitor) (int64, error) {
	ignore := store.ChangeVisitor{
		User: func(store.UserChange) error { return nil }, Post: func(store.PostChange) error { return nil },
		Event: func(store.EventChange) error { return nil }, Embedding: func(store.EmbeddingChange) error { return nil },
	}
	v = store.ChangeVisitor{
		User: either(v.User, ignore.User), Post: either(v.Post, ignore.Post),
		Event: either(v.Event, ignore.Event), Embedding: either(v.Embedding, ignore.Embedding),
	}
	for _, u := range w.users {
		if err := v.User(u); err != nil {
			return 0, err
		}
	}
	for i := range w.posts {
		if err := v.Post(store.PostChange{Features: w.posts[i].Features(), Seq: w.seq}); err != nil {
			return 0, err
		}
	}
	for _, e := range w.events {
		if err := v.Event(e); err != nil {
			return 0, err
		}
	}
	for _, p := range w.posts {
		if vector := w.embeddings[p.ID]; vector != nil {
			if err := v.Embedding(store.EmbeddingChange{PostID: p.ID, Vector: vector, Seq: w.seq}); err != nil {
				return 0, err
			}
		}
	}
	return w.seq, w.err
}

// Posts implements replica.Source.
func (w *world) Posts(_ context.Context, ids []int64) (posts []catalog.Post, err error) {
	for _, id := range ids {
		if i := slices.IndexFunc(w.posts, func(p catalog.Post) bool { return p.ID == id }); i >= 0 {
			posts = append(posts, w.posts[i])
		}
	}
	return posts, w.err
}

// GetMany implements replica.Embeddings.
func (w *world) GetMany(_ context.Context, dst [][]float32, ids, versions []int64) ([][]float32, error) {
	dst = dst[:0]
	for i, id := range ids {
		if versions[i] == 0 {
			dst = append(dst, nil)
			continue
		}
		dst = append(dst, w.embeddings[id])
	}
	return dst, w.err
}

func (w *world) replica(t testing.TB) *replica.Replica {
	t.Helper()
	r, err := replica.New(w, w, "test", func() time.Time { return time.UnixMilli(clock) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

// feed returns the answer of a new engine.
func (w *world) feed(t testing.TB, request Request) Feed {
	t.Helper()
	return feed(t, New(w.replica(t)), request)
}

// feed returns the answer of e and checks what holds for every feed.
func feed(t testing.TB, e *Engine, request Request) Feed {
	t.Helper()
	answer, err := e.Feed(context.Background(), request)
	if err != nil {
		t.Fatalf("%+v: %v", request, err)
	}
	if answer.Items == nil || len(answer.Items) > request.TopK {
		t.Errorf("%+v: %d items, nil: %t", request, len(answer.Items), answer.Items == nil)
	}
	seen, explored, before := map[int64]bool{}, 0, math.Inf(1)
	for place, item := range answer.Items {
		var sum float64
		for _, part := range item.Parts {
			sum += part.Value
			if part.Name == rerank.Exploration {
				explored++
			}
		}
		if sum != item.Score || math.IsNaN(sum) || math.IsInf(sum, 0) {
			t.Errorf("%+v: post %d has the score %g, its parts add up to %g", request, item.Post.ID, item.Score, sum)
		}
		if seen[item.Post.ID] {
			t.Errorf("%+v: post %d comes twice", request, item.Post.ID)
		}
		seen[item.Post.ID] = true
		if item.Score > before+1e-9 {
			t.Errorf("%+v: place %d has the score %g, the one before %g", request, place, item.Score, before)
		}
		before = item.Score
	}
	if explored > len(answer.Items)/10 {
		t.Errorf("%+v: %d of %d places are explored", request, explored, len(answer.Items))
	}
	checkReasons(t, e, request, answer)
	return answer
}

// checkReasons checks that every item has reasons, and that what they name exists and has to do
// with user or post.
func checkReasons(t testing.TB, e *Engine, request Request, answer Feed) {
	t.Helper()
	err := e.replica.Read(context.Background(), func(view replica.View) error {
		p := profile.Of(view.Log.History(request.Username), view.Log.RatingScale())
		for _, item := range answer.Items {
			if len(item.Reasons) == 0 || len(item.Reasons) > mostReasons {
				t.Errorf("%+v: post %d has %d reasons", request, item.Post.ID, len(item.Reasons))
			}
			kinds := map[ReasonKind]bool{}
			for _, r := range item.Reasons {
				o, known := view.Catalog.Lookup(r.PostID)
				touched := r.PostID == 0 || known && !view.Catalog.Entry(o).Gone && p.Touch(r.PostID).Seen
				category := r.Category == "" || item.Post.Category != nil && item.Post.Category.Name == r.Category
				if kinds[r.Kind] || !touched || !category || r.Author != "" && r.Author != item.Post.Owner.Username || r.PostID == item.Post.ID {
					t.Errorf("%+v: post %d has the reason %+v", request, item.Post.ID, r)
				}
				if named := r.PostID != 0 || r.Author != "" || r.Category != ""; !named && needsName(r.Kind) {
					t.Errorf("%+v: post %d has the reason %+v, which names nothing", request, item.Post.ID, r)
				}
				if r.Kind == BecauseLiked && p.Touch(r.PostID).Weight < interaction.Like.Weight() && !p.Touch(r.PostID).Liked {
					t.Errorf("%+v: post %d is there because the user liked post %d", request, item.Post.ID, r.PostID)
				}
				kinds[r.Kind] = true
			}
			if again := p.Touch(item.Post.ID).Seen; again != kinds[SeenBefore] {
				t.Errorf("%+v: post %d was seen: %t, reasons %+v", request, item.Post.ID, again, item.Reasons)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func needsName(kind ReasonKind) bool {
	return slices.Contains([]ReasonKind{BecauseLiked, BecauseWatched, WatchedNext, FromAuthor, InCategory}, kind)
}

func ids(f Feed) []int64 {
	ids := []int64{}
	for _, item := range f.Items {
		ids = append(ids, item.Post.ID)
	}
	return ids
}

// axis returns the unit vector of a theme: of eight dimensions, leaning a little to the next.
func axis(theme int, lean float32) []float32 {
	v := make([]float32, 8)
	v[theme] = 1
	v[(theme+1)%8] = lean
	vector.Normalise(v)
	return v
}
