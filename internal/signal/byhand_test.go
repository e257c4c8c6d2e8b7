package signal

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"resonance/internal/catalog"
	"resonance/internal/collab"
	"resonance/internal/vector"
)

// village is six posts, 100 to 95, a day apart, of two categories and three authors, and what four
// users did: three went from post 100 on day 3 to 99 on day 5, one from 98 on day 4 to 97 on day 5;
// nobody touched 96 and 95. It is day 6.
func village() *world {
	w := &world{settings: DefaultSettings(), vectors: map[int64][]float32{}, rows: map[int64][]touchOf{}, now: 6 * day}
	w.settings.PopularDays, w.settings.BuzzDays, w.settings.TransitionDays, w.settings.AffinityMemory = 1, .5, 1, 1
	for i := range int64(6) {
		w.posts = append(w.posts, catalog.Features{
			ID: 100 - i, CreatedAt: i * day, Category: []string{"Bread", "Stars"}[i%2], Author: []string{"ann", "bob", "eve"}[i%3], Public: true,
		})
		angle := float64(i) * math.Pi / 6
		w.vectors[100-i] = plane(math.Cos(angle), math.Sin(angle))
	}
	for user := range int64(3) {
		w.rows[user+1] = []touchOf{{post: 100, at: 3 * day}, {post: 99, at: 5 * day}}
	}
	w.rows[4] = []touchOf{{post: 98, at: 4 * day}, {post: 97, at: 5 * day}}
	w.ratings = map[int64][2]int{99: {180, 2}, 98: {10, 1}}
	return w
}

// plane returns the point (x, y) of a plane that lies slantwise in a space of as many dimensions as embeddings have.
func plane(x, y float64) []float32 {
	v := make([]float32, 384)
	for i := range v {
		sin, cos := math.Sincos(2 * math.Pi * 5 * float64(i) / 384)
		v[i] = float32((x*cos + y*sin) / math.Sqrt(192))
	}
	return v
}

// was returns a history of posts, newest first, each with the weight of a plain view.
func was(posts ...int64) (history []touchOf) {
	for _, id := range posts {
		history = append(history, touchOf{post: id, at: 6 * day, weight: 1})
	}
	return history
}

