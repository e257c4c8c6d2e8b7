package learn

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup"

	"resonance/internal/lambdamart"
	"resonance/internal/metric"
	"resonance/internal/rank"
	"resonance/internal/signal"
)

// Recipe is what a model is made by, apart from the data. The JSON is stored.
type Recipe struct {
	Settings signal.Settings    `json:"settings"`
	Weights  map[string]float64 `json:"weights"`         // by signal; 1 for one that is not named
	Trees    *lambdamart.Forest `json:"trees,omitempty"` // that rank the best again
	Tuned    *Tuning            `json:"tuned,omitempty"`
}

// Tuning says what a recipe was chosen on.
type Tuning struct {
	Protocol string          `json:"protocol"`
	Touches  int             `json:"touches"`            // that there were
	Embedded int             `json:"embedded,omitempty"` // posts with embeddings, the same
	Lists    int             `json:"lists"`
	Before   float64         `json:"before"` // mean nDCG@10 of the recipe that served before
	After    float64         `json:"after"`  // the same of new ones, each measured on users that it was not chosen on
	Gain     metric.Interval `json:"gain"`   // paired, users resampled
	Trees    metric.Interval `json:"trees"`  // what trees gain beside the weights in nDCG of all that they rank, the same
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
	return r.Settings == other.Settings && maps.Equal(named(r.weights()), named(other.weights())) && r.trees().Equal(other.trees())
}

// Begin returns the recipe to begin with, for data that nothing was chosen on: half-lives in the data's own time,
// equal weights.
func Begin(past Past) Recipe {
	return Recipe{Settings: clocked(past), Weights: named(rank.Prior())}
}

// Tune looks for a better recipe than the one that serves, on parts of the past that rule holds out: first
// settings, one after the other, then weights. It returns the new one, or serving itself with what was measured
// where nothing was better: a recipe is promoted only when the 95 % interval of its gain, paired by list, users
// resampled, excludes zero. The gain of every list is measured under a recipe that was chosen, settings and weights,
// on the other four fifths of the users.
func Tune(ctx context.Context, past Past, rule string, serving Recipe, effort Effort) (Recipe, error) {
	if err := CheckProtocol(rule); err != nil {
		return serving, err
	}
	e := newExam(past, rule, effort, enough)
	if len(e.splits) == 0 { // too few events to choose on
		serving.Tuned = &Tuning{Protocol: rule, Touches: e.touches, Embedded: e.embedded}
		return serving, nil
	}
	sh, err := newSheet(ctx, e, serving.Settings, knobs(clocked(past)))
	if err != nil {
		return serving, fmt.Errorf("tune: %w", err)
	}
	better, err := sh.better(ctx, rule, serving)
	if err != nil {
		return serving, fmt.Errorf("tune: %w", err)
	}
	return better, nil
}

// better returns the recipe that is best on the sheet: a blend, or the one that serves, and trees beside it where they
// gain.
func (sh *sheet) better(ctx context.Context, rule string, serving Recipe) (Recipe, error) {
	recipe, blends, err := sh.blended(ctx, rule, serving)
	if err != nil {
		return serving, err
	}
	if recipe.Trees, recipe.Tuned.Trees, err = sh.trees(ctx, blends); err != nil {
		return serving, err
	}
	return recipe, nil
}

