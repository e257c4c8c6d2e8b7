package rank

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
)

func TestPartsByHand(t *testing.T) {
	log := new(interaction.Log)
	log.Put(1, interaction.Event{Row: 1, PostID: 1, Kind: interaction.Like, Value: interaction.NoValue}, false)
	ix := catalogOf(catalog.Features{CreatedAt: 0, Counters: catalog.Counters{Upvotes: 3, Views: 9, AverageRating: 20}})
	m := NewMeter(ix, log, 7*day, []float32{1, 0})
	// Its own mean in everything: interaction .5, engagement .2 + .15 + .06 = .41, freshness .5.
	tests := map[string]struct {
		weights   Weights
		embedding []float32
		want      []float64
	}{
		"known user":               {KnownUser(), []float32{.6, .8}, []float64{.36, .075, .041, .075}},
		"known user, no embedding": {KnownUser(), nil, []float64{0, .075, .041, .075}},
		"known user, opposite":     {KnownUser(), []float32{-1, 0}, []float64{-.6, .075, .041, .075}},
		"new user":                 {NewUser(), []float32{.6, .8}, []float64{0, .2, .082, .2}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			parts := m.Parts(0, test.embedding, test.weights)
			var sum float64
			for i, want := range test.want {
				if math.Abs(parts[i]-want) > 1e-7 {
					t.Errorf("%s = %g, want %g", partNames[i], parts[i], want)
				}
				sum += want
			}
			if math.Abs(parts.Score()-sum) > 1e-7 {
				t.Errorf("Score = %g, want %g", parts.Score(), sum)
			}
		})
	}
}

// A client that adds the named parts in their order gets the score to the last bit.
func TestPartsAddUpExactly(t *testing.T) {
	r := rand.New(rand.NewPCG(12, 1))
	for range 1000 {
		var parts Parts
		for i := range parts {
			parts[i] = r.NormFloat64() * math.Exp2(float64(r.IntN(80)-40))
		}
		var sum float64
		var names []string
		for _, part := range parts.Named() {
			sum += part.Value
			names = append(names, part.Name)
		}
		if sum != parts.Score() {
			t.Fatalf("%v add up to %g, Score is %g", parts, sum, parts.Score())
		}
		if diff := cmp.Diff([]string{"similarity", "interaction", "engagement", "freshness"}, names); diff != "" {
			t.Fatalf("names (-want +got):\n%s", diff)
		}
	}
}

// Scores of known and new users share a scale: weights are shares of 1.
func TestWeightsAreShares(t *testing.T) {
	for name, w := range map[string]Weights{"known user": KnownUser(), "new user": NewUser()} {
		if sum := Parts(w).Score(); math.Abs(sum-1) > 1e-12 {
			t.Errorf("the weights of a %s add up to %g", name, sum)
		}
		for i, weight := range w {
			if weight < 0 {
				t.Errorf("%s: %s weighs %g", name, partNames[i], weight)
			}
		}
	}
	if NewUser()[0] != 0 {
		t.Errorf("similarity weighs %g for a user of no known taste", NewUser()[0])
	}
}
