package signal

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"resonance/internal/catalog"
	"resonance/internal/collab"
)

// world is six posts, a day apart, of two categories and three authors, and what four users did:
// three went from post 0 on to 1, one from 2 to 3; nobody touched 4 and 5.
func world(t *testing.T) *Question {
	t.Helper()
	q := &Question{Catalog: new(catalog.Index), Now: 6 * day}
	for i := range int64(6) {
		q.Catalog.Put(catalog.Features{
			ID: 100 - i, CreatedAt: i * day, Category: []string{"Bread", "Stars"}[i%2], Author: []string{"ann", "bob", "eve"}[i%3], Public: true,
		}, 1)
		q.Candidates = append(q.Candidates, catalog.Ordinal(i))
		angle := float64(i) * math.Pi / 6
		q.Vectors = append(q.Vectors, []float32{float32(math.Cos(angle)), float32(math.Sin(angle))})
	}
	row := func(items ...int32) (row []collab.Touch) {
		for i, item := range items {
			row = append(row, collab.Touch{Item: item, At: 5*day + int64(i)})
		}
		return row
	}
	data, err := collab.NewData(6, [][]collab.Touch{row(0, 1), row(0, 1), row(0, 1), row(2, 3)})
	if err != nil {
		t.Fatal(err)
	}
	ratings := NewRatings([]int64{0, 180, 10, 0, 0, 0}, []int32{0, 2, 1, 0, 0, 0})
	if q.Models, err = Fit(context.Background(), data, ratings, q.Now, DefaultSettings()); err != nil {
		t.Fatal(err)
	}
	return q
}

// touched is a history of posts, newest first.
func (q *Question) touched(posts ...catalog.Ordinal) {
	for _, o := range posts {
		q.History = append(q.History, Touch{Post: o, At: 6 * day, Weight: 1, Vector: q.Vectors[o]})
	}
}

func measured(t *testing.T, q *Question, name string) []float64 {
	t.Helper()
	for _, s := range All() {
		if s.Name == name {
			out := make([]float64, len(q.Candidates))
			for i := range out {
				out[i] = math.NaN() // Measure must overwrite it
			}
			s.Measure(q, out)
			return out
		}
	}
	t.Fatalf("there is no signal %q", name)
	return nil
}

func TestWhatOthersDidLeads(t *testing.T) {
	for _, name := range []string{"ease", "neighbours", "walk", "factors", "transitions"} {
		t.Run(name, func(t *testing.T) {
			q := world(t)
			q.touched(0)
			out := measured(t, q, name)
			for i, v := range out[2:] {
				if out[1] <= v {
					t.Errorf("post 1, on which everyone went from post 0, has %g and post %d has %g", out[1], i+2, v)
				}
			}
		})
	}
}

