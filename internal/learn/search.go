package learn

import (
	"math"
	"slices"

	"resonance/internal/rank"
	"resonance/internal/signal"
	"resonance/internal/vector"
)

// knob is a hyperparameter, or several that depend on each other, with the values to try. No signal depends on
// two knobs.
type knob struct {
	name    string
	signals []string
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
	var ease, pace []func(*signal.Settings)
	for _, lambda := range []float64{10, 50, 400} {
		for _, memory := range []float64{2, 5, 20, 0} {
			ease = append(ease, func(s *signal.Settings) { s.Lambda, s.EASEMemory = lambda, memory })
		}
	}
	for _, halfLife := range []float64{clock.PopularDays, 4 * clock.PopularDays, 0} {
		for _, p := range []struct {
			last  int
			decay float64
		}{{10, .8}, {3, .8}, {50, .95}} {
			pace = append(pace, func(s *signal.Settings) { s.TransitionDays, s.Last, s.Decay = halfLife, p.last, p.decay })
		}
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
		{"EASE's lambda and memory", []string{"ease"}, ease},
		{"the neighbours' memory", []string{"neighbours", "walk"}, set(func(s *signal.Settings, v float64) { s.HistoryMemory = v }, 2, 5, 20, 0)},
		{"the half-life of popularity", []string{"popularity"}, set(func(s *signal.Settings, v float64) { s.PopularDays = v }, clock.PopularDays/4, clock.PopularDays, clock.PopularDays*4, 0)},
		{"the half-life of buzz", []string{"buzz"}, set(func(s *signal.Settings, v float64) { s.BuzzDays = v }, clock.BuzzDays/4, clock.BuzzDays, clock.BuzzDays*4)},
		{"the half-life of freshness", []string{"freshness"}, set(func(s *signal.Settings, v float64) { s.FreshDays = v }, clock.FreshDays/16, clock.FreshDays/4, clock.FreshDays, clock.FreshDays*4)},
		{"the half-life of nearness", []string{"nearness"}, set(func(s *signal.Settings, v float64) { s.NearDays = v }, clock.FreshDays/1000, clock.FreshDays/100, clock.FreshDays/16, clock.FreshDays/4, clock.FreshDays, clock.FreshDays*4)},
		{"the memory of affinities", []string{"category", "author"}, set(func(s *signal.Settings, v float64) { s.AffinityMemory = v }, 1, 2, 5, 20)},
		{"the factors", []string{"factors"}, shape},
		{"the half-life and pace of transitions", []string{"transitions", "next"}, pace}, // last, for it counts anew
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

// search turns one knob after the other, each to where the blend under the weights is best for lists, by their
// places.
func (sh *sheet) search(w rank.Weights, places []int) (signal.Settings, reading) {
	settings, r := sh.begin, sh.begun()
	held, scores := sh.gains(r, w, places), sh.blend(r, w, places)
	turned, turning := make([]float64, len(places)), []float32(nil)
	for n, k := range sh.knobs {
		for v, columns := range sh.columns[n] {
			for i, place := range places {
				turning = append(turning[:0], scores[i]...)
				sh.turn(turning, r, w, n, columns, place)
				turned[i] = sh.lists[place].gain(turning)
			}
			if !clearly(turned, held) {
				continue
			}
			for i, place := range places {
				sh.turn(scores[i], r, w, n, columns, place)
			}
			copy(held, turned)
			k.values[v](&settings)
			for i, s := range sh.signals[n] {
				r[s] = columns[i]
			}
		}
	}
	return settings, r
}

// turn changes the scores of a list to those with the signals of a knob read from other columns.
func (sh *sheet) turn(scores []float32, r reading, w rank.Weights, knob int, columns []int, place int) {
	for i, s := range sh.signals[knob] {
		vector.AddScaled(scores, float32(w[s]), sh.cells[columns[i]][place])
		vector.AddScaled(scores, -float32(w[s]), sh.cells[r[s]][place])
	}
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
