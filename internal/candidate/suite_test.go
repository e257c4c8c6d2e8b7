package candidate

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"resonance/internal/catalog"
)

// subject is a generator under the suite that every generator passes.
type subject struct {
	make    func(*world) Generator
	opinion func(w *world, user []float32, o catalog.Ordinal) bool // whether it can name the post at all
	exact   bool                                                   // it names no more than Limit
}

func always(*world, []float32, catalog.Ordinal) bool { return true }

func top(value func(w *world, id int64) float64) func(*world) Generator {
	return func(w *world) Generator {
		return Top{Value: func(o catalog.Ordinal) float64 { return value(w, w.id(o)) }}
	}
}

// subjects lists every generator: a new one is added here and passes what follows.
func subjects() map[string]subject {
	return map[string]subject{
		"everything": {make: func(*world) Generator { return Everything{} }, opinion: always},
		"content": {
			make: func(w *world) Generator { return Content{Vectors: &w.vectors} },
			opinion: func(w *world, user []float32, o catalog.Ordinal) bool {
				return user != nil && w.vectors.Version(o) != 0
			},
			exact: true,
		},
		"reached": {
			make:    func(w *world) Generator { return reached(w) },
			opinion: func(w *world, _ []float32, o catalog.Ordinal) bool { return w.id(o)%3 == 0 && w.value[w.id(o)] > 1 },
			exact:   true,
		},
		"newest": {make: newest(nil), opinion: always, exact: true},
		"newest of some": {
			make:    newest(func(e *catalog.Entry) bool { return e.ID%2 == 1 }),
			opinion: func(w *world, _ []float32, o catalog.Ordinal) bool { return w.id(o)%2 == 1 }, exact: true,
		},
		"around": {
			make: func(w *world) Generator {
				w.catalog.Settle(-1)
				return Around{At: 4}
			},
			opinion: always, exact: true,
		},
		"authored": {
			make: func(w *world) Generator {
				author, _ := w.catalog.Authors.Lookup("ann")
				return Authored{Author: author}
			},
			opinion: func(w *world, _ []float32, o catalog.Ordinal) bool {
				return w.catalog.Authors.Text(w.catalog.Entry(o).Author) == "ann"
			},
			exact: true,
		},
		"top":               {make: top(func(w *world, id int64) float64 { return w.value[id] }), opinion: always, exact: true},
		"top of equals":     {make: top(func(*world, int64) float64 { return 1 }), opinion: always, exact: true},
		"top of infinities": {make: top(func(_ *world, id int64) float64 { return math.Inf(int(id%2) - 1) }), opinion: always, exact: true},
		"top of no numbers": {make: top(func(*world, int64) float64 { return math.NaN() }), opinion: always, exact: true},
	}
}

// reached gives every third post a value, some of them a negative one.
func reached(w *world) (r Reached) {
	for o := range int32(w.catalog.Cap()) {
		if id := w.id(catalog.Ordinal(o)); id%3 == 0 {
			r.Posts, r.Values = append(r.Posts, o), append(r.Values, w.value[id]-1)
		}
	}
	return r
}

// newest orders the world first, as a replica orders large ones.
func newest(is func(*catalog.Entry) bool) func(*world) Generator {
	return func(w *world) Generator {
		w.catalog.Settle(-1)
		return Newest{Is: is}
	}
}

// setting is a question put to a generator.
type setting struct {
	posts   []post
	project string
	user    []float32
	limit   int
}

func (s setting) ask(g Generator, w *world) []catalog.Ordinal {
	return g.Generate(w.query(s.project, s.user, s.limit))
}

// suite runs check for every generator over random worlds, projects, users and limits.
func suite(t *testing.T, check func(t *testing.T, s subject, w *world, ask setting)) {
	for name, s := range subjects() {
		t.Run(name, func(t *testing.T) {
			for _, n := range []int{0, 1, 2, 7, 60, 120} {
				posts := randomPosts(rand.New(rand.NewPCG(uint64(n), 6)), n)
				w := newWorld(posts)
				for _, project := range []string{"", "a", "unknown"} {
					for _, user := range [][]float32{nil, theme(3)} {
						for _, limit := range []int{0, 1, 2, 10, 1000} {
							check(t, s, w, setting{posts, project, user, limit})
							if t.Failed() {
								t.Fatalf("%d posts, project %q, user %t, limit %d", n, project, user != nil, limit)
							}
						}
					}
				}
			}
		})
	}
}

func TestGeneratorsKeepTheirBounds(t *testing.T) {
	suite(t, func(t *testing.T, s subject, w *world, ask setting) {
		q := w.query(ask.project, ask.user, ask.limit)
		before := slices.Clone(q.Scope.Ordinals())
		named := s.make(w).Generate(q)
		for _, o := range named {
			if !q.Scope.Contains(o) || !q.Allowed(o) {
				t.Errorf("named post %d, in scope: %t, allowed: %t", w.id(o), q.Scope.Contains(o), q.Allowed(o))
			}
		}
		if ids := w.ids(named); len(slices.Compact(ids)) != len(named) {
			t.Errorf("a post is named twice: %v", w.ids(named))
		}
		possible := 0
		for _, o := range q.Scope.Ordinals() {
			if q.Allowed(o) && s.opinion(w, q.UserEmbedding, o) {
				possible++
			}
		}
		if least := min(possible, q.Limit); len(named) < least || s.exact && len(named) > least {
			t.Errorf("named %d of %d possible posts", len(named), possible)
		}
		if diff := cmp.Diff(before, q.Scope.Ordinals(), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("the scope was changed (-before +after):\n%s", diff)
		}
	})
}

func TestGeneratorsAreDeterministic(t *testing.T) {
	suite(t, func(t *testing.T, s subject, w *world, ask setting) {
		g := s.make(w)
		first := ask.ask(g, w)
		want := w.ids(first)
		clear(first) // what a caller does with the answer must not come back
		if diff := cmp.Diff(want, w.ids(ask.ask(g, w))); diff != "" {
			t.Errorf("the same query names other posts (-first +second):\n%s", diff)
		}
	})
}

func TestGeneratorsIgnoreTheOrderOfInsertion(t *testing.T) {
	suite(t, func(t *testing.T, s subject, w *world, ask setting) {
		shuffled := slices.Clone(ask.posts)
		rand.New(rand.NewPCG(1, 2)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		other := newWorld(shuffled)
		if diff := cmp.Diff(w.ids(ask.ask(s.make(w), w)), other.ids(ask.ask(s.make(other), other))); diff != "" {
			t.Errorf("another order of insertion names other posts (-want +got):\n%s", diff)
		}
	})
}

func TestGeneratorsNameNothingWhenNothingIsAllowed(t *testing.T) {
	w := newWorld(randomPosts(rand.New(rand.NewPCG(1, 1)), 50))
	for name, s := range subjects() {
		t.Run(name, func(t *testing.T) {
			q := w.query("", theme(1), 10)
			q.Allowed = func(catalog.Ordinal) bool { return false }
			if got := s.make(w).Generate(q); len(got) != 0 {
				t.Errorf("named %v", w.ids(got))
			}
		})
	}
}
