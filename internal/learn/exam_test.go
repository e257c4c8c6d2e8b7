package learn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/catalog"
	"resonance/internal/collab"
	"resonance/internal/interaction"
	"resonance/internal/signal"
)

// leaks returns where an exam lets its answers be known before they are given.
func (e *exam) leaks() (found []string) {
	id := func(item int32) int64 { return e.past.Catalog.Entry(catalog.Ordinal(item)).ID }
	for s := range e.splits {
		part := &e.splits[s]
		for n := range part.lists {
			l := &part.lists[n]
			report := func(what string, post, at int64) {
				found = append(found, fmt.Sprintf("split %d, list of user %d at %d: %s holds post %d at %d", s, l.User, l.Now, what, post, at))
			}
			hit := func(post int64) bool { return slices.Contains(l.Relevant, post) }
			for _, t := range l.history {
				if post := e.past.Catalog.Entry(t.Post).ID; hit(post) || t.At >= l.Now {
					report("history", post, t.At)
				}
			}
			for user, row := range part.rows {
				for _, t := range row {
					if user == l.User && hit(id(t.Item)) || t.At >= l.Now {
						report("what models learn from", id(t.Item), t.At)
					}
				}
			}
			for i, v := range part.stream {
				if i > 0 && part.stream[i-1].At > v.At {
					report("a stream out of order", id(v.Item), v.At)
				}
				if v.At < l.Now && v.user == l.User && hit(id(v.Item)) {
					report("the stream", id(v.Item), v.At)
				}
			}
			candidates := e.candidates(l)
			for _, post := range l.Relevant {
				if o, _ := e.past.Catalog.Lookup(post); !slices.Contains(candidates, o) {
					report("no candidate", post, 0)
				}
			}
			for _, o := range candidates {
				entry := e.past.Catalog.Entry(o)
				if entry.CreatedAt >= l.CreatedBefore || !entry.Eligible() {
					report("a post that may not be shown", entry.ID, entry.CreatedAt)
				}
			}
		}
	}
	return found
}

// Nothing that an exam's models, crowds or histories hold is an answer, or comes after the question.
func TestExamsHoldNothingThatComesLater(t *testing.T) {
	for _, rule := range Protocols() {
		for seed := range uint64(3) {
			if found := examOf(t, chance(seed), rule).leaks(); len(found) > 0 {
				t.Errorf("%s: %d leaks, such as %s", rule, len(found), found[0])
			}
		}
	}
}

// A leak that is planted is found, wherever it is.
func TestPlantedLeaksAreFound(t *testing.T) {
	for _, rule := range Protocols() {
		plants := map[string]func(e *exam, part *split, l *list){
			"an answer among the rows": func(e *exam, part *split, l *list) {
				o, _ := e.past.Catalog.Lookup(l.Relevant[0])
				part.rows[l.User] = append(part.rows[l.User], collab.Touch{Item: int32(o), At: l.Now - 1})
			},
			"someone's touch of tomorrow": func(_ *exam, part *split, l *list) {
				part.rows[9999] = []collab.Touch{{Item: 0, At: l.Now}}
			},
			"an answer in the history": func(e *exam, _ *split, l *list) {
				o, _ := e.past.Catalog.Lookup(l.Relevant[0])
				l.history = append(l.history, signal.Touch{Post: o, At: l.Now - 1})
			},
			"an answer in the stream": func(e *exam, part *split, l *list) {
				o, _ := e.past.Catalog.Lookup(l.Relevant[0])
				part.stream = []visit{{l.User, collab.Touch{Item: int32(o), At: l.Now - 1}}}
			},
		}
		for name, plant := range plants {
			e := examOf(t, chance(1), rule)
			part := &e.splits[len(e.splits)-1]
			plant(e, part, &part.lists[len(part.lists)/2])
			if len(e.leaks()) == 0 {
				t.Errorf("%s: nobody notices %s", rule, name)
			}
		}
	}
}

