package signal

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"resonance/internal/catalog"
	"resonance/internal/collab"
	"resonance/internal/vector"
)

// world is posts and what users did with them, by ids: whatever order they are put into a
// Question in, signals must say the same.
type world struct {
	settings Settings
	posts    []catalog.Features
	late     int // how many of posts, the last, came after the fit
	vectors  map[int64][]float32
	rows     map[int64][]touchOf // by user
	ratings  map[int64][2]int    // by post: sum and number
	history  []touchOf           // of the user who asks, newest first
	user     int64
	now      int64
	unfitted bool
}

type touchOf struct {
	post   int64
	at     int64
	weight float64 // in a history
	skip   bool    // in a history: the user did not touch it
	turned int     // in a history: skips of its category since, in a row
}

// question puts the world into a Question, its posts and users in an order that shuffle decides.
func (w *world) question(t *testing.T, shuffle *rand.Rand) *Question {
	t.Helper()
	order := shuffle.Perm(len(w.posts))
	index := new(catalog.Index)
	for _, i := range order {
		index.Put(w.posts[i], 1)
	}
	ordinal := func(id int64) catalog.Ordinal {
		o, known := index.Lookup(id)
		if !known {
			t.Fatalf("there is no post %d", id)
		}
		return o
	}
	crowd := NewCrowd(w.settings, w.now-2*day)
	users := slices.Sorted(maps.Keys(w.rows))
	shuffle.Shuffle(len(users), func(i, j int) { users[i], users[j] = users[j], users[i] })
	for _, user := range users {
		var row []collab.Touch
		for _, v := range w.rows[user] {
			row = append(row, collab.Touch{Item: int32(ordinal(v.post)), At: v.at})
		}
		crowd.Put(index, user, row)
	}
	for id, r := range w.ratings {
		crowd.Rate(ordinal(id), int64(r[0]), int32(r[1]))
	}
	q := &Question{World: World{Catalog: index, Crowd: crowd, Embeddings: new(vector.Index)}, User: w.user, Now: w.now}
	if !w.unfitted {
		q.Fitted = w.fit(t, ordinal)
	}
	for o := range catalog.Ordinal(index.Cap()) {
		q.Candidates = append(q.Candidates, o)
		if v := w.vectors[index.Entry(o).ID]; v != nil {
			q.Embeddings.Put(o, v, 1)
		}
	}
	for _, h := range w.history {
		q.History = append(q.History, Touch{Post: ordinal(h.post), At: h.at, Weight: h.weight, Vector: w.vectors[h.post], Seen: !h.skip, Turned: h.turned})
	}
	return q
}

// fit learns from the rows, posts by id and users by id, as package learn does.
func (w *world) fit(t *testing.T, ordinal func(int64) catalog.Ordinal) *Fitted {
	t.Helper()
	var ids []int64
	for _, f := range w.posts[:len(w.posts)-w.late] {
		ids = append(ids, f.ID)
	}
	slices.Sort(ids)
	var posts []catalog.Ordinal
	for _, id := range ids {
		posts = append(posts, ordinal(id))
	}
	var rows [][]collab.Touch
	for _, user := range slices.Sorted(maps.Keys(w.rows)) {
		var row []collab.Touch
		for _, v := range w.rows[user] {
			if place, known := slices.BinarySearch(ids, v.post); known {
				row = append(row, collab.Touch{Item: int32(place), At: v.at})
			}
		}
		rows = append(rows, row)
	}
	data, err := collab.NewData(len(ids), rows)
	if err != nil {
		t.Fatal(err)
	}
	fitted, err := Fit(t.Context(), data, posts, w.settings, nil)
	if err != nil {
		t.Fatal(err)
	}
	return fitted
}

func named(t *testing.T, name string) Signal {
	t.Helper()
	i := slices.IndexFunc(All(), func(s Signal) bool { return s.Name == name })
	if i < 0 {
		t.Fatalf("there is no signal %q", name)
	}
	return All()[i]
}

// measured returns what a signal says, by post.
func measured(q *Question, s Signal) map[int64]float64 {
	out := make([]float64, len(q.Candidates))
	for i := range out {
		out[i] = math.NaN() // Ask must overwrite it
	}
	q.Prepare()
	q.Ask(s, out)
	byPost := map[int64]float64{}
	for i, v := range out {
		byPost[q.Catalog.Entry(q.Candidates[i]).ID] = v
	}
	return byPost
}

// inOrder shuffles nothing that matters.
func inOrder() *rand.Rand { return rand.New(rand.NewPCG(0, 0)) }