// blended returns the recipe of the best blend; and by fold the blend that was chosen like it on others than the fold's
// users, the recipe's own being the last. Its weights are the mean of those of all folds.
func (sh *sheet) blended(ctx context.Context, rule string, serving Recipe) (Recipe, []blend, error) {
	var before []float64
	sh.exam.effort.Do(func() { before = sh.gains(sh.begun(), serving.weights(), sh.everyone()) })
	choices, equal, fitted, err := sh.outside(ctx)
	if err != nil {
		return serving, nil, err
	}
	tuning := func(after []float64) *Tuning {
		return &Tuning{
			Protocol: rule, Touches: sh.exam.touches, Embedded: sh.exam.embedded, Lists: len(sh.users), Before: mean(before), After: mean(after),
			Gain: metric.PairedDifference(after, before, sh.users, resampling),
		}
	}
	weighted, plain := tuning(sh.chosen(fitted)), tuning(equal)
	fits := weighted.Gain.Low > 0 && clearly(sh.chosen(fitted), equal)
	if !fits && plain.Gain.Low <= 0 {
		serving.Tuned = tuning(before)
		return serving, slices.Repeat([]blend{{sh.begun(), serving.weights()}}, folds+1), nil
	}
	tuned, blends := plain, make([]blend, folds+1)
	for fold, c := range choices {
		blends[fold] = blend{c.reading, rank.Prior()}
	}
	if fits {
		tuned = weighted
		for fold, c := range choices {
			_, others := sh.divided(uint64(fold))
			blends[fold].weights = c.weights[strongest(fitted, others)]
		}
		blends[folds].weights = meanOf(blends)
	}
	return Recipe{Settings: choices[folds].settings, Weights: named(blends[folds].weights), Tuned: tuned}, blends, nil
}

// meanOf returns the mean weights of blends.
func meanOf(blends []blend) rank.Weights {
	mean := make(rank.Weights, len(signal.All()))
	for _, b := range blends {
		for s, w := range b.weights {
			mean[s] += w / float64(len(blends))
		}
	}
	return mean
}

// choice is what is best for some lists.
type choice struct {
	settings signal.Settings
	reading  reading
	weights  []rank.Weights // by ridge
}

// choose chooses settings, then weights, for lists by their places.
func (sh *sheet) choose(ctx context.Context, places []int) (c choice, err error) {
	sh.exam.effort.Do(func() { c.settings, c.reading = sh.search(rank.Prior(), places) })
	c.weights, err = sh.weigh(ctx, c.reading, places)
	return c, err
}

// outside returns, by fold, what is best for the other users, the last of them for everyone; and the nDCG of every list under
// what is best for others: with equal weights, and with weights fitted under each of ridges.
func (sh *sheet) outside(ctx context.Context) (choices []choice, equal []float64, fitted [][]float64, err error) {
	choices, equal = make([]choice, folds+1), make([]float64, len(sh.users))
	for range ridges {
		fitted = append(fitted, make([]float64, len(sh.users)))
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(sh.exam.effort.Workers)
	for fold := range uint64(folds + 1) {
		g.Go(func() error {
			inside, others := sh.divided(fold)
			c, err := sh.choose(ctx, others)
			if err != nil {
				return err
			}
			choices[fold] = c
			sh.exam.effort.Do(func() {
				sh.grade(c.reading, rank.Prior(), inside, equal)
				for i, w := range c.weights {
					sh.grade(c.reading, w, inside, fitted[i])
				}
			})
			return ctx.Err()
		})
	}
	return choices, equal, fitted, g.Wait()
}

// grade writes the nDCG of lists under weights to where they are.
func (sh *sheet) grade(r reading, w rank.Weights, places []int, gains []float64) {
	for i, gain := range sh.gains(r, w, places) {
		gains[places[i]] = gain
	}
}

// chosen returns the nDCG of every list under the ridge that is best for other users.
func (sh *sheet) chosen(fitted [][]float64) []float64 {
	gains := make([]float64, len(sh.users))
	for fold := range uint64(folds) {
		inside, others := sh.divided(fold)
		ridge := strongest(fitted, others)
		for _, place := range inside {
			gains[place] = fitted[ridge][place]
		}
	}
	return gains
}

// strongest returns the ridge, by its place, under which lists gain most, the first unless another is clearly better.
func strongest(fitted [][]float64, places []int) (ridge int) {
	of := func(all []float64) (some []float64) {
		for _, place := range places {
			some = append(some, all[place])
		}
		return some
	}
	for other := range fitted {
		if clearly(of(fitted[other]), of(fitted[ridge])) {
			ridge = other
		}
	}
	return ridge
}

// resampling seeds the bootstrap, so that the same figures have the same intervals.
const resampling = 1
