package learn

import (
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
// resampled, excludes zero.
func Tune(ctx context.Context, past Past, rule string, serving Recipe, effort Effort) (Recipe, error) {
	if err := CheckProtocol(rule); err != nil {
		return serving, err
	}
	e := newExam(past, rule, effort, forSettings)
	if len(e.splits) == 0 { // too few events to choose on
		serving.Tuned = &Tuning{Protocol: rule, Touches: e.touches}
		return serving, nil
	}
	sh, err := newSheet(ctx, e, serving.Settings)
	if err != nil {
		return serving, fmt.Errorf("tune: %w", err)
	}
	settings, err := sh.search(ctx, serving.Settings, rank.Prior(), knobs(clocked(past)))
	if err != nil {
		return serving, fmt.Errorf("tune: %w", err)
	}
	e = newExam(past, rule, effort, forWeights)
	if sh, err = newSheet(ctx, e, serving.Settings); err != nil {
		return serving, fmt.Errorf("tune: %w", err)
	}
	before := sh.gains(serving.weights())
	if sh, err = newSheet(ctx, e, settings); err != nil {
		return serving, fmt.Errorf("tune: %w", err)
	}
	var equal, outside []float64
	effort.Do(func() { equal, outside = sh.gains(rank.Prior()), sh.outside() })
	tuning := func(after []float64) *Tuning {
		return &Tuning{
			Protocol: rule, Touches: e.touches, Lists: len(sh.users), Before: mean(before), After: mean(after),
			Gain: metric.PairedDifference(after, before, sh.users, resampling),
		}
	}
	weighted, plain := tuning(outside), tuning(equal)
	switch {
	case weighted.Gain.Low > 0 && metric.PairedDifference(outside, equal, sh.users, resampling).Low > 0:
		weights := sh.weigh(func(int64) bool { return true })
		return Recipe{Settings: settings, Weights: named(weights), Tuned: weighted}, nil
	case plain.Gain.Low > 0:
		return Recipe{Settings: settings, Weights: named(rank.Prior()), Tuned: plain}, nil
	}
	serving.Tuned = tuning(before)
	return serving, nil
}

// resampling seeds the bootstrap, so that the same figures have the same intervals.
const resampling = 1
