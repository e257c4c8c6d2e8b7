package evaluate

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/catalog"
	"resonance/internal/evaluate/dataset"
	"resonance/internal/evaluate/protocol"
	"resonance/internal/interaction"
	"resonance/internal/learn"
	"resonance/internal/recommend"
	"resonance/internal/replica"
	"resonance/internal/signal"
)

// chance makes 300 posts and 800 events of 12 users at random, over 800 hours.
func chance() (*dataset.Dataset, [][]float32) {
	dice := rand.New(rand.NewPCG(4, 8))
	d := new(dataset.Dataset)
	var vectors [][]float32
	for id := range int64(300) {
		d.Posts = append(d.Posts, catalog.Post{
			ID: id + 1, CreatedAt: time.Unix(id*2*3600, 0), Public: true,
			Owner:    catalog.Owner{Username: "author " + strconv.Itoa(dice.IntN(5))},
			Category: &catalog.Category{ID: 1, Name: "category " + strconv.Itoa(dice.IntN(4))},
		})
		angle := dice.IntN(5)
		vectors = append(vectors, [][]float32{{1, 0}, {0, 1}, {.6, .8}, {.8, .6}, {-1, 0}}[angle])
	}
	kinds := []interaction.Kind{interaction.View, interaction.Like, interaction.Inspire, interaction.Rating, interaction.Skip, interaction.Impression}
	for n := range 800 {
		e := dataset.Event{
			User: 1 + dice.Int64N(12), Item: dice.IntN(1 + n*39/800), At: int64(n) * 3_600_000,
			Kind: kinds[dice.IntN(len(kinds))], Value: interaction.NoValue, Line: n,
		}
		if e.Kind == interaction.Rating {
			e.Value = 1 + dice.IntN(100)
		}
		d.Events = append(d.Events, e)
	}
	return d, vectors
}

// answers measures d on lists that were made of other data.
func answers(t *testing.T, name string, lists []trial, d *dataset.Dataset, vectors [][]float32, serve Serve) *Result {
	t.Helper()
	options := Options{Protocol: name, K: 100, Data: d, Vectors: vectors, Serve: serve, Ablate: true}
	r := &run{Options: options, world: newWorld(d, vectors), trials: lists}
	if err := r.stream(); err != nil {
		t.Fatal(err)
	}
	if err := r.plan(); err != nil {
		t.Fatal(err)
	}
	for i := range lists {
		if err := r.measure(t.Context(), i); err != nil {
			t.Fatal(err)
		}
	}
	return r.result
}

// futures are ways to change what no list may know.
var futures = map[string]func(e dataset.Event, dice *rand.Rand) (dataset.Event, bool){
	"removed": func(e dataset.Event, _ *rand.Rand) (dataset.Event, bool) { return e, false },
	"moved to other posts and users": func(e dataset.Event, dice *rand.Rand) (dataset.Event, bool) {
		e.Item, e.User = dice.IntN(300), 1+dice.Int64N(12)
		return e, true
	},
	"all for one post": func(e dataset.Event, _ *rand.Rand) (dataset.Event, bool) {
		e.Item, e.Kind, e.Value = 77, interaction.Rating, 100
		return e, true
	},
	"put off": func(e dataset.Event, _ *rand.Rand) (dataset.Event, bool) {
		e.At += 1_000_000_000
		return e, true
	},
}

// changed returns d with its hidden events changed, and with counters on every post that tell of
// them.
func changed(d *dataset.Dataset, hidden func(dataset.Event) bool, change func(dataset.Event, *rand.Rand) (dataset.Event, bool)) *dataset.Dataset {
	dice := rand.New(rand.NewPCG(15, 16))
	other := &dataset.Dataset{Posts: slices.Clone(d.Posts)}
	for i := range other.Posts {
		p := &other.Posts[i]
		p.ViewCount, p.UpvoteCount, p.RatingCount, p.AverageRating = dice.Int64N(1000), dice.Int64N(1000), 9, dice.Int64N(100)
		p.CommentCount, p.ShareCount, p.BookmarkCount, p.ExitCount = dice.Int64N(1000), dice.Int64N(1000), dice.Int64N(1000), 7
	}
	for _, e := range d.Events {
		keep := true
		if hidden(e) {
			e, keep = change(e, dice)
		}
		if keep {
			other.Events = append(other.Events, e)
		}
	}
	return other
}

