// Package learn turns what everyone did into the model that ranking uses: hyperparameters, weights
// and fitted models, at once or chosen by measuring them on held-out parts of the past.
package learn

import (
	"context"
	"time"

	"resonance/internal/rank"
	"resonance/internal/signal"
)

// Model is what ranking has learnt. It never changes.
type Model struct {
	Version  int64 // grows with every model of a store; 0 for one that was never fitted
	FittedAt time.Time
	Sequence int64 // the state of the store that it was fitted to
	Events   int   // touches that it was fitted to
	Recipe   Recipe
	Weights  rank.Weights
	Fitted   *signal.Fitted // nil before the first fit
}

// Untaught returns the model that serves before anything was learnt.
func Untaught() *Model {
	recipe := Recipe{Settings: signal.DefaultSettings()}
	return &Model{Recipe: recipe, Weights: recipe.weights()}
}

// Fit makes a model of the past as it is.
func (r Recipe) Fit(ctx context.Context, past Past) (*Model, error) {
	rows := past.rows()
	fitted, err := rows.Fit(ctx, past.Catalog, r.Settings)
	if err != nil {
		return nil, err
	}
	return &Model{Events: rows.Touches(), Recipe: r, Weights: r.weights(), Fitted: fitted}, nil
}

// rows returns what each user touched.
func (p Past) rows() Rows {
	rows := Rows{}
	for user := range p.Log.Users() {
		if row := signal.Row(p.Catalog, p.Log.Of(user)); len(row) > 0 {
			rows[user] = row
		}
	}
	return rows
}