func TestByHand(t *testing.T) {
	half, pow, log := func(n float64) float64 { return math.Exp2(-n) }, math.Pow, math.Log
	cos := func(steps float64) float64 { return math.Cos(steps * math.Pi / 6) }
	near := func(days float64) float64 { return 1 / (1 + days) }
	second := half(1. / 5) // the weight of the second position at a memory of five
	between := []float32{float32(math.Cos(math.Pi/6) * 3), float32(math.Sin(math.Pi/6) * 3)}
	between[1] += 4 * float32(second) // three times post 99 and, before it, four times 97
	norm := math.Hypot(float64(between[0]), float64(between[1]))
	skipped := touchOf{post: 97, weight: -1, skip: true}

	tests := []struct {
		signal, name string
		shape        func(w *world)
		history      []touchOf
		want         [6]float64 // of the posts 100 to 95
	}{
		// Gram matrix [[3 3] [3 3]] and [[1 1] [1 1]], ridge 50: B = 3/53, 1/51.
		{signal: "ease", history: was(100), want: [6]float64{0, 3. / 53, 0, 0, 0, 0}},
		{signal: "ease", name: "the second counts less", history: was(100, 97), want: [6]float64{0, 3. / 53, second / 51, 0, 0, 0}},
		{signal: "ease", name: "what was skipped is no touch", history: []touchOf{skipped}},
		// Cosines 3/(3 + 5) and 1/(1 + 5), shrunk by 5.
		{signal: "neighbours", history: was(100, 97), want: [6]float64{0, 3. / 8, second / 6, 0, 0, 0}},
		{signal: "neighbours", name: "what was skipped is no touch", history: []touchOf{skipped}},
		// From post 100 to each of its three users (1/3)^.6, from each to two posts (1/2)^.6, which have three users: 3^-.4.
		{signal: "walk", history: was(100), want: [6]float64{half(.6), half(.6), 0, 0, 0, 0}},
		{signal: "walk", name: "past oneself", shape: func(w *world) { w.user = 2 }, history: was(100), want: [6]float64{2. / 3 * half(.6), 2. / 3 * half(.6), 0, 0, 0, 0}},
		{signal: "walk", name: "alone with it", shape: func(w *world) { w.user = 4 }, history: was(98)},
		// Three transitions that came a half-life ago: 1.5 over 1 + 1.5; one: .5 over 1 + .5.
		{signal: "transitions", history: was(100), want: [6]float64{0, 1.5 / pow(2.5, .5), 0, 0, 0, 0}},
		{signal: "transitions", name: "the second counts less", history: was(99, 98), want: [6]float64{0, 0, 0, .8 * .5 / pow(1.5, .5), 0, 0}},
		{signal: "transitions", name: "what was skipped is no place", history: append([]touchOf{skipped}, was(98)...), want: [6]float64{0, 0, 0, .5 / pow(1.5, .5), 0, 0}},
		{signal: "transitions", name: "two days later", shape: func(w *world) { w.now += 2 * day }, history: was(100), want: [6]float64{0, .375 / pow(1.375, .5), 0, 0, 0, 0}},

		{signal: "next", history: was(100), want: [6]float64{0, 1.5 / pow(2.5, .5), 0, 0, 0, 0}},
		{signal: "next", name: "the second counts less", history: was(99, 98), want: [6]float64{0, 0, 0, .6 * .5 / pow(1.5, .5), 0, 0}},
		// From post 96 one step to 95 on day 2, two to 98 on day 3, three to 97 on day 4, and no further.
		{
			signal: "next", name: "three steps ahead", history: was(96), shape: func(w *world) {
				w.rows[5] = []touchOf{{post: 96, at: day}, {post: 95, at: 2 * day}, {post: 98, at: 3 * day}, {post: 97, at: 4 * day}, {post: 99, at: 5 * day}}
			},
			want: [6]float64{0, 0, 1. / 16 / pow(1+5./24, .5), 1. / 12 / pow(1+5./24, .5), 0, 1. / 16 / pow(1+5./24, .5)},
		},

		{signal: "taste", history: was(98), want: [6]float64{cos(2), cos(1), 1, cos(1), cos(2), cos(3)}},
		{
			signal: "taste", name: "weighted by liking and recency", history: []touchOf{{post: 99, weight: 3}, {post: 97, weight: 4}},
			want: [6]float64{
				float64(between[0]) / norm, (float64(between[0])*cos(1) + float64(between[1])*cos(2)) / norm,
				(float64(between[0])*cos(2) + float64(between[1])*cos(1)) / norm, float64(between[1]) / norm,
				(float64(between[0])*cos(4) + float64(between[1])*cos(1)) / norm, (float64(between[0])*cos(5) + float64(between[1])*cos(2)) / norm,
			},
		},
		{signal: "taste", name: "a dislike pushes away", history: []touchOf{skipped}, want: [6]float64{0, -cos(2), -cos(1), -1, -cos(1), -cos(2)}},
		{
			signal: "taste", name: "opposites cancel", shape: func(w *world) { w.settings.TasteMemory, w.vectors[95] = 0, plane(-1, 0) }, history: was(100, 95),
		},
		{
			signal: "taste", name: "of another dimension", history: was(98), shape: func(w *world) { w.vectors[95] = []float32{1} },
			want: [6]float64{cos(2), cos(1), 1, cos(1), cos(2), 0},
		},
		{
			signal: "taste", name: "a history of two dimensions", history: was(98, 95), shape: func(w *world) { w.vectors[95] = []float32{1} },
			want: [6]float64{cos(2), cos(1), 1, cos(1), cos(2), 0},
		},
		// Skipped twice since, a post of weight 4 counts as one of weight 1.
		{
			signal: "taste", name: "standing", shape: func(w *world) { w.settings.TasteMemory = 0 },
			history: []touchOf{{post: 100, weight: 1}, {post: 97, weight: 4, turned: 2}},
			want:    [6]float64{math.Sqrt(.5), cos(1.5 - 1), cos(1.5 - 2), math.Sqrt(.5), cos(4 - 1.5), cos(5 - 1.5)},
		},
		{signal: "ease", name: "standing", history: []touchOf{{post: 100, weight: 1, turned: 1}}, want: [6]float64{0, 1.5 / 53, 0, 0, 0, 0}},
		{signal: "transitions", name: "standing", history: []touchOf{{post: 100, weight: 1, turned: 1}}, want: [6]float64{0, .75 / pow(2.5, .5), 0, 0, 0, 0}},
		{
			signal: "category", name: "standing", history: []touchOf{skipped, {post: 99, weight: 1, turned: 1}},
			want: [6]float64{.25 / 2, (-1 + .25 + .25) / 2, .25 / 2, (-1 + .25 + .25) / 2, .25 / 2, (-1 + .25 + .25) / 2},
		},
		{signal: "recent", history: was(100, 95), want: [6]float64{1, cos(1), cos(2), cos(2), cos(1), 1}},
		{signal: "recent", name: "a dislike is no interest", history: append([]touchOf{skipped}, was(100)...), want: [6]float64{1, cos(1), cos(2), cos(3), cos(4), cos(5)}},
		{signal: "recent", name: "the last three", history: was(99, 99, 99, 95), want: [6]float64{cos(1), 1, cos(1), cos(2), cos(3), cos(4)}},
		{
			signal: "recent", name: "of another dimension", history: was(98), shape: func(w *world) { w.vectors[95] = []float32{1} },
			want: [6]float64{cos(2), cos(1), 1, cos(1), cos(2), 0},
		},

		{signal: "popularity", want: [6]float64{3 * half(3), 3 * half(1), half(2), half(1), 0, 0}},
		{signal: "popularity", name: "that never fades", shape: func(w *world) { w.settings.PopularDays = 0 }, want: [6]float64{3, 3, 1, 1, 0, 0}},
		{signal: "buzz", want: [6]float64{3 * half(6), 3 * half(2), half(4), half(2), 0, 0}},
		{signal: "freshness", want: [6]float64{half(5), half(4), half(3), half(2), half(1), 1}},
		{
			signal: "freshness", name: "dated ahead", shape: func(w *world) { w.posts[0].CreatedAt, w.posts[1].CreatedAt = 1e6*day, 6*day },
			want: [6]float64{1, 1, half(4), half(3), half(2), half(1)},
		},
		// 190/3 is everyone's mean of three ratings.
		{signal: "quality", want: [6]float64{190. / 3, (180 + 1900./3) / 12, (10 + 1900./3) / 11, 190. / 3, 190. / 3, 190. / 3}},
		{signal: "quality", name: "without a rating", shape: func(w *world) { w.ratings = nil }},
		{
			signal: "engagement", shape: func(w *world) {
				w.posts[0].Counters = catalog.Counters{Upvotes: 9, Views: 99, Comments: 1, Shares: 2, Bookmarks: 4, AverageRating: 50}
				w.posts[1].Counters = catalog.Counters{AverageRating: -100}
				w.posts[2].Counters = catalog.Counters{Upvotes: -3, Views: -1, Comments: -9, Shares: 1}
			},
			want: [6]float64{log(10) + log(100)/2 + log(8) + 1, -2, log(2), 0, 0, 0},
		},

		// Half of all touches are of either category; a history of one.
		{signal: "category", history: was(100), want: [6]float64{1.25 / 1.5, .25 / 1.5, 1.25 / 1.5, .25 / 1.5, 1.25 / 1.5, .25 / 1.5}},
		{signal: "category", name: "without history", want: [6]float64{.5, .5, .5, .5, .5, .5}},
		{signal: "category", name: "a dislike", history: append([]touchOf{skipped}, was(100)...), want: [6]float64{.75 / 2, -.75 / 2, .75 / 2, -.75 / 2, .75 / 2, -.75 / 2}},
		{signal: "category", name: "a skip that a touch follows", history: append(was(99), skipped), want: [6]float64{.25 / 2, 1.25 / 2, .25 / 2, 1.25 / 2, .25 / 2, 1.25 / 2}},
		{
			signal: "category", name: "a low rating that a touch follows", history: append(was(99), touchOf{post: 97, weight: -1}),
			want: [6]float64{.25 / 2, .75 / 2, .25 / 2, .75 / 2, .25 / 2, .75 / 2},
		},
		// Authors have 4, 3 and 1 of eight touches.
		{signal: "author", history: was(96), want: [6]float64{.25 / 1.5, (1 + .1875) / 1.5, .0625 / 1.5, .25 / 1.5, (1 + .1875) / 1.5, .0625 / 1.5}},
		{
			signal: "author", name: "a dislike", history: []touchOf{{post: 96, weight: -1, skip: true}},
			want: [6]float64{.25 / 1.5, (-1 + .1875) / 1.5, .0625 / 1.5, .25 / 1.5, (-1 + .1875) / 1.5, .0625 / 1.5},
		},
		{
			signal: "author", name: "a skip that a touch follows", history: append(was(100), skipped),
			want: [6]float64{1.25 / 2, .1875 / 2, .0625 / 2, 1.25 / 2, .1875 / 2, .0625 / 2},
		},
		{
			signal: "nearness", history: append([]touchOf{skipped}, was(95, 97)...),
			want: [6]float64{near(5) + .7*near(3), near(4) + .7*near(2), near(3) + .7*near(1), near(2) + .7, near(1) + .7*near(1), 1 + .7*near(2)},
		},
		{
			signal: "nearness", name: "the last five", history: was(100, 100, 100, 100, 100, 95),
			want: func() (want [6]float64) {
				for i := range want {
					want[i] = near(float64(i)) * (1 + .7 + .49 + .343 + .2401)
				}
				return want
			}(),
		},
	}
	for _, test := range tests {
		t.Run(test.signal+" "+test.name, func(t *testing.T) {
			w := village()
			if test.shape != nil {
				test.shape(w)
			}
			w.history = test.history
			want := map[int64]float64{}
			for i, v := range test.want {
				want[100-int64(i)] = v
			}
			got, margin := measured(w.question(t, inOrder()), named(t, test.signal)), 1e-6
			if named(t, test.signal).Family == Content { // embeddings are compared in bytes
				margin = .001
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0, margin)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	for _, s := range All() {
		tried := s.Name == "factors" // see TestFactors
		for _, test := range tests {
			tried = tried || test.signal == s.Name
		}
		if !tried {
			t.Errorf("%s has no case", s.Name)
		}
	}
}

// factors says, to the last bit, what collab.IALS says of the history folded in.
func TestFactors(t *testing.T) {
	w := village()
	w.history = append(was(97), touchOf{post: 96, weight: -1, skip: true}, was(100)[0])
	var rows [][]collab.Touch // the places of ids that ascend: post 95 is item 0
	for user := range int64(4) {
		var row []collab.Touch
		for _, v := range w.rows[user+1] {
			row = append(row, collab.Touch{Item: int32(v.post - 95), At: v.at})
		}
		rows = append(rows, row)
	}
	data, err := collab.NewData(6, rows)
	if err != nil {
		t.Fatal(err)
	}
	s := w.settings
	model, err := collab.FitIALS(t.Context(), data, collab.IALSParams{Factors: s.Factors, Regularisation: s.Regularisation, Alpha: s.Alpha, Iterations: 15})
	if err != nil {
		t.Fatal(err)
	}
	scores := make([]float64, 6)
	model.Score([]collab.Weighted{{Item: 2, Weight: 1}, {Item: 5, Weight: 1}}, scores, new(collab.Scratch))
	want := map[int64]float64{}
	for place, v := range scores {
		want[int64(place)+95] = v
	}
	if diff := cmp.Diff(want, measured(w.question(t, inOrder()), named(t, "factors"))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What everyone did after a post leads, by each signal that learns from others.
func TestWhatOthersDidLeads(t *testing.T) {
	w := village()
	w.history = was(100)
	q := w.question(t, inOrder())
	for _, s := range All() {
		if s.Family != Others {
			continue
		}
		got := measured(q, s)
		for id := int64(95); id < 99; id++ {
			if got[99] <= got[id] {
				t.Errorf("%s: post 99, on which everyone went from post 100, has %g and post %d has %g", s.Name, got[99], id, got[id])
			}
		}
	}
}

// Without embeddings, or with such as cancel each other out, nothing is known of a taste.
func TestUserEmbedding(t *testing.T) {
	east, north, west := []float32{1, 0}, []float32{0, 1}, []float32{-1, 0}
	tests := map[string]struct {
		weights    []float64
		embeddings [][]float32
		want       []float32
	}{
		"no history":               {nil, nil, nil},
		"no embeddings yet":        {[]float64{1, 2}, [][]float32{nil, nil}, nil},
		"one":                      {[]float64{.01}, [][]float32{north}, []float32{0, 1}},
		"weighted three to four":   {[]float64{3, 4}, [][]float32{east, north}, []float32{.6, .8}},
		"one has none yet":         {[]float64{9, 4, 3}, [][]float32{nil, north, east}, []float32{.6, .8}},
		"only a dislike":           {[]float64{-1}, [][]float32{east}, []float32{-1, 0}},
		"a dislike pushes away":    {[]float64{4, -3}, [][]float32{north, east}, []float32{-.6, .8}},
		"opposites cancel":         {[]float64{2, 2}, [][]float32{east, west}, nil},
		"liked and disliked alike": {[]float64{1, -1}, [][]float32{east, east}, nil},
		"zero vectors":             {[]float64{1, 1}, [][]float32{{0, 0}, {0, 0}}, nil},
		"empty vectors":            {[]float64{1}, [][]float32{{}}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			settings := DefaultSettings()
			settings.TasteMemory = 0
			q := &Question{World: World{Crowd: NewCrowd(settings, 0)}}
			for i, w := range test.weights {
				q.History = append(q.History, Touch{Weight: w, Vector: test.embeddings[i]})
			}
			if diff := cmp.Diff(test.want, q.UserEmbedding(), cmpopts.EquateApprox(0, 1e-6)); diff != "" {
				t.Errorf("user embedding (-want +got):\n%s", diff)
			}
		})
	}
	if diff := cmp.Diff([][]float32{{1, 0}, {0, 1}, {-1, 0}}, [][]float32{east, north, west}); diff != "" {
		t.Errorf("the posts' embeddings changed (-want +got):\n%s", diff)
	}
}

// The memory of taste counts positions, not days: the newest of two equal likes is nearer by
// 2^(1/5), whenever they were.
func TestRecentTasteLeads(t *testing.T) {
	w := village()
	w.history = was(97, 100)
	for range 2 {
		u := w.question(t, inOrder()).UserEmbedding()
		if ratio := float64(vector.Dot(u, plane(0, 1)) / vector.Dot(u, plane(1, 0))); math.Abs(ratio-math.Exp2(1./5)) > 1e-6 {
			t.Errorf("newest to oldest is %g, want 2^(1/5)", ratio)
		}
		w.history[1].at -= 1000 * day
	}
}
