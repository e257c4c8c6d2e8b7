package learn

import (
	"cmp"
	"context"
	"fmt"
	"maps"

	"resonance/internal/metric"
	"resonance/internal/rank"
	"resonance/internal/signal"
)

// Recipe is what a model is made by, apart from the data. The JSON is stored.
type Recipe struct {
	Settings signal.Settings    `json:"settings"`
	Weights  map[string]float64 `json:"weights"` // by signal; 1 for one that is not named
	Tuned    *Tuning            `json:"tuned,omitempty"`
}

// Tuning says what a recipe was chosen on.
type Tuning struct {
	Protocol string          `json:"protocol"`
	Touches  int             `json:"touches"` // that there were
	Lists    int             `json:"lists"`
	Before   float64         `json:"before"` // mean nDCG@10 of the recipe that served before
	After    float64         `json:"after"`  // the same of the new one, weights measured on users that they were not fitted to
	Gain     metric.Interval `json:"gain"`   // paired, users resampled
}

// weights returns the weights in the order of signal.All.
func (r Recipe) weights() rank.Weights {
	w := make(rank.Weights, len(signal.All()))
	for i, s := range signal.All() {
		w[i] = r.Weight(s.Name)
	}
	return w
}

// Weight returns the weight of a signal by its name; that of rank.Prior for one that is not named.
func (r Recipe) Weight(name string) float64 {
	if x, named := r.Weights[name]; named {
		return x
	}
	for i, s := range signal.All() {
		if s.Name == name {
			return rank.Prior()[i]
		}
	}
	return 0
}

func named(w rank.Weights) map[string]float64 {
	named := map[string]float64{}
	for i, s := range signal.All() {
		named[s.Name] = w[i]
	}
	return named
}

// Same reports whether two recipes make the same model of the same data.
func (r Recipe) Same(other Recipe) bool {
	return r.Settings == other.Settings && maps.Equal(named(r.weights()), named(other.weights()))
}

// Begin returns the recipe to begin with, for data that nothing was chosen on: half-lives in the data's own time,
// equal weights.
func Begin(past Past) Recipe {
	return Recipe{Settings: clocked(past), Weights: named(rank.Prior())}
}

// Tune looks for a better recipe than the one that serves, on parts of the past that rule holds out: first
// settings, one after the other, then weights. It returns the new one, or serving itself with what was measured
// where nothing was better: a recipe is promoted only when the 95 % interval of its gain, paired by list, users
// resampled, excludes zero. The gain is measured on users that neither settings nor weights were chosen on.
func Tune(ctx context.Context, past Past, rule string, serving Recipe, effort Effort) (Recipe, error) {
	if err := CheckProtocol(rule); err != nil {
		return serving, err
	}
	t := tuner{
		settings: newExam(past, rule, effort, forSettings), weights: newExam(past, rule, effort, forWeights),
		serving: serving, knobs: knobs(clocked(past)), effort: effort,
	}
	if len(t.weights.splits) == 0 { // too few events to choose on
		serving.Tuned = &Tuning{Protocol: rule, Touches: t.weights.touches}
		return serving, nil
	}
	better, err := t.tune(ctx, rule)
	if err != nil {
		return serving, fmt.Errorf("tune: %w", err)
	}
	return better, nil
}

// tuner chooses recipes: settings with many questions on few lists, weights with few questions on many.
type tuner struct {
	settings, weights *exam
	serving           Recipe
	knobs             []knob
	effort            Effort
}

func (t *tuner) tune(ctx context.Context, rule string) (Recipe, error) {
	sh, err := newSheet(ctx, t.weights, t.serving.Settings)
	if err != nil {
		return Recipe{}, err
	}
	before := sh.gains(t.serving.weights())
	equal, fitted, err := t.outside(ctx, sh.users)
	if err != nil {
		return Recipe{}, err
	}
	tuning := func(after []float64) *Tuning {
		return &Tuning{
			Protocol: rule, Touches: t.weights.touches, Lists: len(sh.users), Before: mean(before), After: mean(after),
			Gain: metric.PairedDifference(after, before, sh.users, resampling),
		}
	}
	weighted, plain := tuning(fitted), tuning(equal)
	fits := weighted.Gain.Low > 0 && metric.PairedDifference(fitted, equal, sh.users, resampling).Low > 0
	if !fits && plain.Gain.Low <= 0 {
		same := t.serving
		same.Tuned = tuning(before)
		return same, nil
	}
	recipe := Recipe{Weights: named(rank.Prior()), Tuned: plain}
	if recipe.Settings, sh, err = t.choose(ctx, everyone); err == nil && fits {
		recipe.Tuned = weighted
		var w rank.Weights
		t.effort.Do(func() { w = sh.weigh(everyone) })
		recipe.Weights = named(w)
	}
	return recipe, cmp.Or(err, ctx.Err())
}

func everyone(int64) bool { return true }

// choose returns the settings that are best for the lists of some users, and what signals say under them.
func (t *tuner) choose(ctx context.Context, is func(user int64) bool) (signal.Settings, *sheet, error) {
	sh, err := newSheet(ctx, t.settings.of(is), t.serving.Settings)
	if err != nil {
		return signal.Settings{}, nil, err
	}
	settings, err := sh.search(ctx, t.serving.Settings, rank.Prior(), t.knobs)
	if err != nil {
		return signal.Settings{}, nil, err
	}
	sh, err = newSheet(ctx, t.weights, settings)
	return settings, sh, err
}

// outside returns the nDCG of every list under recipes that were chosen on other users: with equal weights, and with
// fitted ones.
func (t *tuner) outside(ctx context.Context, users []int64) (equal, fitted []float64, err error) {
	equal, fitted = make([]float64, len(users)), make([]float64, len(users))
	for fold := range uint64(folds) {
		others := func(user int64) bool { return foldOf(user) != fold }
		_, sh, err := t.choose(ctx, others)
		if err != nil {
			return nil, nil, err
		}
		t.effort.Do(func() {
			plain, weighted := sh.gains(rank.Prior()), sh.gains(sh.weigh(others))
			for i, user := range users {
				if foldOf(user) == fold {
					equal[i], fitted[i] = plain[i], weighted[i]
				}
			}
		})
	}
	return equal, fitted, ctx.Err()
}

// resampling seeds the bootstrap, so that the same figures have the same intervals.
const resampling = 1
