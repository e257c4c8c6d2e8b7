package signal

import (
	"context"
	"errors"

	"resonance/internal/catalog"
	"resonance/internal/collab"
)

// Fitted is what was learnt from everyone's rows at some moment. It never changes and is safe for
// concurrent use.
type Fitted struct {
	settings   Settings
	posts      []catalog.Ordinal // by place in the data
	places     []int32           // by ordinal, -1: not in the data
	ease       *collab.EASE      // nil where the data is too large for it
	neighbours *collab.ItemKNN
	factors    *collab.IALS
}

// Bytes returns the part of f that takes longest to learn, for Recall.
func (f *Fitted) Bytes() []byte { return f.factors.Bytes() }

// Recall returns what Fit takes over from an old fit to the same data with the same settings, of which only Bytes
// were kept. The error wraps errs.Invalid where they are of something else.
func Recall(ctx context.Context, b []byte, data *collab.Data, s Settings) (old *Fitted, err error) {
	old = &Fitted{settings: Settings{Factors: s.Factors, Regularisation: s.Regularisation, Alpha: s.Alpha}}
	if old.factors, err = collab.RecallIALS(ctx, b, data.Items(), old.factorParams()); err != nil {
		return nil, err
	}
	return old, nil
}

// Fit learns from data whose item i is the post at posts[i]. What old, fitted to the same data with
// other settings, has of use is taken over; old may be nil.
func Fit(ctx context.Context, data *collab.Data, posts []catalog.Ordinal, s Settings, old *Fitted) (f *Fitted, err error) {
	f = &Fitted{settings: s, posts: posts}
	for place, o := range posts {
		for int(o) >= len(f.places) {
			f.places = append(f.places, -1)
		}
		f.places[o] = int32(place)
	}
	if old != nil && old.settings.Lambda == s.Lambda {
		f.ease = old.ease
	} else if f.ease, err = collab.FitEASE(ctx, data, collab.EASEParams{Lambda: s.Lambda}); err != nil && !errors.Is(err, collab.ErrTooLarge) {
		return nil, err
	}
	if old != nil && old.neighbours != nil {
		f.neighbours = old.neighbours
	} else if f.neighbours, err = collab.FitItemKNN(ctx, data, collab.ItemKNNParams{Neighbours: 50, Shrink: 5}); err != nil {
		return nil, err
	}
	if old != nil && old.factorParams() == f.factorParams() {
		f.factors = old.factors
	} else if f.factors, err = collab.FitIALS(ctx, data, f.factorParams()); err != nil {
		return nil, err
	}
	return f, nil
}

func (f *Fitted) factorParams() collab.IALSParams {
	return collab.IALSParams{Factors: f.settings.Factors, Regularisation: f.settings.Regularisation, Alpha: f.settings.Alpha, Iterations: 15}
}

// place returns the place of the post at o in the data, -1 for one that is not in it.
func (f *Fitted) place(o catalog.Ordinal) int32 {
	if int(o) >= len(f.places) {
		return -1
	}
	return f.places[o]
}

// fittedPlaces returns the places of the candidates in the data that models were fitted to, -1 for those that are not in it.
func (q *Question) fittedPlaces() []int32 {
	if q.placed.by == q.Fitted {
		return q.placed.places
	}
	if q.whole {
		q.placed = q.Crowd.placed(q)
		return q.placed.places
	}
	q.placed = q.Fitted.placed(q.Candidates, q.places[:0])
	q.places = q.placed.places
	return q.places
}

func (f *Fitted) placed(posts []catalog.Ordinal, places []int32) placed {
	for _, o := range posts {
		places = append(places, f.place(o))
	}
	return placed{f, places}
}

// placed are the candidates as models that were fitted know them.
type placed struct {
	by     *Fitted
	places []int32
}

// known returns the history as the fitted models take it; see Question.touched. Posts that came
// after the fit hold their positions.
func (q *Question) known(memory float64) []collab.Weighted {
	history := q.touched(memory)
	known := history[:0]
	for _, h := range history {
		if place := q.Fitted.place(catalog.Ordinal(h.Item)); place >= 0 {
			known = append(known, collab.Weighted{Item: place, Weight: h.Weight})
		}
	}
	return known
}