// differences counts by system the lists, among the first n, that are not the same.
func differences(a, b *Result, n int) map[string]int {
	different := map[string]int{}
	for s := range a.Systems {
		for i := range n {
			if !slices.Equal(a.Systems[s].Top[i], b.Systems[s].Top[i]) {
				different[a.Systems[s].Name]++
			}
		}
	}
	return different
}

// hiding returns which events the lists that come first may not know, and how many lists those
// are: of protocols that roll, what happens from the middle of the lists on; of others, what is
// held out of training.
func hiding(name string, all []trial) (hidden func(dataset.Event) bool, n int) {
	if !rolls(name) {
		trained := map[int]bool{}
		for _, e := range all[0].test[0].Train {
			trained[e.Line] = true
		}
		return func(e dataset.Event) bool { return e.IsTouch() && !trained[e.Line] }, len(all[0].test[0].Lists)
	}
	var moments []int64
	for i := range all[0].test {
		for _, l := range inTime(&all[0].test[i]) {
			moments = append(moments, l.Now)
		}
	}
	cut := moments[len(moments)/2]
	for n < len(moments) && moments[n] <= cut {
		n++
	}
	return func(e dataset.Event) bool { return e.At >= cut }, n
}

// No event that a list may not know changes it, whichever system answers: not by being removed,
// moved, put off or turned into something loud, and not through the counters of posts.
func TestNothingLeaks(t *testing.T) {
	d, vectors := chance()
	for _, name := range Protocols() {
		t.Run(name, func(t *testing.T) {
			lists := trials(name, d)[:1]
			hidden, n := hiding(name, lists)
			if n < 3 {
				t.Fatalf("%d lists show nothing", n)
			}
			truth := answers(t, name, lists, d, vectors, Real)
			for how, change := range futures {
				other := answers(t, name, lists, changed(d, hidden, change), vectors, Real)
				if diff := cmp.Diff(map[string]int{}, differences(truth, other, n)); diff != "" {
					t.Errorf("hidden events %s: lists changed, by system (-want +got):\n%s", how, diff)
				}
			}
		})
	}
}

// A planted leak is found: an engine that peeks at the data, and one whose past shows too much.
func TestLeaksAreFound(t *testing.T) {
	d, vectors := chance()
	for _, name := range Protocols() {
		t.Run(name, func(t *testing.T) {
			lists := trials(name, d)[:1]
			hidden, n := hiding(name, lists)
			other := changed(d, hidden, futures["all for one post"])
			truth := answers(t, name, lists, d, vectors, peeking(d))
			if found := differences(truth, answers(t, name, lists, other, vectors, peeking(other)), n); found["engine"] == 0 {
				t.Error("nobody notices an engine that counts every event there is")
			}
			truth = answers(t, name, lists, d, vectors, foretold(d))
			found := differences(truth, answers(t, name, lists, other, vectors, foretold(other)), n)
			if found["engine"] == 0 || found["engine, no freshness"] == 0 || found["equal"] != 0 {
				t.Errorf("lists that tell of weights chosen on every event there is: %v, want those of the engine, not of equal", found)
			}
		})
	}
	t.Run("a training part that holds more than it may", func(t *testing.T) {
		lists := trials(LeaveLast, d)
		hidden, n := hiding(LeaveLast, lists)
		other := changed(d, hidden, futures["all for one post"])
		leaking := func(d *dataset.Dataset) []trial {
			copied := trials(LeaveLast, d)
			copied[0].test[0] = protocol.Split{Train: ordered(d.Touches()), Lists: lists[0].test[0].Lists}
			return copied
		}
		found := differences(answers(t, LeaveLast, leaking(d), d, vectors, Real), answers(t, LeaveLast, leaking(other), other, vectors, Real), n)
		for _, system := range []string{"engine", "engine, no exploration", "engine, no ease", "equal", "popular", "ease", "transitions"} {
			if found[system] == 0 {
				t.Errorf("nobody notices that %s learns from what is held out", system)
			}
		}
	})
}

