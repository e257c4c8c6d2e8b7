package evaluate

import (
	"context"
	"fmt"

	"resonance/internal/evaluate/protocol"
	"resonance/internal/metric"
)

// baseline is a recommender to compare with. Of several variants the one with the best mean
// nDCG on validation lists is measured; the first of equals.
type baseline struct {
	name     string
	variants []variant
}

// variant is a baseline with its parameters.
type variant struct {
	label string // the parameters, "" for none
	fit   func(ctx context.Context, w *world, t *training) (scorer, error)
}

// fitted is a variant as a system.
type fitted struct {
	variant
	world  *world
	ranker *ranker
	score  scorer
}

func newFitted(v variant, w *world, k int) *fitted {
	return &fitted{variant: v, world: w, ranker: newRanker(w.items, k)}
}

func (f *fitted) learn(ctx context.Context, t *training, _ *protocol.List) (err error) {
	f.score, err = f.fit(ctx, f.world, t)
	return err
}

func (f *fitted) pass(*protocol.List) error { return nil }

func (f *fitted) rank(_ context.Context, l *protocol.List) ([]ranked, error) {
	return []ranked{f.ranker.rank(l, f.score)}, nil
}

// validate returns the mean nDCG of a variant on the lists of splits.
func validate(ctx context.Context, v variant, w *world, splits []protocol.Split, trainings []*training, k int) (float64, error) {
	var sum float64
	lists := 0
	f := newFitted(v, w, k)
	for i := range splits {
		if len(splits[i].Lists) == 0 {
			continue
		}
		if err := f.learn(ctx, trainings[i], &splits[i].Lists[0]); err != nil {
			return 0, fmt.Errorf("fit %s: %w", v.label, err)
		}
		for n := range splits[i].Lists {
			if err := ctx.Err(); err != nil {
				return 0, err
			}
			l := &splits[i].Lists[n]
			sum += metric.NDCGAt(k, f.ranker.rank(l, f.score).Top, metric.NewSet(l.Relevant...))
			lists++
		}
	}
	return sum / float64(max(1, lists)), nil
}
