package collab_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/collab"
	"resonance/internal/errs"
)

// model is what the contract is about.
type model interface {
	Score(history []collab.Weighted, out []float64, s *collab.Scratch)
}

// fits are all models at ordinary parameters.
var fits = map[string]func(context.Context, *collab.Data) (model, error){
	"EASE user form": func(ctx context.Context, d *collab.Data) (model, error) {
		return collab.FitEASE(ctx, d, collab.EASEParams{Lambda: 5, Form: collab.UserForm})
	},
	"EASE item form": func(ctx context.Context, d *collab.Data) (model, error) {
		return collab.FitEASE(ctx, d, collab.EASEParams{Lambda: 5, Form: collab.ItemForm})
	},
	"ItemKNN": func(ctx context.Context, d *collab.Data) (model, error) {
		return collab.FitItemKNN(ctx, d, collab.ItemKNNParams{Neighbours: 20, Shrink: 1})
	},
	"ItemKNN tf-idf": func(ctx context.Context, d *collab.Data) (model, error) {
		return collab.FitItemKNN(ctx, d, collab.ItemKNNParams{Neighbours: 20, Shrink: 1, TFIDF: true})
	},
	"RP3beta": func(ctx context.Context, d *collab.Data) (model, error) {
		return collab.FitRP3Beta(ctx, d, collab.RP3BetaParams{Alpha: .6, Beta: .4})
	},
	"iALS": func(ctx context.Context, d *collab.Data) (model, error) {
		return collab.FitIALS(ctx, d, collab.IALSParams{Factors: 8, Regularisation: 1, Alpha: 10, Iterations: 10})
	},
	"transitions": func(ctx context.Context, d *collab.Data) (model, error) {
		return collab.FitTransitions(ctx, d, collab.TransitionsParams{Steps: 5, HalfLife: time.Hour, Norm: .5, Last: 10, Decay: .8, Now: 100})
	},
}

func eachModel(t *testing.T, check func(*testing.T, func(context.Context, *collab.Data) (model, error))) {
	for name, fit := range fits {
		t.Run(name, func(t *testing.T) { check(t, fit) })
	}
}