// wild is a world of random posts, users and times with many ties among them, odd counters, posts
// without embedding, author or category, and posts that came after the fit.
func wild(seed uint64) *world {
	r := rand.New(rand.NewPCG(seed, 4))
	w := &world{settings: DefaultSettings(), vectors: map[int64][]float32{}, rows: map[int64][]touchOf{}, ratings: map[int64][2]int{}, now: 40 * day, late: 3}
	odd := func() int64 { return []int64{0, 0, 1, 7, -5, 1 << 40, math.MaxInt64, math.MinInt64}[r.IntN(8)] }
	for id := range int64(30) {
		f := catalog.Features{ID: 500 - id, CreatedAt: r.Int64N(20) * 2 * day, Public: true}
		f.Author = []string{"", "ann", "bob", "eve"}[r.IntN(4)]
		f.Category = []string{"", "Bread", "Stars"}[r.IntN(3)]
		f.Counters = catalog.Counters{Upvotes: odd(), Views: odd(), Comments: odd(), Shares: odd(), Bookmarks: odd(), AverageRating: r.Int64N(201) - 100}
		w.posts = append(w.posts, f)
		if v := []float32{float32(r.NormFloat64()), float32(r.NormFloat64()), float32(r.NormFloat64())}; r.IntN(5) > 0 && vector.Normalise(v) {
			w.vectors[f.ID] = v
		}
		if n := r.IntN(4); n > 0 {
			w.ratings[f.ID] = [2]int{n * (1 + r.IntN(100)), n}
		}
	}
	for user := range int64(12) {
		w.rows[user+1] = w.touches(r, r.IntN(9))
	}
	w.user = r.Int64N(14) // at times one of them, at times nobody
	for i, h := range w.touches(r, 8) {
		h.weight, h.skip, h.turned = []float64{1, 3, -1, 0}[r.IntN(4)], r.IntN(4) == 0, max(0, r.IntN(6)-3)
		h.at = w.now - int64(i/2)*day
		w.history = append(w.history, h)
	}
	return w
}

// touches returns touches of n different posts, ordered by time, then by id.
func (w *world) touches(r *rand.Rand, n int) (touches []touchOf) {
	for _, i := range r.Perm(len(w.posts))[:n] {
		touches = append(touches, touchOf{post: w.posts[i].ID, at: 30*day + r.Int64N(5)*day})
	}
	slices.SortFunc(touches, func(a, b touchOf) int {
		if a.at != b.at {
			return int((a.at - b.at) / day)
		}
		return int(a.post - b.post)
	})
	return touches
}

// worlds calls check with many worlds, odd ones among them.
func worlds(t *testing.T, check func(t *testing.T, w *world)) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { check(t, wild(seed)) })
	}
	shapes := map[string]func(w *world){
		"no history":       func(w *world) { w.history = nil },
		"nothing fitted":   func(w *world) { w.unfitted = true },
		"nobody did a bit": func(w *world) { w.rows, w.ratings = nil, nil },
		"nobody at all":    func(w *world) { w.rows, w.ratings, w.history = nil, nil, nil },
		"all came after the fit": func(w *world) {
			w.late = len(w.posts)
		},
		"only dislikes": func(w *world) {
			for i := range w.history {
				w.history[i].weight, w.history[i].skip = -1, true
			}
		},
		"no embeddings": func(w *world) { w.vectors = nil },
		"one post": func(w *world) {
			w.posts, w.late, w.rows, w.history, w.ratings = w.posts[:1], 0, nil, nil, nil
		},
		"posts all alike": func(w *world) {
			for i, f := range w.posts {
				w.posts[i] = catalog.Features{ID: f.ID, Public: true}
				w.vectors[f.ID] = []float32{1, 0, 0}
			}
			w.rows, w.ratings, w.history = nil, nil, nil
		},
		"nothing ever fades": func(w *world) {
			w.settings.PopularDays, w.settings.BuzzDays, w.settings.TransitionDays = 0, 0, 0
			w.settings.EASEMemory, w.settings.HistoryMemory, w.settings.TasteMemory, w.settings.AffinityMemory = 0, 0, 0, 0
		},
		"long ago": func(w *world) { w.shift(-1000 * 365 * day) },
	}
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			w := wild(99)
			shape(w)
			check(t, w)
		})
	}
}

// shift moves all times.
func (w *world) shift(by int64) {
	w.now += by
	for i := range w.posts {
		w.posts[i].CreatedAt += by
	}
	for _, row := range w.rows {
		for i := range row {
			row[i].at += by
		}
	}
	for i := range w.history {
		w.history[i].at += by
	}
}
