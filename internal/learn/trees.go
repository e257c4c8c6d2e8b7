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

// growing is how the trees of a fold are grown: few and small, for many large ones learn what was held out better and what comes
// later worse (docs/learning.md).
var growing = lambdamart.Options{Trees: 20, Leaves: 7, Rate: .3, Fewest: 100, Ridge: 10}

// blend is a weighted sum: from which columns signals are read, and how much each counts.
type blend struct {
	reading reading
	weights rank.Weights
}

// trees grows trees beside a blend, and returns nil where they are not worth it: the 95 % interval of what they gain has to
// exclude zero. Trees learn the lists that they are grown on by heart, so the lists of every fold are measured under a blend
// and trees that the other users' lists made. What serves is the mean of what all folds grew (bagging: Breiman 1996), which says
// less of what only one of them found.
func (sh *sheet) trees(ctx context.Context, blends []blend) (*lambdamart.Forest, metric.Interval, error) {
	weighed, again := make([]float64, len(sh.users)), make([]float64, len(sh.users))
	forests := make([]*lambdamart.Forest, len(blends))
	g, folding := errgroup.WithContext(ctx)
	g.SetLimit(sh.exam.effort.Workers)
	for fold, b := range blends {
		g.Go(func() error {
			inside, others := sh.divided(uint64(fold))
			forest, err := sh.grow(folding, b, others)
			if err != nil {
				return err
			}
			forests[fold] = forest
			sh.exam.effort.Do(func() {
				sh.grade(b.reading, b.weights, inside, weighed)
				for _, place := range inside {
					again[place] = sh.gainAgain(b, place, forest)
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

// grow grows trees on lists, by their places, as a blend orders them.
func (sh *sheet) grow(ctx context.Context, b blend, places []int) (*lambdamart.Forest, error) {
	var lists []lambdamart.List
	sh.exam.effort.Do(func() {
		for _, place := range places {
			h := sh.head(b, place)
			if l := sh.lists[place]; len(h.wanted) > 0 && len(h.wanted) < len(h.kept) {
				lists = append(lists, lambdamart.List{Values: h.values, Wanted: h.wanted, Ideal: l.ideal()})
			}
		}
	})
	forest, err := lambdamart.Train(ctx, signal.Names(), lists, growing, sh.exam.effort.Do)
	if err != nil {
		return nil, fmt.Errorf("grow trees: %w", err)
	}
	return forest, nil
}

// head is the candidates of a list that trees rank again.
type head struct {
	scores []float32   // the weighted sums of all kept candidates
	kept   []int32     // places of the head among them, ascending
	sums   []float64   // the weighted sums of the head
	values [][]float32 // by signal, then candidate: 0 where the signal has no weight
	wanted []int       // places of the relevant ones
}

// head returns the head of a list as a blend orders it.
func (sh *sheet) head(b blend, place int) (h head) {
	h.scores = sh.blend(b.reading, b.weights, []int{place})[0]
	all := make([]float64, len(h.scores))
	for i, sum := range h.scores {
		all[i] = float64(sum)
	}
	h.kept = new(rank.Highest).Exactly(all, rank.Again, 0)
	for i, at := range h.kept {
		h.sums = append(h.sums, all[at])
		if _, hit := slices.BinarySearch(sh.lists[place].hits, int(at)); hit {
			h.wanted = append(h.wanted, i)
		}
	}
	for s, column := range b.reading {
		values := make([]float32, len(h.kept))
		if b.weights[s] != 0 {
			for i, at := range h.kept {
				values[i] = sh.cells[column][place][at]
			}
		}
		h.values = append(h.values, values)
	}
	return h
}

// gainAgain returns the nDCG of a list whose best candidates trees rank again.
func (sh *sheet) gainAgain(b blend, place int, forest *lambdamart.Forest) float64 {
	h := sh.head(b, place)
	said := forest.Scores(h.values)
	scale := rank.Scale(h.sums, said)
	for i, at := range h.kept {
		h.scores[at] = float32(h.sums[i] + scale*said[i])
	}
	return sh.lists[place].gain(h.scores)
}

// trees returns the recipe's trees where they ask for the signals that there are, nil for none.
func (r Recipe) trees() *lambdamart.Forest {
	if r.Trees == nil || !slices.Equal(r.Trees.Features, signal.Names()) {
		return nil
	}
	return r.Trees
}