// asked returns what every signal says of every list's candidates under the last of settings, asked after the others,
// by the list's place and the post.
func asked(t *testing.T, e *exam, settings ...signal.Settings) map[string]float64 {
	t.Helper()
	e.effort.Workers = 1
	said := map[string]float64{}
	var all []int
	for i := range signal.All() {
		all = append(all, i)
	}
	var askings []asking
	for _, s := range settings {
		askings = append(askings, asking{s, all})
	}
	err := e.ask(t.Context(), askings, func(a answer) {
		for k := range a.values {
			for i, o := range a.candidates {
				l := &e.splits[a.split].lists[a.list]
				said[fmt.Sprint(a.split, " ", l.User, " ", l.Now, " ", signal.All()[k].Name, " ", e.past.Catalog.Entry(o).ID)] = a.values[k][i]
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return said
}

// What is held out can be turned into anything and no signal says anything else: the answers of the newest
// leave-last lists become skips of other posts, at other times, as loud as can be.
func TestAnswersDoNotShow(t *testing.T) {
	v := chance(2)
	e := examOf(t, v, LeaveLast)
	first := e.splits[0]
	answers := map[[2]int64]bool{}
	for _, l := range first.lists {
		for _, post := range l.Relevant {
			answers[[2]int64{l.User, post}] = true
		}
	}
	now := first.lists[0].Now
	e.splits = e.splits[:1]
	want := asked(t, e, signal.DefaultSettings())
	kept := v.events[:0:0]
	for _, ev := range v.events {
		if answers[[2]int64{ev.user, int64(ev.PostID)}] && ev.Kind != interaction.Rating { // whose scale is everyone's of all time
			ev.Kind, ev.Value, ev.At = interaction.Skip, interaction.NoValue, max(ev.At, now)+hour
		}
		kept = append(kept, ev)
	}
	changed := &exam{past: (&village{posts: v.posts, events: kept}).past(inOrder()), posts: e.posts}
	changed.splits = []split{{rows: first.rows, opening: first.opening}}
	for i := range first.lists {
		l := first.lists[i].List
		changed.splits[0].lists = append(changed.splits[0].lists, list{List: l, history: changed.history(&l)})
	}
	if diff := cmp.Diff(want, asked(t, changed, signal.DefaultSettings())); diff != "" {
		t.Errorf("what signals say (-before +after):\n%s", diff)
	}
}

// An exam asks the same whatever order posts and events came in, and however many ask; normalised values
// are numbers.
func TestExamsAreDeterministic(t *testing.T) {
	for _, rule := range Protocols() {
		v := chance(3)
		want := asked(t, newExam(v.past(inOrder()), rule, Effort{Workers: 1}, few), signal.DefaultSettings())
		for key, value := range want {
			if math.IsNaN(value) || math.IsInf(value, 0) {
				t.Fatalf("%s: %s: %g", rule, key, value)
			}
		}
		other := newExam(v.past(rand.New(rand.NewPCG(8, 9))), rule, Effort{Workers: 1}, few)
		if diff := cmp.Diff(want, asked(t, other, signal.DefaultSettings())); diff != "" {
			t.Errorf("%s: (-in order +shuffled):\n%s", rule, diff)
		}
	}
}

// few lists, of every split some.
var few = size{100, 1_000_000}

// Settings asked after others say what they say at once: what is taken over between them does not matter.
func TestSettingsAfterOthers(t *testing.T) {
	s := signal.DefaultSettings()
	other := s
	other.Lambda, other.EASEMemory, other.Steps, other.PopularDays, other.BuzzDays, other.TransitionDays, other.Factors = 10, 0, 3, 2, .3, 3, 8
	for _, rule := range []string{Live, Mixed} {
		want := asked(t, newExam(chance(4).past(inOrder()), rule, Effort{Workers: 1}, few), other)
		e := newExam(chance(4).past(inOrder()), rule, Effort{Workers: 1}, few)
		if diff := cmp.Diff(want, asked(t, e, s, other)); diff != "" {
			t.Errorf("%s (-at once +after others):\n%s", rule, diff)
		}
	}
}
