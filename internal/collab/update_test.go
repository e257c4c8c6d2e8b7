package collab_test

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"resonance/internal/collab"
)

// edit changes a few rows of d at random: a touch added at any time, taken away or moved, a
// user forgotten, a user and an item that came.
func edit(t *testing.T, random *rand.Rand, d *collab.Data) *collab.Data {
	t.Helper()
	items, changed := d.Items(), make(map[int32][]collab.Touch)
	for range 1 + random.IntN(3) {
		u := random.IntN(d.Users() + 1)
		var row []collab.Touch
		if u < d.Users() {
			row = slices.Clone(d.Row(u))
		}
		switch random.IntN(6) {
		case 0:
			row = nil
		case 1:
			items++
			row = append(row, collab.Touch{Item: int32(items - 1), At: random.Int64N(40)})
		case 2:
			if len(row) > 0 {
				row[random.IntN(len(row))].At = random.Int64N(40)
			}
		case 3:
			if at := random.IntN(len(row) + 1); at < len(row) {
				row = slices.Delete(row, at, at+1)
			}
		default:
			item := int32(random.IntN(items))
			if !slices.ContainsFunc(row, func(t collab.Touch) bool { return t.Item == item }) {
				row = append(row, collab.Touch{Item: item, At: random.Int64N(40)})
			}
		}
		slices.SortFunc(row, func(a, b collab.Touch) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Item, b.Item)) })
		changed[int32(u)] = row
	}
	next, err := d.With(items, changed)
	if err != nil {
		t.Fatal(err)
	}
	return next
}

// TestUpdateIsExact makes a hundred edits one after the other and compares every bit with a
// fit of the same data, then goes back to the first data in one step.
func TestUpdateIsExact(t *testing.T) {
	for _, halfLife := range []time.Duration{0, 3 * time.Millisecond} {
		t.Run(halfLife.String(), func(t *testing.T) {
			random := rand.New(rand.NewPCG(1, uint64(halfLife)))
			params := collab.TransitionsParams{Steps: 3, HalfLife: halfLife, Norm: .5, Last: 10, Decay: .8, Now: 20}
			first := village(t, 12, 12, 15)
			updated, err := collab.FitTransitions(t.Context(), first, params)
			if err != nil {
				t.Fatal(err)
			}
			popular, err := collab.FitPopularity(t.Context(), first, collab.PopularityParams{HalfLife: halfLife, Now: 20})
			if err != nil {
				t.Fatal(err)
			}
			original, counts, d := updated, popular, first
			before := everyScore(original, counts, first.Items())
			for range 100 {
				d = edit(t, random, d)
				updated, popular = updated.Update(d), popular.Update(d)
				wantFitOf(t, d, params, updated, popular)
			}
			back, err := first.With(d.Items(), nil)
			if err != nil {
				t.Fatal(err)
			}
			updated, popular = updated.Update(back), popular.Update(back)
			wantFitOf(t, back, params, updated, popular)
			if diff := gocmp.Diff(before, everyScore(original, counts, first.Items())); diff != "" {
				t.Errorf("the first models changed (-before +after):\n%s", diff)
			}
		})
	}
}

// wantFitOf compares two updated models with fits of their data, bit for bit.
func wantFitOf(t *testing.T, d *collab.Data, p collab.TransitionsParams, updated *collab.Transitions, popular *collab.Popularity) {
	t.Helper()
	fitted, err := collab.FitTransitions(t.Context(), d, p)
	if err != nil {
		t.Fatal(err)
	}
	counted, err := collab.FitPopularity(t.Context(), d, collab.PopularityParams{HalfLife: p.HalfLife, Now: p.Now})
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(everyScore(fitted, counted, d.Items()), everyScore(updated, popular, d.Items())); diff != "" {
		t.Fatalf("after an update (-fitted +updated):\n%s", diff)
	}
}

// everyScore returns what follows each item alone, and at last the popularity.
func everyScore(m *collab.Transitions, popular *collab.Popularity, items int) [][]float64 {
	var all [][]float64
	for i := range int32(items) {
		all = append(all, score(m, items, history(i)))
	}
	out := make([]float64, items)
	popular.Score(out)
	return append(all, out)
}
