package signal

import (
	"encoding/json"
	"math"
	"time"

	"resonance/internal/collab"
)

// Settings are the hyperparameters of the signals. Constants that fits do not choose stand in
// the code of their signal. The JSON is stored.
type Settings struct {
	Lambda         float64 `json:"lambda"`          // EASE's ridge
	EASEMemory     float64 `json:"ease_memory"`     // positions of the history that halve its weight in EASE; 0: all count alike
	HistoryMemory  float64 `json:"history_memory"`  // the same for neighbours and walks
	TasteMemory    float64 `json:"taste_memory"`    // the same for the weighted mean of embeddings
	AffinityMemory float64 `json:"affinity_memory"` // the same for categories and authors

	Steps          int     `json:"steps"`           // how far transitions look ahead
	TransitionDays float64 `json:"transition_days"` // half-life of a transition, days; 0 never ages
	Last           int     `json:"last"`            // positions of the history that transitions start from
	Decay          float64 `json:"decay"`           // what each such position further back counts for

	PopularDays float64 `json:"popular_days"` // half-life of popularity, days; 0 never ages
	BuzzDays    float64 `json:"buzz_days"`    // half-life of what is popular right now, days; 0 never ages
	FreshDays   float64 `json:"fresh_days"`   // half-life of freshness, days
	NearDays    float64 `json:"near_days"`    // half-life of nearness in creation time, days

	Factors        int     `json:"factors"` // of iALS
	Regularisation float64 `json:"regularisation"`
	Alpha          float64 `json:"alpha"`
}

// String returns the settings as JSON.
func (s Settings) String() string {
	b, err := json.Marshal(s)
	if err != nil {
		return err.Error() // a number that JSON has no word for
	}
	return string(b)
}

// DefaultSettings are where a search begins, and what serves where there is too little to search.
func DefaultSettings() Settings {
	return Settings{
		Lambda: 50, EASEMemory: 5, HistoryMemory: 5, TasteMemory: 5, AffinityMemory: 5,
		Steps: 10, TransitionDays: 30, Last: 10, Decay: .8,
		PopularDays: 7, BuzzDays: 1, FreshDays: 1, NearDays: 1,
		Factors: 16, Regularisation: 1, Alpha: 10,
	}
}

func (s Settings) transitions(origin int64) collab.TransitionsParams {
	return collab.TransitionsParams{
		Steps: s.Steps, HalfLife: days(s.TransitionDays), Norm: .5, Last: s.Last, Decay: s.Decay, Now: origin,
	}
}

// next are the transitions of the signal next: few steps, from the newest positions.
func (s Settings) next(origin int64) collab.TransitionsParams {
	p := s.transitions(origin)
	p.Steps, p.Last, p.Decay = 3, 5, .6
	return p
}

func (s Settings) buzz(origin int64) collab.PopularityParams {
	return collab.PopularityParams{HalfLife: days(s.BuzzDays), Now: origin}
}

func (s Settings) popularity(origin int64) collab.PopularityParams {
	return collab.PopularityParams{HalfLife: days(s.PopularDays), Now: origin}
}

func days(n float64) time.Duration { return time.Duration(n * 24 * float64(time.Hour)) }

// Step returns how many milliseconds of new events a crowd can count before it must be made anew
// around a later moment; 0: as many as come.
func (s Settings) Step() int64 {
	shortest := math.Inf(1)
	for _, halfLife := range []float64{s.TransitionDays, s.PopularDays, s.BuzzDays} {
		if halfLife > 0 {
			shortest = min(shortest, halfLife)
		}
	}
	if math.IsInf(shortest, 1) {
		return 0
	}
	return max(1, int64(4*shortest*day)) // half of what collab counts exactly
}
