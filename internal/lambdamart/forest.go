// Package lambdamart ranks lists by gradient-boosted regression trees that were grown for the head of
// the list (LambdaMART: Burges 2010, From RankNet to LambdaRank to LambdaMART).
//
// A tree sees how what is said of a candidate meets: much from one side may count only where little is
// said from another, which no weighted sum can tell. What it adds is told by the sides that it
// asked.
package lambdamart

import (
	"fmt"
	"slices"

	"resonance/internal/errs"
)

// Forest scores candidates by what its trees say together. It never changes. The JSON is stored.
type Forest struct {
	Features []string `json:"features"` // names of what trees ask for, in the order of a candidate's values
	Trees    []Tree   `json:"trees"`
}

// Tree is the nodes of a tree, the root first. The left child of a node is the next one.
type Tree []Node

// Node is a question, or a leaf.
type Node struct {
	Feature   int     `json:"f,omitempty"` // whose value is asked for
	Threshold float64 `json:"t,omitempty"` // a value up to this goes to the left
	Right     int     `json:"r,omitempty"` // where the right child is; 0 for a leaf
	Value     float64 `json:"v"`           // of a leaf, what it adds; of a question, the mean of what is below, by the candidates it was grown on
}

// Check reports whether the forest can be asked; the error wraps errs.Invalid.
func (f *Forest) Check() error {
	for n, t := range f.Trees {
		if len(t) == 0 {
			return fmt.Errorf("%w: tree %d has no root", errs.Invalid, n)
		}
		for i, node := range t {
			leaf := node.Right == 0
			if !leaf && (node.Right <= i+1 || node.Right >= len(t) || node.Feature < 0 || node.Feature >= len(f.Features)) {
				return fmt.Errorf("%w: tree %d: node %d leads nowhere", errs.Invalid, n, i)
			}
		}
	}
	return nil
}

// Explain sets shares, of the length of Features, to what asking for each feature adds to the score of a
// candidate: the steps from the mean of a question to the mean of its answer, on the way through every
// tree (Saabas 2014). The score, which is returned, is their sum; that of a mean candidate is 0.
func (f *Forest) Explain(values, shares []float64) (score float64) {
	clear(shares)
	for _, t := range f.Trees {
		for i := 0; t[i].Right != 0; {
			asked := t[i]
			if values[asked.Feature] <= asked.Threshold {
				i++
			} else {
				i = asked.Right
			}
			shares[asked.Feature] += t[i].Value - asked.Value
		}
	}
	for _, share := range shares {
		score += share
	}
	return score
}

// Scores returns the scores of candidates, whose values are given by feature, then candidate.
func (f *Forest) Scores(values [][]float32) []float64 {
	one, shares := make([]float64, len(values)), make([]float64, len(values))
	scores := make([]float64, len(values[0]))
	for i := range scores {
		for feature := range values {
			one[feature] = float64(values[feature][i])
		}
		scores[i] = f.Explain(one, shares)
	}
	return scores
}

// Mean returns the forest whose score is the mean of those of forests of the same features, of which there is one at least.
func Mean(forests []*Forest) *Forest {
	mean := &Forest{Features: forests[0].Features}
	for _, f := range forests {
		for _, t := range f.Trees {
			t = slices.Clone(t)
			for i := range t {
				t[i].Value /= float64(len(forests))
			}
			mean.Trees = append(mean.Trees, t)
		}
	}
	return mean
}

// Equal reports whether two forests, nil for none, score alike.
func (f *Forest) Equal(other *Forest) bool {
	if f == nil || other == nil {
		return f == other
	}
	return slices.Equal(f.Features, other.Features) && slices.EqualFunc(f.Trees, other.Trees, slices.Equal[Tree])
}
