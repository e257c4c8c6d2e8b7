// Package learn turns what everyone did into the model that ranking uses: hyperparameters, weights
// and fitted models, at once or chosen by measuring them on held-out parts of the past.
package learn

import (
	"context"
	"encoding/binary"
	"time"

	"resonance/internal/lambdamart"
	"resonance/internal/rank"
	"resonance/internal/signal"
)

// Model is what ranking has learnt. It never changes.
type Model struct {
	Version  int64 // grows with every model of a store; 0 for one that no store knows
	FittedAt time.Time
	Sequence int64  // the state of the store that it was fitted to
	Touches  int    // that it was fitted to
	Sum      uint64 // of these: signal.Crowd.Sum
	Recipe   Recipe
	Weights  rank.Weights
	Trees    *lambdamart.Forest // that rank the best again; nil for none
	Fitted   *signal.Fitted     // nil before the first fit
}

// Untaught returns the model that serves before anything was learnt.
func Untaught() *Model {
	recipe := Recipe{Settings: signal.DefaultSettings()}
	return &Model{Recipe: recipe, Weights: recipe.weights()}
}

// Expecting returns what serves as Untaught does, and counts what people did as models of the recipe do.
func Expecting(r Recipe) *Model {
	m := Untaught()
	m.Recipe.Settings = r.Settings
	return m
}

// Kept returns what of the model takes longest to fit, for a Fit of the same recipe to the same lesson: the lesson's
// sum, then signal.Fitted.Bytes. Without the lesson it tells of no user.
func (m *Model) Kept() []byte {
	return append(binary.LittleEndian.AppendUint64(nil, m.Sum), m.Fitted.Bytes()...)
}

// Fit makes a model of a lesson. What was kept of the same model, nil for nothing, saves most of the work; what was
// kept of another lesson is ignored.
func (r Recipe) Fit(ctx context.Context, l Lesson, kept []byte) (*Model, error) {
	fitted, err := l.fit(ctx, r.Settings, kept)
	if err != nil {
		return nil, err
	}
	return &Model{Touches: l.touches, Sum: l.sum, Recipe: r, Weights: r.weights(), Trees: r.trees(), Fitted: fitted}, nil
}
