package signal

import (
	"context"
	"errors"
	"time"

	"resonance/internal/collab"
)

// Settings are the hyperparameters of the signals. Constants that fits do not choose stand in
// the code of their signal.
type Settings struct {
	Lambda         float64 // EASE's ridge
	EASEMemory     float64 // positions of the history that halve its weight in EASE; 0: all count alike
	HistoryMemory  float64 // the same for neighbours and walks
	TasteMemory    float64 // the same for the weighted mean of embeddings
	Steps          int     // how far transitions look ahead
	TransitionDays float64 // half-life of a transition, days; 0 never ages
	PopularDays    float64 // half-life of popularity, days; 0 never ages
	FreshDays      float64 // half-life of freshness, days
	NearDays       float64 // half-life of nearness in creation time, days
	Factors        int     // of iALS
}

// DefaultSettings are where a search begins, and what serves where there is too little to search.
func DefaultSettings() Settings {
	return Settings{
		Lambda: 50, EASEMemory: 5, HistoryMemory: 5, TasteMemory: 5, Steps: 10, TransitionDays: 30,
		PopularDays: 7, FreshDays: 1, NearDays: 1, Factors: 16,
	}
}

// Models is what was learnt from everyone. It never changes and is safe for concurrent use.
type Models struct {
	Settings
	ease        *collab.EASE // nil where the data is too large for it, or empty
	neighbours  *collab.ItemKNN
	walk        *collab.RP3Beta
	factors     *collab.IALS
	transitions *collab.Transitions
	popularity  *collab.Popularity
	ratings     *Ratings
	touches     []float64 // how many users touched each post, by ordinal
}

// Fit learns from data as of now, in epoch milliseconds. ratings may be nil.
func Fit(ctx context.Context, data *collab.Data, ratings *Ratings, now int64, s Settings) (*Models, error) {
	m := &Models{Settings: s, ratings: ratings}
	var err error
	if m.ease, err = collab.FitEASE(ctx, data, collab.EASEParams{Lambda: s.Lambda}); err != nil && !errors.Is(err, collab.ErrTooLarge) {
		return nil, err
	}
	if m.neighbours, err = collab.FitItemKNN(ctx, data, collab.ItemKNNParams{Neighbours: 50, Shrink: 5}); err != nil {
		return nil, err
	}
	if m.walk, err = collab.FitRP3Beta(ctx, data, collab.RP3BetaParams{Alpha: .6, Beta: .4}); err != nil {
		return nil, err
	}
	if m.factors, err = collab.FitIALS(ctx, data, collab.IALSParams{Factors: s.Factors, Regularisation: 1, Alpha: 10, Iterations: 15}); err != nil {
		return nil, err
	}
	if m.transitions, err = collab.FitTransitions(ctx, data, collab.TransitionsParams{
		Steps: s.Steps, HalfLife: days(s.TransitionDays), Norm: .5, Last: 10, Decay: .8, Now: now,
	}); err != nil {
		return nil, err
	}
	if m.popularity, err = collab.FitPopularity(ctx, data, collab.PopularityParams{HalfLife: days(s.PopularDays), Now: now}); err != nil {
		return nil, err
	}
	m.touches = make([]float64, data.Items())
	for u := range data.Users() {
		for _, t := range data.Row(u) {
			m.touches[t.Item]++
		}
	}
	return m, nil
}

func days(n float64) time.Duration { return time.Duration(n * 24 * float64(time.Hour)) }

// Ratings are the sums of the ratings of every post, by ordinal.
type Ratings struct {
	Sum   []int64
	Count []int32
	total struct{ sum, count int64 }
}

// NewRatings returns the ratings of posts by ordinal; the slices are kept and have one length.
func NewRatings(sum []int64, count []int32) *Ratings {
	r := &Ratings{Sum: sum, Count: count}
	for i, s := range sum {
		r.total.sum += s
		r.total.count += int64(count[i])
	}
	return r
}
