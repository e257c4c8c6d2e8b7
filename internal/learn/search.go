package learn

import (
	"context"
	"math"
	"slices"

	"resonance/internal/catalog"
	"resonance/internal/rank"
	"resonance/internal/signal"
)

// knob is a hyperparameter, or several that depend on each other, with the values to try.
type knob struct {
	name    string
	signals []string // whose values depend on it
	values  []func(*signal.Settings)
}

// knobs lists what is searched. Ranges are those of the sources of each model: Steck 2019 for
// EASE, Rendle et al. 2021 for iALS, Ludewig and Jannach 2018 for transitions; half-lives are
// multiples of the data's own clock.
func knobs(clock signal.Settings) []knob {
	set := func(assign func(*signal.Settings, float64), values ...float64) (all []func(*signal.Settings)) {
		for _, v := range values {
			all = append(all, func(s *signal.Settings) { assign(s, v) })
		}
		return all
	}
	paces := []struct {
		steps, last int
		decay       float64
	}{{5, 10, .8}, {10, 10, .8}, {10, 3, .8}, {10, 50, .95}}
	var pace []func(*signal.Settings)
	for _, p := range paces {
		pace = append(pace, func(s *signal.Settings) { s.Steps, s.Last, s.Decay = p.steps, p.last, p.decay })
	}
	factors := []struct {
		n             int
		lambda, alpha float64
	}{{16, 1, 10}, {32, 1, 3}, {16, 20, 1}}
	var shape []func(*signal.Settings)
	for _, f := range factors {
		shape = append(shape, func(s *signal.Settings) { s.Factors, s.Regularisation, s.Alpha = f.n, f.lambda, f.alpha })
	}
	return []knob{
		{"EASE's lambda", []string{"ease"}, set(func(s *signal.Settings, v float64) { s.Lambda = v }, 10, 50, 150, 400)},
		{"EASE's memory", []string{"ease"}, set(func(s *signal.Settings, v float64) { s.EASEMemory = v }, 2, 5, 20, 60, 0)},
		{"the neighbours' memory", []string{"neighbours", "walk"}, set(func(s *signal.Settings, v float64) { s.HistoryMemory = v }, 2, 5, 20, 60, 0)},
		{"the pace of transitions", []string{"transitions"}, pace},
		{"the half-life of transitions", []string{"transitions", "next"}, set(func(s *signal.Settings, v float64) { s.TransitionDays = v }, clock.PopularDays/2, clock.PopularDays*2, clock.PopularDays*8, 0)},
		{"the half-life of popularity", []string{"popularity"}, set(func(s *signal.Settings, v float64) { s.PopularDays = v }, clock.PopularDays/4, clock.PopularDays, clock.PopularDays*4, 0)},
		{"the half-life of buzz", []string{"buzz"}, set(func(s *signal.Settings, v float64) { s.BuzzDays = v }, clock.BuzzDays/4, clock.BuzzDays, clock.BuzzDays*4)},
		{"the half-life of freshness", []string{"freshness"}, set(func(s *signal.Settings, v float64) { s.FreshDays = v }, clock.FreshDays/16, clock.FreshDays/4, clock.FreshDays, clock.FreshDays*4)},
		{"the half-life of nearness", []string{"nearness"}, set(func(s *signal.Settings, v float64) { s.NearDays = v }, clock.FreshDays/1000, clock.FreshDays/100, clock.FreshDays/16, clock.FreshDays/4, clock.FreshDays, clock.FreshDays*4)},
		{"the memory of taste", []string{"taste"}, set(func(s *signal.Settings, v float64) { s.TasteMemory = v }, 2, 5, 10, 30)},
		{"the memory of affinities", []string{"category", "author"}, set(func(s *signal.Settings, v float64) { s.AffinityMemory = v }, 1, 2, 5, 20)},
		{"the factors", []string{"factors"}, shape},
	}
}

// worthTurning is what a knob must gain to be turned, and sure by how many standard errors.
const (
	worthTurning = .0005
	sure         = 1
)

// clearly reports whether lists gain more with a knob turned, by so much that it is hardly chance.
func clearly(turned, held []float64) bool {
	n := float64(len(held))
	var sum, squares float64
	for i := range held {
		d := turned[i] - held[i]
		sum, squares = sum+d, squares+d*d
	}
	gain := sum / n
	deviation := math.Sqrt(max(0, squares/n-gain*gain))
	return gain > max(worthTurning, sure*deviation/math.Sqrt(n))
}

// search turns one knob after the other, each to where the blend under the weights is best.
func (sh *sheet) search(ctx context.Context, s signal.Settings, w rank.Weights, all []knob) (signal.Settings, error) {
	held := sh.gains(w)
	for _, k := range all {
		signals := places(k.signals)
		for _, value := range k.values {
			tried := s
			value(&tried)
			if tried == s {
				continue
			}
			before := make([][][]float32, len(signals))
			for i, sig := range signals {
				before[i] = slices.Clone(sh.cells[sig])
			}
			if err := sh.exam.ask(ctx, tried, signals, func(split, n int, candidates []catalog.Ordinal, values [][]float64) {
				sh.fill(split, n, signals, candidates, values)
			}); err != nil {
				return s, err
			}
			if gains := sh.gains(w); clearly(gains, held) {
				held, s = gains, tried
				continue
			}
			for i, sig := range signals {
				sh.cells[sig] = before[i]
			}
		}
	}
	return s, nil
}

// places returns the places of named signals in signal.All.
func places(names []string) []int {
	var at []int
	for i, s := range signal.All() {
		if slices.Contains(names, s.Name) {
			at = append(at, i)
		}
	}
	return at
}
