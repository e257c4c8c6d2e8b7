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

// crowd is everyone's rows, and the models that are brought up to date with them.
type crowd struct {
	items  int
	rows   [][]collab.Touch
	params collab.TransitionsParams

	transitions *collab.Transitions
	popularity  *collab.Popularity
	walk        *collab.RP3Beta
}

// filled returns the same crowd, whose models were replaced into from nothing, row by row, in an order of
// chance, after they had held other rows; the transitions filled at once instead where fill says so.
func (c *crowd) filled(t *testing.T, random *rand.Rand, fill bool) *crowd {
	t.Helper()
	f := &crowd{
		items: c.items, rows: make([][]collab.Touch, len(c.rows)), params: c.params, transitions: collab.NewTransitions(c.params),
		popularity: collab.NewPopularity(collab.PopularityParams{HalfLife: c.params.HalfLife, Now: c.params.Now}),
		walk:       collab.NewRP3Beta(collab.RP3BetaParams{Alpha: .6, Beta: .4}),
	}
	for range 2 {
		for _, u := range random.Perm(len(c.rows)) {
			f.replace(u, c.rows[random.IntN(len(c.rows))])
		}
	}
	for _, u := range random.Perm(len(c.rows)) {
		f.replace(u, c.rows[u])
	}
	if fill {
		if err := f.transitions.Fill(t.Context(), f.items, f.rows); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// newCrowd fits the models to rows.
func newCrowd(t *testing.T, items int, rows [][]collab.Touch, p collab.TransitionsParams) *crowd {
	t.Helper()
	c := &crowd{items: items, rows: rows, params: p}
	d, err := collab.NewData(items, rows)
	if err != nil {
		t.Fatal(err)
	}
	if c.transitions, err = collab.FitTransitions(t.Context(), d, p); err != nil {
		t.Fatal(err)
	}
	if c.popularity, err = collab.FitPopularity(t.Context(), d, collab.PopularityParams{HalfLife: p.HalfLife, Now: p.Now}); err != nil {
		t.Fatal(err)
	}
	if c.walk, err = collab.FitRP3Beta(t.Context(), d, collab.RP3BetaParams{Alpha: .6, Beta: .4}); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *crowd) replace(user int, row []collab.Touch) {
	before := c.rows[user]
	c.rows[user] = row
	c.transitions.Replace(c.items, before, row)
	c.popularity.Replace(c.items, before, row)
	c.walk.Replace(int32(user), c.items, before, row)
}

// edit changes a few rows at random: a touch added at any time, taken away or moved, a user
// forgotten, a user and an item that came.
func (c *crowd) edit(random *rand.Rand) {
	for range 1 + random.IntN(3) {
		u := random.IntN(len(c.rows) + 1)
		if u == len(c.rows) {
			c.rows = append(c.rows, nil)
		}
		row := slices.Clone(c.rows[u])
		switch random.IntN(6) {
		case 0:
			row = nil
		case 1:
			c.items++
			row = append(row, collab.Touch{Item: int32(c.items - 1), At: random.Int64N(40)})
		case 2:
			if len(row) > 0 {
				row[random.IntN(len(row))].At = random.Int64N(40)
			}
		case 3:
			if at := random.IntN(len(row) + 1); at < len(row) {
				row = slices.Delete(row, at, at+1)
			}
		default:
			item := int32(random.IntN(c.items))
			if !slices.ContainsFunc(row, func(t collab.Touch) bool { return t.Item == item }) {
				row = append(row, collab.Touch{Item: item, At: random.Int64N(40)})
			}
		}
		slices.SortFunc(row, func(a, b collab.Touch) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Item, b.Item)) })
		c.replace(u, row)
	}
}

// everyScore returns what follows each item alone and what a walk from it reaches, and at last
// the popularity.
func (c *crowd) everyScore() [][]float64 {
	var all [][]float64
	for i := range int32(c.items) {
		all = append(all, score(c.transitions, c.items, history(i)), score(c.walk, c.items, history(i)))
	}
	out := make([]float64, c.items)
	c.popularity.Score(c.params.Now, out)
	return append(all, out)
}

// Rows replaced one by one and rows filled at once are the same, to the last bit, and the same as a fit.
func TestFillIsReplaceOneByOne(t *testing.T) {
	for seed := range uint64(10) {
		random := rand.New(rand.NewPCG(2, seed))
		params := collab.TransitionsParams{
			Steps: 1 + random.IntN(5), HalfLife: time.Duration(random.IntN(3)) * 3 * time.Millisecond, Norm: .5, Last: 10, Decay: .8, Now: 20,
		}
		d := village(t, 10+random.Uint64N(20), 12, 15)
		var rows [][]collab.Touch
		for u := range d.Users() {
			rows = append(rows, d.Row(u))
		}
		c := newCrowd(t, d.Items(), rows, params)
		for range 20 {
			c.edit(random)
		}
		want := newCrowd(t, c.items, c.rows, params).everyScore()
		for _, fill := range []bool{false, true} {
			if diff := gocmp.Diff(want, c.filled(t, random, fill).everyScore()); diff != "" {
				t.Fatalf("%+v, filled %t (-fitted +got):\n%s", params, fill, diff)
			}
		}
	}
}

// TestReplaceIsExact makes a hundred edits one after the other and compares every bit with fits
// of the same rows, then goes back to the first rows.
func TestReplaceIsExact(t *testing.T) {
	for _, halfLife := range []time.Duration{0, 3 * time.Millisecond} {
		t.Run(halfLife.String(), func(t *testing.T) {
			random := rand.New(rand.NewPCG(1, uint64(halfLife)))
			params := collab.TransitionsParams{Steps: 3, HalfLife: halfLife, Norm: .5, Last: 10, Decay: .8, Now: 20}
			d := village(t, 12, 12, 15)
			var first [][]collab.Touch
			for u := range d.Users() {
				first = append(first, d.Row(u))
			}
			c := newCrowd(t, d.Items(), slices.Clone(first), params)
			for range 100 {
				c.edit(random)
				want := newCrowd(t, c.items, c.rows, params).everyScore()
				if diff := gocmp.Diff(want, c.everyScore()); diff != "" {
					t.Fatalf("after an edit (-fitted +replaced):\n%s", diff)
				}
			}
			for u := range c.rows {
				if u < len(first) {
					c.replace(u, first[u])
				} else {
					c.replace(u, nil)
				}
			}
			if diff := gocmp.Diff(newCrowd(t, c.items, c.rows, params).everyScore(), c.everyScore()); diff != "" {
				t.Errorf("back at the first rows (-fitted +replaced):\n%s", diff)
			}
		})
	}
}
