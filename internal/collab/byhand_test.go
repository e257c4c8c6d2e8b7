package collab_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"resonance/internal/collab"
)

// TestEASEByHand works one pair of items out: X'X = [2 1; 1 2] with lambda 1 has the inverse
// 1/8 [3 -1; -1 3], so B = 1/3 between the two.
func TestEASEByHand(t *testing.T) {
	d := sequences(t, 3, []int32{0, 1}, []int32{0}, []int32{1})
	for _, form := range []collab.Form{collab.UserForm, collab.ItemForm, collab.SmallerForm} {
		m, err := collab.FitEASE(t.Context(), d, collab.EASEParams{Lambda: 1, Form: form})
		if err != nil {
			t.Fatal(err)
		}
		h := []collab.Weighted{{Item: 0, Weight: 1}, {Item: 1, Weight: .3}}
		wantApprox(t, []float64{.1, 1. / 3, 0}, score(m, 3, h))
	}
}

// TestFormsOfEASEAgree compares them on random data, more users than items and fewer. The item form holds
// its weights in 32 bits.
func TestFormsOfEASEAgree(t *testing.T) {
	for seed, shape := range [][2]int{{40, 15}, {15, 40}, {150, 140}} {
		d := village(t, uint64(seed), shape[0], shape[1])
		for _, lambda := range []float64{.5, 5, 500} {
			var answers [][]float64
			for _, form := range []collab.Form{collab.UserForm, collab.ItemForm, collab.SmallerForm} {
				m, err := collab.FitEASE(t.Context(), d, collab.EASEParams{Lambda: lambda, Form: form})
				if err != nil {
					t.Fatal(err)
				}
				answers = append(answers, score(m, shape[1], []collab.Weighted{{Item: 2, Weight: 1}, {Item: 5, Weight: .5}, {Item: 14, Weight: .25}}))
			}
			for n, form := range []string{"item", "smaller"} {
				if diff := cmp.Diff(answers[0], answers[n+1], cmpopts.EquateApprox(0, 2e-7)); diff != "" {
					t.Errorf("%v users x items, lambda %v (-user form +%s form):\n%s", shape, lambda, form, diff)
				}
			}
		}
	}
}

// TestEASEKnowsItsBound asks for a matrix one larger than the limit, on either side and both.
func TestEASEKnowsItsBound(t *testing.T) {
	many := make([]int32, collab.EASELimit+1)
	rows := make([][]int32, collab.EASELimit+1)
	for i := range many {
		many[i], rows[i] = int32(i), []int32{0}
	}
	tests := []struct {
		name string
		data *collab.Data
		form collab.Form
		ok   bool
	}{
		{"users, user form", sequences(t, 1, rows...), collab.UserForm, false},
		{"users, smaller form", sequences(t, 1, rows...), collab.SmallerForm, true},
		{"items, item form", sequences(t, len(many), many), collab.ItemForm, false},
		{"items, smaller form", sequences(t, len(many), many), collab.SmallerForm, true},
		{"both", sequences(t, len(many), append(rows, many)...), collab.SmallerForm, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := collab.FitEASE(t.Context(), tt.data, collab.EASEParams{Lambda: 1, Form: tt.form})
			if ok := err == nil; ok != tt.ok || !ok && !errors.Is(err, collab.ErrTooLarge) {
				t.Errorf("error %v, want none: %v", err, tt.ok)
			}
		})
	}
}