func TestByHand(t *testing.T) {
	half := func(n float64) float64 { return math.Exp2(-n) }
	cos := func(steps float64) float64 { return math.Cos(steps * math.Pi / 6) }
	tests := map[string]struct {
		history []catalog.Ordinal
		want    []float64
	}{
		"taste":     {[]catalog.Ordinal{2}, []float64{cos(2), cos(1), 1, cos(1), cos(2), cos(3)}},
		"recent":    {[]catalog.Ordinal{0, 5}, []float64{1, cos(1), cos(2), cos(2), cos(1), 1}},
		"freshness": {nil, []float64{half(5), half(4), half(3), half(2), half(1), 1}},
		// 190/3 is everyone's mean of three ratings.
		"quality": {nil, []float64{190. / 3, (180 + 1900./3) / 12, (10 + 1900./3) / 11, 190. / 3, 190. / 3, 190. / 3}},
		// Half of all touches are of either category.
		"category": {[]catalog.Ordinal{0}, []float64{1.25 / 1.5, .25 / 1.5, 1.25 / 1.5, .25 / 1.5, 1.25 / 1.5, .25 / 1.5}},
		// Authors have 4, 3 and 1 of eight touches.
		"author":   {[]catalog.Ordinal{4}, []float64{.25 / 1.5, (1 + .1875) / 1.5, .0625 / 1.5, .25 / 1.5, (1 + .1875) / 1.5, .0625 / 1.5}},
		"nearness": {[]catalog.Ordinal{5, 3}, []float64{half(5) + .7*half(3), half(4) + .7*half(2), half(3) + .7*half(1), half(2) + .7, half(1) + .7*half(1), 1 + .7*half(2)}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			q := world(t)
			q.touched(test.history...)
			if diff := cmp.Diff(test.want, measured(t, q, name), cmpopts.EquateApprox(0, 1e-6)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What every signal promises: a number for every candidate, the same one every time, whatever
// other posts are candidates; nothing but zeros or a constant without a history where it needs one.
func TestContract(t *testing.T) {
	for _, s := range All() {
		t.Run(s.Name, func(t *testing.T) {
			q := world(t)
			q.touched(1, 4)
			whole := measured(t, q, s.Name)
			if diff := cmp.Diff(whole, measured(t, q, s.Name)); diff != "" {
				t.Errorf("asked again (-first +second):\n%s", diff)
			}
			q.Candidates, q.Vectors = q.Candidates[2:], q.Vectors[2:] // keeps the newest, which freshness counts from
			if diff := cmp.Diff(whole[2:], measured(t, q, s.Name)); diff != "" {
				t.Errorf("of fewer candidates (-all +fewer):\n%s", diff)
			}
			q.History = nil
			for i, v := range measured(t, q, s.Name) {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					t.Errorf("without history post %d has %g", i, v)
				}
			}
		})
	}
}

// A post that came after the fit has a number like every other.
func TestNewerThanTheModels(t *testing.T) {
	q := world(t)
	o := q.Catalog.Put(catalog.Features{ID: 1, CreatedAt: 6 * day, Category: "New", Author: "zoe", Public: true}, 2)
	q.Candidates, q.Vectors = append(q.Candidates, o), append(q.Vectors, nil)
	q.History = []Touch{{Post: o, At: 6 * day, Weight: 1}}
	for _, s := range All() {
		for i, v := range measured(t, q, s.Name) {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				t.Errorf("%s of post %d is %g", s.Name, i, v)
			}
		}
	}
}

func TestFitOfNothing(t *testing.T) {
	data, err := collab.NewData(0, nil)
	if err != nil {
		t.Fatal(err)
	}
	q := &Question{Catalog: new(catalog.Index)}
	if q.Models, err = Fit(context.Background(), data, nil, 0, DefaultSettings()); err != nil {
		t.Fatal(err)
	}
	for _, s := range All() {
		s.Measure(q, nil)
	}
}

func TestNormalise(t *testing.T) {
	tests := map[string]struct{ in, want []float64 }{
		"nothing":  {[]float64{}, []float64{}},
		"by hand":  {[]float64{1, 3}, []float64{-1, 1}},
		"constant": {[]float64{7, 7, 7}, []float64{0, 0, 0}},
		"rounding": {[]float64{.1, .1 + 1e-17, .1}, []float64{0, 0, 0}},
		"huge":     {[]float64{math.MaxFloat64, -math.MaxFloat64}, []float64{0, 0}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			Normalise(test.in)
			if diff := cmp.Diff(test.want, test.in); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	r := rand.New(rand.NewPCG(1, 2))
	values := make([]float64, 1000)
	for i := range values {
		values[i] = 50 + 3*r.NormFloat64()
	}
	Normalise(values)
	var sum, squares float64
	for _, v := range values {
		sum, squares = sum+v, squares+v*v
	}
	if math.Abs(sum) > 1e-9 || math.Abs(squares-1000) > 1e-6 {
		t.Errorf("mean %g, variance %g", sum/1000, squares/1000)
	}
}
