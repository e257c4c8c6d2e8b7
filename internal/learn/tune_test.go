package learn

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/errs"
	"resonance/internal/metric"
	"resonance/internal/rank"
	"resonance/internal/signal"
)

func tuned(t *testing.T, v *village, rule string, workers int) Recipe {
	t.Helper()
	past := v.past(inOrder())
	recipe, err := Tune(t.Context(), past, rule, Begin(past), Effort{Workers: workers})
	if err != nil {
		t.Fatal(err)
	}
	return recipe
}

// Where one thing decides, a better recipe is found and promoted: of all weight, most is that of content.
func TestTuneFindsWhatDecides(t *testing.T) {
	rules := []string{LeaveLast, Mixed}
	if testing.Short() {
		rules = rules[:1]
	}
	for _, rule := range rules {
		recipe := tuned(t, tastes(1), rule, 2)
		if recipe.Tuned == nil || recipe.Tuned.Gain.Low <= .1 || recipe.Tuned.After <= recipe.Tuned.Before+.1 {
			t.Fatalf("%s: chosen on %+v", rule, recipe.Tuned)
		}
		content := recipe.Weight("taste") + recipe.Weight("recent")
		var all float64
		for _, s := range signal.All() {
			all += recipe.Weight(s.Name)
		}
		if content < .75*all {
			t.Errorf("%s: content weighs %g of %g: %s", rule, content, all, recipe)
		}
	}
}

// Where what comes next decides, the settings that look ahead are found.
func TestTuneFindsSettings(t *testing.T) {
	v := chains(1)
	recipe := tuned(t, v, LeaveLast, 2)
	if recipe.Tuned.Gain.Low <= 0 || recipe.Settings == Begin(v.past(inOrder())).Settings {
		t.Errorf("%s", recipe)
	}
}

// Where nothing decides, nothing is promoted but in one of twenty cases.
func TestTuneRefusesNoise(t *testing.T) {
	seeds, most := uint64(20), 2
	if testing.Short() {
		seeds, most = 4, 1
	}
	promoted := 0
	for seed := range seeds {
		v := chance(100 + seed)
		recipe := tuned(t, v, LeaveLast, 2)
		if !recipe.Same(Begin(v.past(inOrder()))) {
			promoted++
			t.Logf("seed %d: %+v", seed, recipe.Tuned)
		}
		if recipe.Tuned == nil || recipe.Tuned.Lists == 0 || recipe.Tuned.Touches == 0 {
			t.Errorf("seed %d: it is not said what was measured: %+v", seed, recipe.Tuned)
		}
	}
	if promoted > most {
		t.Errorf("of %d pasts of pure chance %d changed the recipe", seeds, promoted)
	}
}

// However many work on it, and in whatever order the past came, the recipe is the same.
func TestTuneIsDeterministic(t *testing.T) {
	v := chains(2)
	want := tuned(t, v, Mixed, 1).String()
	for _, workers := range []int{2, 7} {
		if got := tuned(t, v, Mixed, workers).String(); got != want {
			t.Errorf("%d workers: %s, want %s", workers, got, want)
		}
	}
	past := v.past(rand.New(rand.NewPCG(4, 4)))
	if got, err := Tune(t.Context(), past, Mixed, Begin(past), Effort{Workers: 2}); err != nil || got.String() != want {
		t.Errorf("in another order: %s, want %s, error %v", got, want, err)
	}
}

// Tuning works in many small pieces and, told after any of them that it is no longer wanted, begins no other; what
// served goes on serving.
func TestTuneCanBeCancelled(t *testing.T) {
	past := chains(3).past(inOrder())
	begin := Begin(past)
	count := func(most int) (pieces int, recipe Recipe, err error) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		effort := Effort{Workers: 1, Turn: func(work func()) {
			work()
			if pieces++; pieces == most {
				cancel()
			}
		}}
		recipe, err = Tune(ctx, past, LeaveLast, begin, effort)
		return pieces, recipe, err
	}
	all, _, err := count(-1)
	if err != nil {
		t.Fatal(err)
	}
	if all < 1000 {
		t.Errorf("a whole run is %d pieces of work", all)
	}
	for _, most := range []int{1, 2, 10, all / 3, all / 2, all - 1, all} {
		pieces, recipe, err := count(most)
		if !errors.Is(err, context.Canceled) || pieces > most+1 {
			t.Errorf("cancelled after %d of %d pieces: %d more, error %v", most, all, pieces-most, err)
		}
		if !recipe.Same(begin) {
			t.Errorf("cancelled after %d of %d pieces, another recipe serves", most, all)
		}
	}
}

func TestTuneOfTooLittle(t *testing.T) {
	for name, v := range map[string]*village{"nothing": {}, "posts": {posts: chance(1).posts}, "a few events": {posts: chance(1).posts, events: chance(1).events[:3]}} {
		for _, rule := range Protocols() {
			past := v.past(inOrder())
			recipe, err := Tune(t.Context(), past, rule, Begin(past), Effort{Workers: 1})
			if err != nil || !recipe.Same(Begin(past)) {
				t.Errorf("%s, %s: %s, error %v", name, rule, recipe, err)
			}
		}
	}
	if _, err := Tune(t.Context(), Past{}, "magic", Recipe{}, Effort{Workers: 1}); !errors.Is(err, errs.Invalid) {
		t.Errorf("a rule that does not exist: error %v", err)
	}
}

// A recipe is the same after it was stored; what it does not name has the weight 1.
func TestRecipesSurviveJSON(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	for range 50 {
		recipe := Recipe{Settings: signal.DefaultSettings(), Weights: named(rank.Prior())}
		recipe.Settings.Lambda, recipe.Settings.NearDays, recipe.Settings.Steps = r.ExpFloat64()*100, r.ExpFloat64()/1e9, r.IntN(20)
		for name := range recipe.Weights {
			recipe.Weights[name] = r.NormFloat64()
		}
		if r.IntN(2) == 0 {
			recipe.Tuned = &Tuning{Protocol: Mixed, Touches: 9, Lists: 7, Before: r.Float64(), After: r.Float64(), Gain: metric.Interval{Mean: .1, Low: r.NormFloat64(), High: 1. / 3}}
		}
		got, err := ParseRecipe(recipe.String())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(recipe, got); diff != "" || !recipe.Same(got) {
			t.Fatalf("(-stored +read):\n%s", diff)
		}
	}
	for _, wrong := range []string{"", "{", "[]", `{"settings": 1}`, `{"weights": {"ease": "much"}}`} {
		if _, err := ParseRecipe(wrong); !errors.Is(err, errs.Invalid) {
			t.Errorf("%q: error %v", wrong, err)
		}
	}
	some, err := ParseRecipe(`{"weights": {"ease": 0, "of another version": 5}}`)
	if err != nil || some.Weight("ease") != 0 || some.Weight("walk") != 1 {
		t.Errorf("weights %v, error %v", some.weights(), err)
	}
	if fields := map[string]any{}; json.Unmarshal([]byte(Recipe{}.String()), &fields) != nil || fields["tuned"] != nil {
		t.Errorf("a recipe that was not tuned says %v", fields)
	}
}
