package learn

import (
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"resonance/internal/lambdamart"
	"resonance/internal/metric"
	"resonance/internal/rank"
	"resonance/internal/signal"
)

// growing is how the trees of a forest are grown: few and small, for many large ones learn what was held out better and what
// comes later worse (docs/learning.md).
var growing = lambdamart.Options{Trees: 12, Leaves: 7, Rate: .4, Fewest: 100, Ridge: 10}

// blend is a weighted sum: from which columns signals are read, and how much each counts.
type blend struct {
	reading reading
	weights rank.Weights
}

// trees grows trees beside the blends of all folds, and returns nil where they are not worth it: the 95 % interval of what they
// gain, in nDCG over the head of a list, has to exclude zero. Trees learn the lists that they are grown on by heart, so the
// lists of every fold are measured under a blend and trees that the other users' lists made: the mean of four forests. What
// serves is as much of the same, one forest of each fold, so that all users have a say in three of five.
func (sh *sheet) trees(ctx context.Context, blends []blend) (*lambdamart.Forest, metric.Interval, error) {
	weighed, again := make([]float64, len(sh.users)), make([]float64, len(sh.users))
	forests := make([]*lambdamart.Forest, folds)
	g, folding := errgroup.WithContext(ctx)
	g.SetLimit(sh.exam.effort.Workers)
	for fold, b := range blends[:folds] {
		g.Go(func() error {
			grown, err := sh.grow(folding, b, uint64(fold))
			if err != nil {
				return err
			}
			forests[fold] = grown[fold%len(grown)] // which leaves out the fold behind as well
			forest := lambdamart.Mean(grown)
			sh.exam.effort.Do(func() {
				for place, user := range sh.users {
					if foldOf(user) == uint64(fold) {
						h := sh.head(b, place)
						weighed[place], again[place] = h.gain(h.sums), h.gain(h.again(forest))
					}
				}
			})
			return folding.Err()
		})
	}
	if err := g.Wait(); err != nil {
		return nil, metric.Interval{}, err
	}
	gain := metric.PairedDifference(again, weighed, sh.users, resampling)
	if gain.Low <= 0 {
		return nil, gain, nil
	}
	return lambdamart.Mean(forests), gain, nil
}

// grow grows forests on the lists outside of a fold, as a blend orders them, that leave out each one of the other folds as well.
func (sh *sheet) grow(ctx context.Context, b blend, fold uint64) ([]*lambdamart.Forest, error) {
	lists := make([][]lambdamart.List, folds) // by their users' fold
	sh.exam.effort.Do(func() {
		for place, user := range sh.users {
			if foldOf(user) == fold {
				continue
			}
			if h := sh.head(b, place); len(h.wanted) > 0 && len(h.wanted) < len(h.sums) {
				of := &lists[foldOf(user)]
				*of = append(*of, lambdamart.List{Values: h.values, Wanted: h.wanted, Ideal: sh.lists[place].ideal(length)})
			}
		}
	})
	others := slices.Delete(lists, int(fold), int(fold)+1)
	forests, err := lambdamart.Bag(ctx, signal.Names(), others, growing, sh.exam.effort.Do)
	if err != nil {
		return nil, fmt.Errorf("grow trees: %w", err)
	}
	return forests, nil
}

// head is the candidates of a list that trees rank again.
type head struct {
	sums   []float64   // by candidate, by id: weighted sums
	values [][]float32 // by signal, then candidate: 0 where the signal has no weight
	wanted []int       // places of the relevant ones
	ideal  float64     // what the best order of all relevant ones gains
}

// head returns the head of a list as a blend orders it.
func (sh *sheet) head(b blend, place int) head {
	l := sh.lists[place]
	h := head{ideal: l.ideal(rank.Again)}
	sums := sh.blend(b.reading, b.weights, []int{place})[0]
	all := make([]float64, len(sums))
	for i, sum := range sums {
		all[i] = float64(sum)
	}
	kept := new(rank.Highest).Exactly(all, rank.Again, 0)
	for i, at := range kept {
		h.sums = append(h.sums, all[at])
		if _, hit := slices.BinarySearch(l.hits, int(at)); hit {
			h.wanted = append(h.wanted, i)
		}
	}
	for s, column := range b.reading {
		values := make([]float32, len(kept))
		if b.weights[s] != 0 {
			for i, at := range kept {
				values[i] = sh.cells[column][place][at]
			}
		}
		h.values = append(h.values, values)
	}
	return h
}

// again returns the scores of a head that trees rank again.
func (h *head) again(forest *lambdamart.Forest) []float64 {
	scores := forest.Scores(h.values)
	scale := rank.Scale(h.sums, scores)
	for i, said := range scores {
		scores[i] = h.sums[i] + scale*said
	}
	return scores
}

// gain returns the nDCG of a head that is ranked by scores. All of it counts, not the first ten alone: who comes up from the
// fortieth place to the twentieth tells of trees as well, and there are many more of them.
func (h *head) gain(scores []float64) (gain float64) {
	for _, wanted := range h.wanted {
		gain += discounts[placeOf(wanted, scores, len(scores))]
	}
	return gain / h.ideal
}

// trees returns the recipe's trees where they ask for the signals that there are, nil for none.
func (r Recipe) trees() *lambdamart.Forest {
	if r.Trees == nil || !slices.Equal(r.Trees.Features, signal.Names()) {
		return nil
	}
	return r.Trees
}