// peeking makes an engine that serves what all of d's events speak for most.
func peeking(d *dataset.Dataset) Serve {
	counts := make([]int, len(d.Posts))
	for _, e := range d.Events {
		counts[e.Item] += 1 + max(0, e.Value)
	}
	best := make([]int, len(d.Posts))
	for i := range best {
		best[i] = i
	}
	slices.SortStableFunc(best, func(a, b int) int { return counts[b] - counts[a] })
	return func(*replica.Replica, string) Engine {
		return fake(func(_ context.Context, r recommend.Request) (feed recommend.Feed, err error) {
			for _, i := range best[:min(r.TopK, len(best))] {
				feed.Items = append(feed.Items, recommend.Item{Post: &d.Posts[i]})
			}
			return feed, nil
		})
	}
}

// foretold makes the engine that serves with weights that all of d's events have a say in.
func foretold(d *dataset.Dataset) Serve {
	recipe := &learn.Recipe{Settings: signal.DefaultSettings(), Weights: map[string]float64{}}
	for _, e := range d.Events {
		recipe.Weights[signal.Names()[e.Item%len(signal.Names())]]++
	}
	return func(r *replica.Replica, rule string) Engine { return &taught{Real(r, rule), rule, recipe} }
}

// taught learns by a recipe from elsewhere where it should choose one.
type taught struct {
	Engine
	rule   string
	recipe *learn.Recipe
}

func (e *taught) Learn(ctx context.Context, known *learn.Recipe) (*learn.Recipe, error) {
	if e.rule != "" {
		known = e.recipe
	}
	return e.Engine.Learn(ctx, known)
}

// What a recipe is chosen on is there: nothing leaks because nothing is learnt.
func TestEngineIsTuned(t *testing.T) {
	d, vectors := chance()
	for _, name := range Protocols() {
		result := answers(t, name, trials(name, d)[:1], d, vectors, Real)
		if said := strings.Join(result.Systems[0].Chosen, ""); !strings.Contains(said, "tuned by "+name+" on ") {
			t.Errorf("%s: the engine says of itself: %s", name, said)
		}
		if equal := result.Systems[len(forms)]; equal.Name != "equal" || !strings.Contains(strings.Join(equal.Chosen, ""), "nothing chosen; weights equal within families; {") {
			t.Errorf("%s: %s says of itself: %s", name, equal.Name, equal.Chosen)
		}
	}
}

// The engine's clock stands at the moment of the list.
func TestClockIsSetBack(t *testing.T) {
	d, vectors := chance()
	for _, name := range Protocols() {
		t.Run(name, func(t *testing.T) {
			var late sync.Map
			serve := func(r *replica.Replica, rule string) Engine {
				engine := Real(r, rule)
				return fake(func(ctx context.Context, request recommend.Request) (recommend.Feed, error) {
					err := r.Read(ctx, func(v replica.View) error {
						if v.Log.Newest() >= v.Now || rolls(name) && v.Catalog.Newest() > v.Now {
							late.Store(fmt.Sprintf("at %d the engine sees an event of %d, a post of %d", v.Now, v.Log.Newest(), v.Catalog.Newest()), true)
						}
						return nil
					})
					if err != nil {
						return recommend.Feed{}, err
					}
					return engine.Feed(ctx, request)
				})
			}
			answers(t, name, trials(name, d)[:1], d, vectors, serve)
			late.Range(func(what, _ any) bool {
				t.Error(what)
				return true
			})
		})
	}
}
