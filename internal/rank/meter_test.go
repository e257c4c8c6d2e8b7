package rank

import (
	"math"
	"math/rand/v2"
	"testing"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
)

const day = 24 * 60 * 60 * 1000 // milliseconds

// catalogOf returns an index of public posts with ids from 1 up.
func catalogOf(features ...catalog.Features) *catalog.Index {
	ix := new(catalog.Index)
	for i, f := range features {
		f.ID, f.Public = int64(i+1), true
		ix.Put(f, 1)
	}
	return ix
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.IsNaN(got) || math.Abs(got-want) > 1e-12 {
		t.Errorf("%s = %.15g, want %.15g", what, got, want)
	}
}

func TestSaturate(t *testing.T) {
	tests := []struct{ x, mean, want float64 }{
		{0, 5, 0}, {5, 5, .5}, {10, 5, 2. / 3}, {2.5, 5, 1. / 3}, {50, 5, 10. / 11}, {1e300, 1, 1},
		{3, 0, 0}, {0, 0, 0}, {-3, 5, 0}, {3, -5, 0},
	}
	for _, test := range tests {
		near(t, "saturate", saturate(test.x, test.mean), test.want)
	}
}

func TestSimilarity(t *testing.T) {
	tests := map[string]struct {
		user, post []float32
		want       float64
	}{
		"the same way":      {[]float32{.6, .8}, []float32{.6, .8}, 1},
		"across":            {[]float32{1, 0}, []float32{0, 1}, 0},
		"the other way":     {[]float32{1, 0}, []float32{-1, 0}, -1},
		"between":           {[]float32{1, 0}, []float32{.5, .5}, .5},
		"no user embedding": {nil, []float32{1, 0}, 0},
		"no post embedding": {[]float32{1, 0}, nil, 0},
		"another dimension": {[]float32{1, 0}, []float32{1, 0, 0}, 0},
		"zero vectors":      {[]float32{0, 0}, []float32{0, 0}, 0},
		"empty vectors":     {[]float32{}, []float32{}, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := NewMeter(catalogOf(), new(interaction.Log), 0, test.user)
			if got := m.Similarity(test.post); math.Abs(got-test.want) > 1e-6 || math.IsNaN(got) {
				t.Errorf("Similarity = %g, want %g", got, test.want)
			}
		})
	}
}

func TestInteraction(t *testing.T) {
	log := new(interaction.Log)
	for i, e := range []interaction.Event{
		{PostID: 1, Kind: interaction.Like}, {PostID: 2, Kind: interaction.View}, {PostID: 4, Kind: interaction.Skip},
		{PostID: 4, Kind: interaction.Like}, {PostID: 4, Kind: interaction.Inspire},
	} {
		e.Row, e.Value = int64(i+1), interaction.NoValue
		log.Put(1, e, false)
	}
	m := NewMeter(catalogOf(make([]catalog.Features, 4)...), log, 0, nil)
	// Pulls 3, 1, 0 and 6, the last less a skip; 3, 1 and 7 speak for three touched posts: mean 11/3.
	for o, want := range []float64{3 / (3 + 11./3), 1 / (1 + 11./3), 0, 6 / (6 + 11./3)} {
		near(t, "Interaction", m.Interaction(catalog.Ordinal(o)), want)
	}
}

func TestEngagement(t *testing.T) {
	ix := catalogOf(
		catalog.Features{Counters: catalog.Counters{Upvotes: 30, Views: 100, AverageRating: 50}},
		catalog.Features{Counters: catalog.Counters{Upvotes: 10, Views: 300, AverageRating: -85}},
		catalog.Features{Counters: catalog.Counters{Upvotes: -5, Views: -5}}, // never seen, yet it must not break
	)
	ix.Put(catalog.Features{ID: 9, Public: false, Counters: catalog.Counters{Upvotes: 1e6, Views: 1e6}}, 1)
	ix.Put(catalog.Features{ID: 10, Public: true, Counters: catalog.Counters{Upvotes: 25, Views: 205}}, 1)
	m := NewMeter(ix, new(interaction.Log), 0, nil) // means over the four public posts: 15 and 150
	for o, want := range []float64{
		.4*30/45 + .3*100/250 + .15,
		.4*10/25 + .3*300/450 - .255,
		0,
	} {
		near(t, "Engagement", m.Engagement(catalog.Ordinal(o)), want)
	}
	near(t, "Popularity", m.Popularity(0), NewUser()[2]*(.4*30/45+.3*100/250+.15))
}

func TestFreshness(t *testing.T) {
	now := int64(1_700_000_000_000)
	tests := map[string]struct {
		now, createdAt int64
		want           float64
	}{
		"now":                     {now, now, 1},
		"a week":                  {now, now - 7*day, .5},
		"three weeks":             {now, now - 21*day, .25},
		"the future":              {now, now + 99*day, 1},
		"before 1970":             {0, -7 * day, .5},
		"all time":                {math.MaxInt64, math.MinInt64, 7 * day / (7*day + math.Exp2(64))},
		"the end of time to come": {math.MinInt64, math.MaxInt64, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := NewMeter(catalogOf(catalog.Features{CreatedAt: test.createdAt}), new(interaction.Log), test.now, nil)
			near(t, "Freshness", m.Freshness(0), test.want)
			if m.Freshness(0) <= 0 {
				t.Error("an old post must still differ from a still older one")
			}
		})
	}
}

// Whatever comes in, every signal stays within the range that the table in Meter's comment gives.
func TestSignalsAreBounded(t *testing.T) {
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 11))
		log, features := new(interaction.Log), make([]catalog.Features, r.IntN(12))
		wild := func() int64 { return []int64{0, 1, -1, 7, math.MaxInt64, math.MinInt64, 1 << 40}[r.IntN(7)] }
		for i := range features {
			features[i].CreatedAt = wild()
			features[i].Counters = catalog.Counters{Upvotes: wild(), Views: wild(), AverageRating: r.Int64N(201) - 100}
		}
		for row := range int64(r.IntN(80)) {
			kind := interaction.Kinds()[r.IntN(10)]
			log.Put(r.Int64N(5), interaction.Event{Row: row, PostID: int32(r.IntN(14)), Kind: kind, Value: int8(1 + r.IntN(100))}, false)
		}
		m := NewMeter(catalogOf(features...), log, wild(), nil)
		for i := range features {
			o := catalog.Ordinal(i)
			within(t, "interaction", m.Interaction(o), 0, 1)
			within(t, "engagement", m.Engagement(o), -.3, 1)
			within(t, "freshness", m.Freshness(o), 0, 1)
			within(t, "popularity", m.Popularity(o), -.3, NewUser()[1]+NewUser()[2])
		}
	}
}

func within(t *testing.T, what string, got, least, most float64) {
	t.Helper()
	if math.IsNaN(got) || got < least || got > most {
		t.Errorf("%s is %g, want within %g..%g", what, got, least, most)
	}
}
