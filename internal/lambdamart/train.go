package lambdamart

import (
	"context"
	"math"
	"slices"

	"resonance/internal/metric"
)

// List is candidates that were ranked for somebody, and which of them were wanted.
type List struct {
	Values [][]float32 // by feature, then candidate
	Wanted []int       // places of candidates, of which one at least is not wanted
	Ideal  float64     // what the best order of all that is wanted gains: the sum of 1 / log2(1 + rank)
}

// Options of Bag.
type Options struct {
	Trees  int
	Leaves int     // of a tree
	Rate   float64 // how much of what a tree finds is believed
	Fewest int     // candidates of a leaf
	Ridge  float64 // holds what leaves add to 0, as so much curvature would
}

// Bag grows a forest on all groups of lists but one, for each of them, and returns the forests in that order. Their mean says
// less of what only one of them found (bagging: Breiman 1996).
//
// A tree follows the slope of the lists' nDCG, which has none, as LambdaRank makes it: every wanted candidate i pushes itself
// up and an unwanted j down by
//
//	lambda_ij = |1/log2(1 + rank_i) - 1/log2(1 + rank_j)| / ideal · sigmoid(score_j - score_i)
//
// and a leaf adds Rate times the Newton step Σ lambda / (Σ curvature + Ridge), where curvature_ij =
// lambda_ij · sigmoid(score_i - score_j). Every tree is grown in one call of turn. The result depends on nothing but lists,
// their order included.
func Bag(ctx context.Context, features []string, groups [][]List, o Options, turn func(work func())) ([]*Forest, error) {
	var g *grower
	turn(func() { g = newGrower(features, slices.Concat(groups...), o) })
	var forests []*Forest
	from := 0
	for _, group := range groups {
		f, err := g.forest(ctx, features, span{from, from + len(group)}, turn)
		if err != nil {
			return nil, err
		}
		forests = append(forests, f)
		from += len(group)
	}
	return forests, nil
}

// forest grows a forest on all lists but some.
func (g *grower) forest(ctx context.Context, features []string, left span, turn func(work func())) (*Forest, error) {
	g.left = left
	for i := range g.odds {
		g.odds[i] = 1
	}
	f := &Forest{Features: features}
	for range g.options.Trees {
		turn(func() {
			g.push()
			f.Trees = append(f.Trees, g.grow())
		})
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// push sets the slopes and curvatures of all candidates that the forest grows on.
func (g *grower) push() {
	clear(g.slopes)
	for i := range g.lists {
		if i >= g.left.from && i < g.left.to {
			continue
		}
		first, n := g.first[i], g.first[i+1]-g.first[i]
		g.pushList(&g.lists[i], g.order[first:first+n], g.odds[first:first+n], g.slopes[first:first+n])
	}
}

// pushList sets those of a list. order is its candidates as they stood before the last tree, and becomes as they stand now.
func (g *grower) pushList(l *List, order []int32, odds []float64, slopes []slope) {
	for n := 1; n < len(order); n++ { // few have moved: an insertion sort is done soonest
		at, i := n, order[n]
		for ; at > 0 && before(odds, i, order[at-1]); at-- {
			order[at] = order[at-1]
		}
		order[at] = i
	}
	gains := g.gains[:len(odds)] // by candidate, what it counts where it stands
	for rank, i := range order {
		gains[i] = g.discounts[rank] / l.Ideal
	}
	for _, wanted := range l.Wanted {
		g.wanted[wanted] = true
	}
	for _, i := range l.Wanted {
		var up slope
		mine, gain := odds[i], gains[i]
		for j, other := range odds {
			if g.wanted[j] {
				continue
			}
			chance := other / (mine + other) // that j comes before i: the sigmoid of the difference of their scores
			lambda := math.Abs(gain-gains[j]) * chance
			curvature := lambda * (1 - chance)
			up.add(slope{lambda, curvature})
			slopes[j].add(slope{-lambda, curvature})
		}
		slopes[i].add(up)
	}
	for _, wanted := range l.Wanted {
		g.wanted[wanted] = false
	}
}

// before reports whether candidate a comes before b: the higher odds, of equals the first.
func before(odds []float64, a, b int32) bool {
	return odds[a] > odds[b] || odds[a] == odds[b] && a < b
}

// discountsOf returns what a wanted candidate counts at each of n ranks.
func discountsOf(n int) []float64 {
	discounts := make([]float64, n)
	for rank := range discounts {
		discounts[rank] = metric.Discount(rank)
	}
	return discounts
}