// TestItemKNNByHand has items 0 and 1 shared by two users, 0 and 2 by one.
func TestItemKNNByHand(t *testing.T) {
	d := sequences(t, 4, []int32{0, 1}, []int32{0, 1, 2}, []int32{3})
	w1, w2 := math.Log(1+4./2), math.Log(1+4./3)
	long, both := w2*w2, w1*w1+w2*w2
	tests := []struct {
		name string
		p    collab.ItemKNNParams
		h    []collab.Weighted
		want []float64
	}{
		{"cosine", collab.ItemKNNParams{Neighbours: 9}, history(0), []float64{0, 1, 1 / math.Sqrt2, 0}},
		{"shrunk", collab.ItemKNNParams{Neighbours: 9, Shrink: 2}, history(0), []float64{0, 2. / 4, 1 / (math.Sqrt2 + 2), 0}},
		{"weighted history", collab.ItemKNNParams{Neighbours: 9}, []collab.Weighted{{Item: 2, Weight: .5}, {Item: 1, Weight: 1}}, []float64{1 + .5/math.Sqrt2, .5 / math.Sqrt2, 1 / math.Sqrt2, 0}},
		// The one neighbour of 0 is 1 and of 1 is 0; 0 and 1 tie for 2 and both are kept.
		{"one neighbour", collab.ItemKNNParams{Neighbours: 1}, history(2), []float64{0, 0, 0, 0}},
		{"ties are kept", collab.ItemKNNParams{Neighbours: 1}, history(1), []float64{1, 0, 1 / math.Sqrt2, 0}},
		{"tf-idf", collab.ItemKNNParams{Neighbours: 9, TFIDF: true}, history(0), []float64{0, 1, long / math.Sqrt(both*long), 0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := collab.FitItemKNN(t.Context(), d, tt.p)
			if err != nil {
				t.Fatal(err)
			}
			wantApprox(t, tt.want, score(m, 4, tt.h))
		})
	}
}

// TestRP3BetaByHand walks from item 1: to users 0 and 1 by 1/2 each, on to their items by 1/2
// and 1/3.
func TestRP3BetaByHand(t *testing.T) {
	d := sequences(t, 4, []int32{0, 1}, []int32{0, 1, 2}, []int32{3, 0})
	tests := []struct {
		name string
		p    collab.RP3BetaParams
		want []float64
	}{
		{"a plain walk", collab.RP3BetaParams{Alpha: 1}, []float64{5. / 12, 5. / 12, 2. / 12, 0}},
		{"popular items held back", collab.RP3BetaParams{Alpha: 1, Beta: 1}, []float64{5. / 36, 5. / 24, 2. / 12, 0}},
		{"flattened", collab.RP3BetaParams{Alpha: .5}, []float64{.5 + 1/math.Sqrt(6), .5 + 1/math.Sqrt(6), 1 / math.Sqrt(6), 0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := collab.FitRP3Beta(t.Context(), d, tt.p)
			if err != nil {
				t.Fatal(err)
			}
			wantApprox(t, tt.want, score(m, 4, history(1)))
		})
	}
}

// TestIALSMinimises checks the fitted factors by what defines them: folding a user's row in
// gives scores near 1 on it and near 0 elsewhere, nearer with more confidence.
func TestIALSMinimises(t *testing.T) {
	d := sequences(t, 6, []int32{0, 1, 2}, []int32{0, 1, 2}, []int32{3, 4, 5}, []int32{3, 4, 5})
	distance := func(alpha float64) float64 {
		m, err := collab.FitIALS(t.Context(), d, collab.IALSParams{Factors: 4, Regularisation: .1, Alpha: alpha, Iterations: 30})
		if err != nil {
			t.Fatal(err)
		}
		worst := 0.0
		for i, x := range score(m, 6, history(0, 1, 2)) {
			want := 0.0
			if i < 3 {
				want = 1
			}
			worst = max(worst, math.Abs(x-want))
		}
		return worst
	}
	if loose, sure := distance(1), distance(40); loose > .1 || sure > loose {
		t.Errorf("off by %v at alpha 1 and %v at 40, want under .1 and falling", loose, sure)
	}
}

// TestIALSWithOneFactorByHand has two users with the one item, so that the two least squares
// conditions can be solved on paper.
func TestIALSWithOneFactorByHand(t *testing.T) {
	const lambda, alpha, users = .1, 3., 2.
	m, err := collab.FitIALS(t.Context(), sequences(t, 1, []int32{0}, []int32{0}), collab.IALSParams{Factors: 1, Regularisation: lambda, Alpha: alpha, Iterations: 200})
	if err != nil {
		t.Fatal(err)
	}
	// p (alpha q² + lambda) = alpha q and q (users alpha p² + lambda) = users alpha p give
	// users p² = q² and alpha q² + lambda = alpha sqrt(users).
	q2 := (alpha*math.Sqrt(users) - lambda) / alpha
	want := alpha * q2 / (alpha*q2 + lambda)
	wantApprox(t, []float64{want}, score(m, 1, history(0)))
}