func mustFit(t testing.TB, fit func(context.Context, *collab.Data) (model, error), d *collab.Data) model {
	t.Helper()
	m, err := fit(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// sequences returns data in which user u touches the given items one after the other.
func sequences(t testing.TB, items int, rows ...[]int32) *collab.Data {
	t.Helper()
	touches := make([][]collab.Touch, len(rows))
	for u, row := range rows {
		for at, item := range row {
			touches[u] = append(touches[u], collab.Touch{Item: item, At: int64(at)})
		}
	}
	d, err := collab.NewData(items, touches)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// village returns random rows over items, popular ones first, some users with none.
func village(t testing.TB, seed uint64, users, items int) *collab.Data {
	random := rand.New(rand.NewPCG(seed, 1))
	rows := make([][]int32, users)
	for u := range rows {
		for i := range int32(items) {
			if random.Float64() < 2/(2+float64(i)) {
				rows[u] = append(rows[u], i)
			}
		}
		random.Shuffle(len(rows[u]), func(a, b int) { rows[u][a], rows[u][b] = rows[u][b], rows[u][a] })
		if u%7 == 3 {
			rows[u] = nil
		}
	}
	return sequences(t, items, rows...)
}

// history weighs items, given newest first, 1 each.
func history(items ...int32) []collab.Weighted {
	var h []collab.Weighted
	for _, i := range items {
		h = append(h, collab.Weighted{Item: i, Weight: 1})
	}
	return h
}

func score(m model, items int, h []collab.Weighted) []float64 {
	out := make([]float64, items)
	for i := range out {
		out[i] = math.NaN() // whatever was there must go
	}
	m.Score(h, out, &collab.Scratch{})
	return out
}

// TestKnownAnswer fits a checkerboard: user u went through all items of u's parity in a circle
// that starts after item u and ends before it. The one item of u's parity that u lacks, and
// that the others went on to, is u; every model must put it first among what u has not seen.
func TestKnownAnswer(t *testing.T) {
	const n = 20
	rows := make([][]int32, n)
	for u := range int32(n) {
		for step := int32(2); step < n; step += 2 {
			rows[u] = append(rows[u], (u+step)%n)
		}
	}
	d := sequences(t, n, rows...)
	eachModel(t, func(t *testing.T, fit func(context.Context, *collab.Data) (model, error)) {
		m := mustFit(t, fit, d)
		for u := range int32(n) {
			newestFirst := slices.Clone(rows[u])
			slices.Reverse(newestFirst)
			out := score(m, n, history(newestFirst...))
			for i := range int32(n) {
				if i != u && !slices.Contains(rows[u], i) && out[i] >= out[u] {
					t.Errorf("user %d: item %d scores %v, the missing item %v", u, i, out[i], out[u])
				}
			}
		}
	})
}

func TestEmptyHistoryScoresZero(t *testing.T) {
	d := village(t, 1, 30, 25)
	eachModel(t, func(t *testing.T, fit func(context.Context, *collab.Data) (model, error)) {
		for name, h := range map[string][]collab.Weighted{"empty": nil, "weightless": {{Item: 1}, {Item: 3}}} {
			for i, x := range score(mustFit(t, fit, d), 25, h) {
				if x != 0 {
					t.Errorf("%s history: item %d scores %v, want 0", name, i, x)
				}
			}
		}
	})
}

// TestDataOfEveryShape fits data with nothing in it, or nearly.
func TestDataOfEveryShape(t *testing.T) {
	shapes := map[string]*collab.Data{
		"no items, no users": sequences(t, 0),
		"no users":           sequences(t, 3),
		"only empty rows":    sequences(t, 3, nil, nil),
		"one touch":          sequences(t, 3, []int32{1}),
		"one user":           sequences(t, 3, []int32{1, 0, 2}),
		"more items":         village(t, 2, 10, 60),
		"more users":         village(t, 3, 80, 12),
	}
	eachModel(t, func(t *testing.T, fit func(context.Context, *collab.Data) (model, error)) {
		for name, d := range shapes {
			for _, h := range [][]collab.Weighted{nil, history(0), history(2, 1, 0), {{Item: 0, Weight: .01}}} {
				if len(h) > d.Items() {
					continue
				}
				for i, x := range score(mustFit(t, fit, d), d.Items(), h) {
					if math.IsNaN(x) || math.IsInf(x, 0) {
						t.Errorf("%s: item %d scores %v after %v", name, i, x, h)
					}
				}
			}
		}
	})
}

// TestItemsAfterTheFit asks about items that came later, in the history and in the answer.
func TestItemsAfterTheFit(t *testing.T) {
	d := village(t, 4, 30, 25)
	eachModel(t, func(t *testing.T, fit func(context.Context, *collab.Data) (model, error)) {
		m := mustFit(t, fit, d)
		want := append(score(m, 25, history(3, 1)), 0, 0)
		if diff := cmp.Diff(want, score(m, 27, history(3, 1))); diff != "" {
			t.Errorf("longer answer (-want +got):\n%s", diff)
		}
		for i, x := range score(m, 27, history(26)) {
			if x != 0 {
				t.Errorf("item %d scores %v after an unknown item, want 0", i, x)
			}
		}
	})
}

// TestFitIsDeterministic compares bits, on one processor and on several.
func TestFitIsDeterministic(t *testing.T) {
	d := village(t, 5, 60, 150)
	eachModel(t, func(t *testing.T, fit func(context.Context, *collab.Data) (model, error)) {
		h := history(3, 1, 7, 20)
		want := score(mustFit(t, fit, d), 150, h)
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
		if diff := cmp.Diff(want, score(mustFit(t, fit, d), 150, h)); diff != "" {
			t.Errorf("second fit (-first +second):\n%s", diff)
		}
	})
}

// TestScoreIsSafeForConcurrentUse means something under -race; scratches are reused across
// models of different sizes.
func TestScoreIsSafeForConcurrentUse(t *testing.T) {
	large, small := village(t, 6, 60, 50), village(t, 7, 20, 10)
	eachModel(t, func(t *testing.T, fit func(context.Context, *collab.Data) (model, error)) {
		m, other := mustFit(t, fit, large), mustFit(t, fit, small)
		var group sync.WaitGroup
		for g := range int32(4) {
			group.Go(func() {
				var s collab.Scratch
				out := make([]float64, 50)
				for i := range int32(20) {
					h := history(i, (i+g)%50, 9)
					want := score(m, 50, h)
					other.Score(history(i%10), out, &s)
					m.Score(h, out, &s)
					if diff := cmp.Diff(want, out); diff != "" {
						t.Errorf("with a used scratch (-want +got):\n%s", diff)
					}
				}
			})
		}
		group.Wait()
	})
}

func TestScoreAllocatesNothing(t *testing.T) {
	d := village(t, 8, 60, 50)
	eachModel(t, func(t *testing.T, fit func(context.Context, *collab.Data) (model, error)) {
		m, out, h := mustFit(t, fit, d), make([]float64, 50), history(1, 2, 3, 4, 5)
		var s collab.Scratch
		m.Score(h, out, &s)
		if n := testing.AllocsPerRun(100, func() { m.Score(h, out, &s) }); n > 0 {
			t.Errorf("%v allocations a call, want none", n)
		}
	})
}

// patience is a context that is cancelled once it was asked a number of times.
type patience struct {
	context.Context
	left int
}

func (p *patience) Err() error {
	if p.left--; p.left < 0 {
		return context.Canceled
	}
	return nil
}

// TestFitStopsInSmallSteps cancels a fit at every tenth of the times it looks, and wants it to
// look at least once a user or item.
func TestFitStopsInSmallSteps(t *testing.T) {
	d := village(t, 10, 40, 50)
	eachModel(t, func(t *testing.T, fit func(context.Context, *collab.Data) (model, error)) {
		whole := &patience{t.Context(), math.MaxInt}
		if _, err := fit(whole, d); err != nil {
			t.Fatal(err)
		}
		looks := math.MaxInt - whole.left
		if looks < 40 {
			t.Errorf("the context was asked %d times, want at least once a user", looks)
		}
		for tenth := range 10 {
			if _, err := fit(&patience{t.Context(), looks * tenth / 10}, d); !errors.Is(err, context.Canceled) {
				t.Errorf("cancelled after %d tenths: error %v, want context.Canceled", tenth, err)
			}
		}
	})
}

func TestParametersOutOfRange(t *testing.T) {
	d, ctx, nan := village(t, 11, 5, 5), t.Context(), math.NaN()
	transitions := func(change func(*collab.TransitionsParams)) error {
		p := collab.TransitionsParams{Steps: 1, Norm: .5, Last: 1, Decay: 1}
		change(&p)
		_, err := collab.FitTransitions(ctx, d, p)
		return err
	}
	ials := func(change func(*collab.IALSParams)) error {
		p := collab.IALSParams{Factors: 1, Regularisation: 1, Alpha: 1, Iterations: 1}
		change(&p)
		_, err := collab.FitIALS(ctx, d, p)
		return err
	}
	ease := func(lambda float64) error {
		_, err := collab.FitEASE(ctx, d, collab.EASEParams{Lambda: lambda})
		return err
	}
	knn := func(p collab.ItemKNNParams) error { _, err := collab.FitItemKNN(ctx, d, p); return err }
	rp3 := func(p collab.RP3BetaParams) error { _, err := collab.FitRP3Beta(ctx, d, p); return err }
	for i, err := range []error{
		ease(0), ease(-1), ease(nan),
		knn(collab.ItemKNNParams{}), knn(collab.ItemKNNParams{Neighbours: 1, Shrink: -1}), knn(collab.ItemKNNParams{Neighbours: 1, Shrink: nan}),
		rp3(collab.RP3BetaParams{Alpha: -1}), rp3(collab.RP3BetaParams{Beta: -1}), rp3(collab.RP3BetaParams{Beta: nan}),
		ials(func(p *collab.IALSParams) { p.Factors = 0 }), ials(func(p *collab.IALSParams) { p.Regularisation = 0 }),
		ials(func(p *collab.IALSParams) { p.Alpha = .5 }), ials(func(p *collab.IALSParams) { p.Iterations = 0 }),
		transitions(func(p *collab.TransitionsParams) { p.Steps = 0 }), transitions(func(p *collab.TransitionsParams) { p.HalfLife = -1 }),
		transitions(func(p *collab.TransitionsParams) { p.Norm = 1.5 }), transitions(func(p *collab.TransitionsParams) { p.Norm = nan }),
		transitions(func(p *collab.TransitionsParams) { p.Last = 0 }), transitions(func(p *collab.TransitionsParams) { p.Decay = 0 }),
		func() error {
			_, err := collab.FitPopularity(ctx, d, collab.PopularityParams{HalfLife: -1})
			return err
		}(),
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			if !errors.Is(err, errs.Invalid) {
				t.Errorf("error %v, want errs.Invalid", err)
			}
		})
	}
}
