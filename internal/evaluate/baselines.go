package evaluate

import (
	"context"
	"fmt"
	"time"

	"resonance/internal/collab"
	"resonance/internal/evaluate/protocol"
	"resonance/internal/interaction"
)

const day = 24 * time.Hour

func days(d time.Duration) float64 { return d.Hours() / 24 }

// baselines lists what the engine is compared with, and every value of their parameters that
// may be chosen. The formulas stand above the code named; the values are from these sources.
//
//	random       a hash of user, moment and item
//	popular      users who touched the item; live: before the list's moment
//	decayed      the same, .5^(age/half-life); half-lives of days for feeds, of years for films
//	newest       latest creation
//	feed-order   nearness in the order of creation (see feedOrder): shows how much of a figure is
//	             the order in which an app served its posts, and so an artefact
//	plain        likeness, interactions and ratings (see plain), weighted .5 .3 .2 as in many first
//	             designs, or with others; likeness keeps half or more
//	itemknn      Dacrema et al. 2019: 50 or 100 neighbours, shrunk by 5 or 20, cosine or tf-idf; the
//	             whole history alike, or half the weight every 5 or 20 positions back
//	ease         Steck 2019: lambda 5..100 for short histories, 200..500 for long ones
//	ials         Rendle et al. 2021 search 16..64 factors, lambda and alpha together
//	transitions  Ludewig and Jannach 2018: 5 to 10 steps with 1/step weights
func baselines() []baseline {
	return []baseline{
		{"random", []variant{{"", random}}},
		{"popular", []variant{{"", popular(0)}}},
		{"decayed", []variant{decayed(day), decayed(7 * day), decayed(30 * day), decayed(1000 * day)}},
		{"newest", []variant{{"", newest}}},
		{"feed-order", []variant{
			feedOrder(1, .25), feedOrder(1, .5), feedOrder(1, 1), feedOrder(1, 2),
			feedOrder(5, .25), feedOrder(5, .5), feedOrder(5, 1), feedOrder(5, 2),
		}},
		{"plain", []variant{plain(.5, .3, .2), plain(.5, .5, 0), plain(.6, .1, .3), plain(.8, .1, .1)}},
		{"itemknn", []variant{
			itemKNN(collab.ItemKNNParams{Neighbours: 50, Shrink: 5}, 0), itemKNN(collab.ItemKNNParams{Neighbours: 50, Shrink: 20}, 0),
			itemKNN(collab.ItemKNNParams{Neighbours: 100, Shrink: 5, TFIDF: true}, 0), itemKNN(collab.ItemKNNParams{Neighbours: 100, Shrink: 20, TFIDF: true}, 0),
			itemKNN(collab.ItemKNNParams{Neighbours: 100, Shrink: 5}, 5), itemKNN(collab.ItemKNNParams{Neighbours: 100, Shrink: 20}, 20),
		}},
		{"ease", []variant{ease(5), ease(10), ease(20), ease(50), ease(100), ease(200), ease(300), ease(500)}},
		{"ials", []variant{ials(32, 1, 10), ials(32, 1, 3), ials(16, 20, 1), ials(64, 20, 1)}},
		{"transitions", []variant{
			transitions(collab.TransitionsParams{Steps: 5, HalfLife: 30 * day, Norm: .5, Last: 10, Decay: .8}),
			transitions(collab.TransitionsParams{Steps: 5, Norm: .5, Last: 10, Decay: .8}),
			transitions(collab.TransitionsParams{Steps: 10, Norm: 1, Last: 3, Decay: .8}),
			transitions(collab.TransitionsParams{Steps: 10, Norm: 1, Last: 50, Decay: .95}),
		}},
	}
}

func random(context.Context, *world, *training) (scorer, error) {
	return func(l *protocol.List, out []float64) {
		seed := mix(mix(uint64(l.User)) ^ uint64(l.Now))
		for i := range out {
			out[i] = float64(mix(seed+uint64(i)) >> 11)
		}
	}, nil
}

// mix spreads the bits of x: the finish of splitmix64.
func mix(x uint64) uint64 {
	x += 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

func newest(_ context.Context, w *world, _ *training) (scorer, error) {
	return func(_ *protocol.List, out []float64) {
		for i, it := range w.items {
			out[i] = float64(it.CreatedAt)
		}
	}, nil
}

// model is a fitted model of package collab that reads a history.
type model interface {
	Score(history []collab.Weighted, out []float64, scratch *collab.Scratch)
}

// fit makes a variant of a model, which is asked with histories in which a touch weighs half as
// much for every halfLife positions that it is older; 0: all weigh 1.
func fit(label string, halfLife float64, train func(context.Context, *collab.Data, int64) (model, error)) variant {
	return variant{label, func(ctx context.Context, _ *world, t *training) (scorer, error) {
		now := int64(0)
		if n := len(t.events); n > 0 {
			now = t.events[n-1].At + 1000
		}
		m, err := train(ctx, t.data, now)
		if err != nil {
			return nil, err
		}
		var scratch collab.Scratch
		var history []collab.Weighted
		return func(l *protocol.List, out []float64) {
			history = history[:0]
			for position := range l.History {
				touch := l.History[len(l.History)-1-position]
				history = append(history, collab.Weighted{Item: int32(touch.Item), Weight: collab.Recency(position, halfLife)})
			}
			m.Score(history, out, &scratch)
		}, nil
	}}
}

func itemKNN(p collab.ItemKNNParams, halfLife float64) variant {
	label := fmt.Sprintf("neighbours %d, shrink %g, tf-idf %v, half-life %g positions", p.Neighbours, p.Shrink, p.TFIDF, halfLife)
	return fit(label, halfLife, func(ctx context.Context, d *collab.Data, _ int64) (model, error) {
		return collab.FitItemKNN(ctx, d, p)
	})
}

func ease(lambda float64) variant {
	return fit(fmt.Sprintf("lambda %g", lambda), 0, func(ctx context.Context, d *collab.Data, _ int64) (model, error) {
		return collab.FitEASE(ctx, d, collab.EASEParams{Lambda: lambda})
	})
}

func ials(factors int, lambda, alpha float64) variant {
	return fit(fmt.Sprintf("factors %d, lambda %g, alpha %g", factors, lambda, alpha), 0, func(ctx context.Context, d *collab.Data, _ int64) (model, error) {
		return collab.FitIALS(ctx, d, collab.IALSParams{Factors: factors, Regularisation: lambda, Alpha: alpha, Iterations: 15})
	})
}

func transitions(p collab.TransitionsParams) variant {
	label := fmt.Sprintf("steps %d, half-life %g days, norm %g, last %d, decay %g", p.Steps, days(p.HalfLife), p.Norm, p.Last, p.Decay)
	return fit(label, 0, func(ctx context.Context, d *collab.Data, now int64) (model, error) {
		p := p
		p.Now = now
		return collab.FitTransitions(ctx, d, p)
	})
}

// kindPull is how much an event adds to the interactions of plain: a view 1, a like or bookmark
// 2, an inspire or share 3, a rating its share of 100.
func kindPull(e *protocol.Event) float64 {
	switch interaction.Kind(e.Kind) {
	case interaction.Like, interaction.Bookmark:
		return 2
	case interaction.Inspire, interaction.Share:
		return 3
	case interaction.Rating:
		return e.Value / 100
	}
	return 1
}