func TestTransitionsByHand(t *testing.T) {
	const hour = int64(time.Hour / time.Millisecond)
	d, err := collab.NewData(4, [][]collab.Touch{
		{{Item: 0, At: 0}, {Item: 1, At: hour}, {Item: 2, At: 2 * hour}},
		{{Item: 0, At: 0}, {Item: 2, At: 2 * hour}},
	})
	if err != nil {
		t.Fatal(err)
	}
	base := collab.TransitionsParams{Steps: 2, Last: 2, Decay: .5, Now: 2 * hour}
	with := func(change func(*collab.TransitionsParams)) collab.TransitionsParams {
		p := base
		change(&p)
		return p
	}
	tests := []struct {
		name string
		p    collab.TransitionsParams
		h    []collab.Weighted
		want []float64
	}{
		// 0 -> 1 once at one step; 0 -> 2 at two steps and at one.
		{"counts", base, history(0), []float64{0, 1, 1.5, 0}},
		{"one step only", with(func(p *collab.TransitionsParams) { p.Steps = 1 }), history(0), []float64{0, 1, 1, 0}},
		{"positions decay", base, history(1, 0), []float64{0, .5, 1 + .75, 0}},
		{"the third is too far back", base, history(3, 3, 0), []float64{0, 0, 0, 0}},
		{"weighted history", base, []collab.Weighted{{Item: 0, Weight: .2}}, []float64{0, .2, .3, 0}},
		{"normalised", with(func(p *collab.TransitionsParams) { p.Norm = 1 }), history(0), []float64{0, 1 / 3.5, 1.5 / 3.5, 0}},
		{"aged by the later touch", with(func(p *collab.TransitionsParams) { p.HalfLife = time.Hour }), history(0), []float64{0, .5, 1.5, 0}},
		{"aged, then normalised", with(func(p *collab.TransitionsParams) { p.HalfLife, p.Norm = time.Hour, 1 }), history(0), []float64{0, .5 / 3, 1.5 / 3, 0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := collab.FitTransitions(t.Context(), d, tt.p)
			if err != nil {
				t.Fatal(err)
			}
			wantApprox(t, tt.want, score(m, 4, tt.h))
		})
	}
}

func TestPopularityByHand(t *testing.T) {
	d, err := collab.NewData(3, [][]collab.Touch{{{Item: 0, At: 0}, {Item: 1, At: 1000}}, {{Item: 0, At: 2000}}})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name     string
		halfLife time.Duration
		now      int64
		want     []float64
	}{
		{"plain counts", 0, 5000, []float64{2, 1, 0, 0}},
		{"a second's half-life", time.Second, 2000, []float64{1.25, .5, 0, 0}},
		{"a second later", time.Second, 3000, []float64{.625, .25, 0, 0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := collab.FitPopularity(t.Context(), d, collab.PopularityParams{HalfLife: tt.halfLife, Now: 2000})
			if err != nil {
				t.Fatal(err)
			}
			out := []float64{9, 9, 9, 9}
			m.Score(tt.now, out)
			wantApprox(t, tt.want, out)
		})
	}
}

// TestAgesAreRelative moves all times back by a century: nothing may change.
func TestAgesAreRelative(t *testing.T) {
	const century = 100 * 365 * 24 * int64(time.Hour/time.Millisecond)
	at := func(shift int64) []float64 {
		d, err := collab.NewData(3, [][]collab.Touch{{{Item: 0, At: shift}, {Item: 1, At: shift + 60_000}, {Item: 2, At: shift + 90_000}}})
		if err != nil {
			t.Fatal(err)
		}
		m, err := collab.FitTransitions(t.Context(), d, collab.TransitionsParams{Steps: 2, HalfLife: time.Minute, Norm: .5, Last: 1, Decay: 1, Now: shift + 91_000})
		if err != nil {
			t.Fatal(err)
		}
		return score(m, 3, history(0))
	}
	if diff := cmp.Diff(at(0), at(-century)); diff != "" {
		t.Errorf("a century earlier (-now +then):\n%s", diff)
	}
}

func wantApprox(t *testing.T, want, got []float64) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0, 1e-8)); diff != "" {
		t.Errorf("scores (-want +got):\n%s", diff)
	}
}
