package recommend

import (
	"context"
	"fmt"

	"resonance/internal/learn"
	"resonance/internal/replica"
)

// Pupil teaches a replica what its own events tell: a recipe is chosen once, by the rule of a
// protocol, and models are fitted as often as asked. It is how an evaluation learns, whose past is
// nobody else's.
type Pupil struct {
	Replica *replica.Replica
	Rule    string // one of learn.Protocols
	Workers int    // processors that choosing may take

	recipe *learn.Recipe
}

// Learn brings the replica's model up to what the replica holds.
func (p *Pupil) Learn(ctx context.Context) error {
	var model *learn.Model
	err := p.Replica.Read(ctx, func(view replica.View) error {
		past, err := view.Past(ctx)
		if err != nil {
			return err
		}
		if p.recipe == nil {
			chosen, err := learn.Tune(ctx, past, p.Rule, learn.Begin(past), p.Workers)
			if err != nil {
				return err
			}
			p.recipe = &chosen
		}
		lesson, err := past.Lesson()
		if err != nil {
			return err
		}
		model, err = p.recipe.Fit(ctx, lesson)
		return err
	})
	if err != nil {
		return fmt.Errorf("learn: %w", err)
	}
	p.Replica.Adopt(model)
	return nil
}
