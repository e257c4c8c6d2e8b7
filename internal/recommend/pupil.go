package recommend

import (
	"context"
	"fmt"

	"resonance/internal/learn"
	"resonance/internal/replica"
)

// Pupil teaches a replica what its own events tell. It is how an evaluation learns, whose past is
// nobody else's.
type Pupil struct {
	Replica *replica.Replica
	Rule    string // one of learn.Protocols, by which a recipe is chosen; "" chooses nothing: learn.Begin's
	Workers int    // processors that choosing may take
}

// Learn brings the replica's model up to what the replica holds, by the recipe that is given or, where
// that is nil, by one that it chooses. It returns the recipe.
func (p *Pupil) Learn(ctx context.Context, recipe *learn.Recipe) (*learn.Recipe, error) {
	var model *learn.Model
	err := p.Replica.Read(ctx, func(view replica.View) (err error) {
		past := view.Past()
		if recipe == nil {
			if recipe, err = p.choose(ctx, past); err != nil {
				return err
			}
		}
		lesson, err := past.Lesson()
		if err != nil {
			return err
		}
		model, err = recipe.Fit(ctx, lesson, nil)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("learn: %w", err)
	}
	p.Replica.Adopt(model)
	return recipe, nil
}

func (p *Pupil) choose(ctx context.Context, past learn.Past) (*learn.Recipe, error) {
	recipe := learn.Begin(past)
	if p.Rule == "" {
		return &recipe, nil
	}
	recipe, err := learn.Tune(ctx, past, p.Rule, recipe, learn.Effort{Workers: p.Workers})
	return &recipe, err
}
