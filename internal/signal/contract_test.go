package signal

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/catalog"
	"resonance/internal/moments"
)

// TestContract is what every signal promises, new ones too: a number for every candidate, the same
// one whenever it is asked, whatever else is a candidate, in whatever order posts, users and
// candidates came, and whatever the calendar says.
func TestContract(t *testing.T) {
	for _, s := range All() {
		t.Run(s.Name, func(t *testing.T) {
			worlds(t, func(t *testing.T, w *world) {
				q := w.question(t, inOrder())
				whole := measured(q, s)
				for id, v := range whole {
					if math.IsNaN(v) || math.IsInf(v, 0) {
						t.Errorf("post %d has %g", id, v)
					}
				}
				if diff := cmp.Diff(whole, measured(q, s)); diff != "" {
					t.Errorf("asked again (-first +second):\n%s", diff)
				}
				if diff := cmp.Diff(whole, measured(w.question(t, rand.New(rand.NewPCG(7, 7))), s)); diff != "" {
					t.Errorf("posts and users in another order (-want +got):\n%s", diff)
				}
				rand.New(rand.NewPCG(8, 8)).Shuffle(len(q.Candidates), func(i, j int) {
					q.Candidates[i], q.Candidates[j] = q.Candidates[j], q.Candidates[i]
				})
				if diff := cmp.Diff(whole, measured(q, s)); diff != "" {
					t.Errorf("candidates in another order (-want +got):\n%s", diff)
				}
				w.shift(28 * 365 * day)
				if diff := cmp.Diff(whole, measured(w.question(t, inOrder()), s)); diff != "" {
					t.Errorf("28 years later (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// Which other posts are candidates changes no value, but for freshness, whose values are relative
// to the newest one: there they keep their ratios.
func TestOtherCandidatesDoNotMatter(t *testing.T) {
	for _, s := range All() {
		t.Run(s.Name, func(t *testing.T) {
			worlds(t, func(t *testing.T, w *world) {
				q := w.question(t, inOrder())
				whole := measured(q, s)
				half := (len(q.Candidates) + 1) / 2
				q.Candidates = q.Candidates[:half]
				scale := 0.
				for id, v := range measured(q, s) {
					switch {
					case s.Name != "freshness":
						if v != whole[id] {
							t.Errorf("post %d has %g among all and %g among half", id, whole[id], v)
						}
					case scale == 0:
						scale = v / whole[id]
					case math.Abs(v-whole[id]*scale) > 1e-9*v:
						t.Errorf("post %d has %g among all and %g among half, others %g times as much", id, whole[id], v, scale)
					}
				}
				q.Candidates = nil
				q.Prepare()
				q.Ask(s, nil) // no candidates, no values
			})
		})
	}
}

// Of a whole scope, where some posts cannot be chosen, signals say what they say of posts one by one, to the last bit, though
// part of it is kept; and the moments are those of the posts that can be chosen.
func TestWholeScope(t *testing.T) {
	for _, s := range All() {
		t.Run(s.Name, func(t *testing.T) {
			worlds(t, func(t *testing.T, w *world) {
				q := w.question(t, rand.New(rand.NewPCG(7, 7)))
				q.Candidates = q.Catalog.ByID(q.Candidates)
				all := q.Candidates
				whole := *q
				whole.Whole(q.Catalog.Scope(""))
				for _, every := range []int{1 << 30, 3, 2, 1} {
					whole.Out, q.Candidates = nil, nil
					for i, o := range all {
						if i%every == every-1 {
							whole.Out = append(whole.Out, int32(i))
						} else {
							q.Candidates = append(q.Candidates, o)
						}
					}
					want, values := measured(q, s), make([]float64, len(all))
					whole.Prepare()
					whole.Ask(s, values)
					for place, o := range q.Candidates {
						at, known := whole.Place(o)
						if got := values[at]; !known || math.Abs(got-want[q.Catalog.Entry(o).ID]) > 0 && s.Name != "freshness" {
							t.Errorf("%d: post %d has %g, and %g in the whole scope", place, q.Catalog.Entry(o).ID, want[q.Catalog.Entry(o).ID], got)
						}
					}
					chosen := make([]float64, len(q.Candidates))
					for i, o := range q.Candidates {
						at, _ := whole.Place(o)
						chosen[i] = values[at]
					}
					mean, deviation := moments.Of(chosen)
					gotMean, gotDeviation := whole.Spread(values)
					if math.Abs(mean-gotMean) > 1e-12*(math.Abs(mean)+deviation) || math.Abs(deviation-gotDeviation) > 1e-9*(math.Abs(mean)+deviation) {
						t.Errorf("without every %d: moments %g, %g, not %g, %g", every, gotMean, gotDeviation, mean, deviation)
					}
				}
			})
		})
	}
}

// Freshness tells old posts apart for somebody who has seen all that came in the last years.
func TestFreshnessOfOldPosts(t *testing.T) {
	w := wild(5)
	w.posts[0].CreatedAt, w.now = 9000*day, 9001*day
	q := w.question(t, inOrder())
	newest, _ := q.Catalog.Lookup(w.posts[0].ID)
	q.Whole(q.Catalog.Scope(""))
	place, _ := q.Place(newest)
	q.Out = []int32{place}
	values := make([]float64, len(q.Candidates))
	q.Prepare()
	q.Ask(named(t, "freshness"), values)
	if _, deviation := q.Spread(values); deviation < .1 {
		t.Errorf("their deviation is %g", deviation)
	}
}

// Only what people did tells posts apart in the families that speak of it: without any event, without history
// and counters, a signal of these finds all posts alike.
func TestSilence(t *testing.T) {
	w := wild(3)
	w.rows, w.ratings, w.history = nil, nil, nil
	for i := range w.posts {
		w.posts[i].Counters = catalog.Counters{}
	}
	q := w.question(t, inOrder())
	for _, s := range All() {
		if s.Name == "freshness" {
			continue
		}
		for id, v := range measured(q, s) {
			if v != 0 {
				t.Errorf("%s of post %d is %g, with nothing to go by", s.Name, id, v)
			}
		}
	}
}

// A signal has a name of its own, a family and exactly one way to be asked.
func TestAll(t *testing.T) {
	families := map[Family]bool{Others: true, Content: true, Popularity: true, Affinity: true}
	known := map[string]bool{"": true}
	for _, s := range All() {
		if known[s.Name] || !families[s.Family] || (s.Measure == nil) == (s.Reach == nil) {
			t.Errorf("%+v", s)
		}
		known[s.Name] = true
	}
}
