package signal

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/catalog"
	"resonance/internal/collab"
)

// everything is what signals say of a question, by signal and post.
func everything(q *Question) map[string]map[int64]float64 {
	all := map[string]map[int64]float64{}
	for _, s := range All() {
		all[s.Name] = measured(q, s)
	}
	return all
}

// A crowd into which rows were put one after the other, some of them several times, is the crowd
// that was filled at once, to the last bit; and one with other settings is one that always had them.
func TestCrowdIsItsRows(t *testing.T) {
	other := DefaultSettings()
	other.TransitionDays, other.Steps, other.PopularDays, other.BuzzDays, other.TasteMemory = 2, 3, 1, .3, 9
	worlds(t, func(t *testing.T, w *world) {
		q := w.question(t, inOrder())
		want := everything(q)
		rows := map[int64][]collab.Touch{}
		for user, row := range q.Crowd.Rows() {
			rows[user] = row
		}
		rated := q.Crowd.ratings

		filled := NewCrowd(w.settings, q.Crowd.origin)
		filled.Fill(q.Catalog, rows)
		put := NewCrowd(w.settings, q.Crowd.origin)
		r := rand.New(rand.NewPCG(5, 6))
		for user, row := range rows {
			put.Put(q.Catalog, user, slices.Clone(row[r.IntN(len(row)):]))
		}
		put.Put(q.Catalog, 77, []collab.Touch{{Item: 0, At: w.now}})
		for user, row := range rows {
			put.Put(q.Catalog, user, row)
		}
		put.Put(q.Catalog, 77, nil)
		for name, crowd := range map[string]*Crowd{"filled at once": filled, "put again and again": put} {
			crowd.ratings = rated
			q.Crowd = crowd
			if diff := cmp.Diff(want, everything(q)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
			if crowd.Sum() != put.Sum() || crowd.Touches() != filled.Touches() {
				t.Errorf("%s: sum %x of %d touches, want %x of %d", name, crowd.Sum(), crowd.Touches(), put.Sum(), filled.Touches())
			}
		}

		anew := NewCrowd(other, filled.origin)
		anew.Fill(q.Catalog, rows)
		anew.ratings = rated
		q.Crowd = anew
		want = everything(q)
		q.Crowd = filled.With(w.settings).With(other)
		if diff := cmp.Diff(want, everything(q)); diff != "" {
			t.Errorf("with other settings (-want +got):\n%s", diff)
		}
	})
}

func TestCrowdKnowsWhoTouchedWhat(t *testing.T) {
	w := village()
	q := w.question(t, inOrder())
	c := q.Crowd
	audience := func(id int64) (users []int64) {
		o, _ := q.Catalog.Lookup(id)
		users = c.Visitors(o)
		slices.Sort(users)
		if c.Audience(o) != len(users) {
			t.Errorf("post %d: an audience of %d, visitors %v", id, c.Audience(o), users)
		}
		return users
	}
	for id, want := range map[int64][]int64{100: {1, 2, 3}, 99: {1, 2, 3}, 98: {4}, 96: nil, 95: nil} {
		if got := audience(id); !slices.Equal(want, got) {
			t.Errorf("post %d was touched by %v, want %v", id, got, want)
		}
	}
	if c.Touches() != 8 || len(c.Row(4)) != 2 || c.Row(5) != nil {
		t.Errorf("%d touches, row 4 is %v, row 5 %v", c.Touches(), c.Row(4), c.Row(5))
	}
	before := c.Sum()
	row := c.Row(2)
	c.Put(q.Catalog, 2, nil)
	if got := audience(100); !slices.Equal(got, []int64{1, 3}) || c.Touches() != 6 || c.Sum() == before || len(c.Row(2)) != 0 {
		t.Errorf("after user 2 is forgotten: %v touched post 100, %d touches, row %v", got, c.Touches(), c.Row(2))
	}
	for user := range c.Rows() {
		if user == 2 {
			t.Error("a user who was forgotten has a row")
		}
	}
	c.Put(q.Catalog, 2, row)
	if c.Sum() != before {
		t.Error("the same rows have another sum")
	}
	c.Put(q.Catalog, 2, []collab.Touch{{Item: row[0].Item, At: row[0].At + 1}, row[1]})
	if c.Sum() == before {
		t.Error("a touch at another time leaves the sum as it was")
	}
}

// Ratings can be set again, to none too, and come in any order.
func TestRate(t *testing.T) {
	index := new(catalog.Index)
	q := &Question{World: World{Catalog: index, Crowd: NewCrowd(DefaultSettings(), 0)}}
	for id := range int64(3) {
		q.Candidates = append(q.Candidates, index.Put(catalog.Features{ID: id, Public: true}, 1))
	}
	q.Crowd.Rate(2, 50, 1)
	q.Crowd.Rate(0, 10, 1)
	q.Crowd.Rate(2, 160, 2)
	// The mean of 10 and 160 in three ratings.
	mean := 170. / 3
	want := map[int64]float64{0: (10 + 10*mean) / 11, 1: 10 * mean / 10, 2: (160 + 10*mean) / 12}
	if diff := cmp.Diff(want, measured(q, named(t, "quality"))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	q.Crowd.Rate(0, 0, 0)
	q.Crowd.Rate(2, 0, 0)
	if diff := cmp.Diff(map[int64]float64{0: 0, 1: 0, 2: 0}, measured(q, named(t, "quality"))); diff != "" {
		t.Errorf("after all ratings left (-want +got):\n%s", diff)
	}
}

// However long counts go on ageing around one moment, within a step nothing grows past what they
// hold exactly: a post touched a step later counts for more, and by as much as it should.
func TestStep(t *testing.T) {
	for name, s := range map[string]Settings{
		"default":                      DefaultSettings(),
		"popularity fades fast":        {PopularDays: .01, TransitionDays: 30, Steps: 1, Last: 1, Decay: 1},
		"transitions fade fast":        {PopularDays: 7, TransitionDays: .5, Steps: 1, Last: 1, Decay: 1},
		"buzz fades fast":              {PopularDays: 7, BuzzDays: .1, TransitionDays: 30, Steps: 1, Last: 1, Decay: 1},
		"popularity alone fades":       {PopularDays: 3, Steps: 1, Last: 1, Decay: 1},
		"a quarter of an hour, nearly": {PopularDays: 1. / 96, TransitionDays: 1. / 24, Steps: 1, Last: 1, Decay: 1},
	} {
		t.Run(name, func(t *testing.T) {
			index := new(catalog.Index)
			q := &Question{World: World{Catalog: index, Crowd: NewCrowd(s, 0)}, Now: s.Step()}
			for id := range int64(2) {
				q.Candidates = append(q.Candidates, index.Put(catalog.Features{ID: id, Public: true}, 1))
			}
			q.Crowd.Put(index, 1, []collab.Touch{{Item: 0, At: 0}})
			q.Crowd.Put(index, 2, []collab.Touch{{Item: 1, At: s.Step()}})
			got := measured(q, named(t, "popularity"))
			halfLives := float64(s.Step()) / (s.PopularDays * day)
			if buzz := measured(q, named(t, "buzz")); s.BuzzDays > 0 && !near(buzz[1]/buzz[0], exp2(float64(s.Step())/(s.BuzzDays*day))) {
				t.Errorf("a step later a touch has %g times the buzz", buzz[1]/buzz[0])
			}
			if ratio := got[1] / got[0]; halfLives > 8 || !near(ratio, exp2(halfLives)) || !near(got[1], 1) {
				t.Errorf("%g half-lives later a touch counts %g times as much, and %g in all", halfLives, ratio, got[1])
			}
		})
	}
	if step := (Settings{}).Step(); step != 0 {
		t.Errorf("what never fades is made anew every %d ms", step)
	}
}

// What is kept of a whole scope follows every touch, rating and moment.
func TestKeptFollowsChanges(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		q := w.question(t, inOrder())
		q.Candidates = q.Catalog.ByID(q.Candidates)
		if len(q.Candidates) == 0 {
			return
		}
		whole := *q
		whole.Whole(q.Catalog.Scope(""))
		whole.Prepare()
		first := q.Candidates[0]
		touch := func() { q.Crowd.Put(q.Catalog, 1<<40, []collab.Touch{{Item: int32(first), At: q.Now}}) }
		for _, change := range []struct {
			what string
			make func()
		}{
			{"nothing", func() {}},
			{"a touch", touch},
			{"the same touch", touch},
			{"a rating", func() { q.Crowd.Rate(first, 1000, 10) }},
			{"a millisecond", func() { q.Now, whole.Now = q.Now+1, whole.Now+1 }},
			{"a touch less", func() { q.Crowd.Put(q.Catalog, 1<<40, nil) }},
			{"a rating of another value", func() { q.Crowd.Rate(first, 10, 10) }},
		} {
			change.make()
			for _, s := range All() {
				if s.Common == nil || s.Name == "freshness" {
					continue
				}
				values, want := make([]float64, len(whole.Candidates)), measured(q, s)
				whole.Ask(s, values)
				for _, o := range q.Candidates {
					at, _ := whole.Place(o)
					if id := q.Catalog.Entry(o).ID; values[at] != want[id] {
						t.Fatalf("after %s: %s of post %d is %g, kept as %g", change.what, s.Name, id, want[id], values[at])
					}
				}
			}
		}
	})
}
