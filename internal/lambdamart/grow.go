package lambdamart

import (
	"math"
	"slices"
)

// bins is into how many a feature's values are divided; a tree asks on which side of a border a value is.
const bins = 64

// slope is the way up, and how soon it flattens.
type slope struct{ lambda, curvature float64 }

func (s *slope) add(o slope) { s.lambda, s.curvature = s.lambda+o.lambda, s.curvature+o.curvature }

func (s *slope) take(o slope) { s.lambda, s.curvature = s.lambda-o.lambda, s.curvature-o.curvature }

// step is the value at which the objective is highest.
func (s slope) step(ridge float64) float64 { return s.lambda / (s.curvature + ridge) }

// gain is what that step gains, twice.
func (s slope) gain(ridge float64) float64 { return s.lambda * s.step(ridge) }

// grower grows forests on lists, all or some of them, tree by tree.
type grower struct {
	options  Options
	lists    []List
	left     span // lists that the forest does not grow on
	features int
	first    []int       // by list: the place of its first candidate among all; then their number
	binned   []uint8     // by candidate, then feature: the bin of the value
	borders  [][]float64 // by feature: the highest value of each bin but the last

	odds   []float64 // by candidate: e to what the trees so far say together
	slopes []slope   // the same: where that should go
	rows   []int32   // candidates that it grows on, those of a leaf side by side
	order  []int32   // by list: the places of its candidates, the highest first

	discounts, gains []float64
	wanted           []bool
	spare            []int32
}

// span is lists that follow one another, by their places: from, and those before to.
type span struct{ from, to int }

func newGrower(features []string, lists []List, o Options) *grower {
	g := &grower{options: o, lists: lists, features: len(features), first: make([]int, 1, len(lists)+1)}
	longest := 0
	for i := range lists {
		n := len(lists[i].Values[0])
		longest = max(longest, n)
		g.first = append(g.first, g.first[i]+n)
	}
	n := g.first[len(lists)]
	g.binned, g.odds, g.slopes = make([]uint8, n*g.features), make([]float64, n), make([]slope, n)
	g.rows, g.spare, g.order = make([]int32, n), make([]int32, n), make([]int32, n)
	for i := range lists {
		for place := range g.order[g.first[i]:g.first[i+1]] {
			g.order[g.first[i]+place] = int32(place)
		}
	}
	g.discounts, g.gains, g.wanted = discountsOf(longest), make([]float64, longest), make([]bool, longest)
	for f := range features {
		g.bin(f)
	}
	return g
}

// furthest bounds odds, whatever trees say: the sum of two is neither 0 nor infinite. Who comes first is certain long before.
const furthest = 1e150

// sampled is how many values of a feature borders are drawn from.
const sampled = 20_000

// bin divides a feature's values into bins that hold about as many each.
func (g *grower) bin(feature int) {
	var some []float32
	every := len(g.odds)/sampled + 1
	for i := range g.lists {
		for n, v := range g.lists[i].Values[feature] {
			if (g.first[i]+n)%every == 0 {
				some = append(some, v)
			}
		}
	}
	slices.Sort(some)
	var borders []float64
	for b := 1; b < bins; b++ {
		if len(some) == 0 {
			break
		}
		border := float64(some[(len(some)-1)*b/bins])
		if border < float64(some[len(some)-1]) && (len(borders) == 0 || border > borders[len(borders)-1]) {
			borders = append(borders, border)
		}
	}
	g.borders = append(g.borders, borders)
	for i := range g.lists {
		for n, v := range g.lists[i].Values[feature] {
			b, _ := slices.BinarySearch(borders, float64(v))
			g.binned[(g.first[i]+n)*g.features+feature] = uint8(b)
		}
	}
}

// cell is what is known of the candidates of a leaf in one bin of one feature: as many numbers as are added in one step.
type cell struct {
	slope
	rows, _ float64
}

// leaf is a node that may still be split.
type leaf struct {
	node  *branch
	rows  []int32 // of the grower
	sum   cell
	cells [][bins]cell // by feature
	best  split        // of no gain where there is none
}

// split is a border between the bins of a feature.
type split struct {
	feature, bin int
	gain         float64
}

// branch is a node of a tree that grows.
type branch struct {
	feature     int
	threshold   float64
	left, right *branch
	value       float64
	rows        int
}

// grow returns the tree that follows the slopes, and adds what it says to the odds: the leaf that gains most by
// being split is split until there are as many as there may be.
func (g *grower) grow() Tree {
	g.rows = g.rows[:0]
	for i := range g.lists {
		if i >= g.left.from && i < g.left.to {
			continue
		}
		for row := g.first[i]; row < g.first[i+1]; row++ {
			g.rows = append(g.rows, int32(row))
		}
	}
	root := g.open(g.rows)
	top, leaves := root.node, []*leaf{root}
	for len(leaves) < g.options.Leaves {
		at := -1
		for i, l := range leaves {
			if l.best.gain > 0 && (at < 0 || l.best.gain > leaves[at].best.gain) {
				at = i
			}
		}
		if at < 0 {
			break
		}
		left, right := g.split(leaves[at])
		leaves[at] = left
		leaves = append(leaves, right)
	}
	for _, l := range leaves {
		l.node.value = g.options.Rate * l.sum.step(g.options.Ridge)
		l.node.rows = len(l.rows)
		factor := math.Exp(l.node.value)
		for _, row := range l.rows {
			g.odds[row] = min(max(g.odds[row]*factor, 1/furthest), furthest)
		}
	}
	top.settle()
	return top.flat(nil)
}

// open returns a leaf of rows, whose cells are counted.
func (g *grower) open(rows []int32) *leaf {
	l := &leaf{node: new(branch), rows: rows, cells: make([][bins]cell, g.features)}
	count(l.cells, &l.sum, g.binned, g.slopes, rows)
	g.choose(l)
	return l
}

// rest returns the leaf of what is left of another's rows, without counting.
func (g *grower) rest(whole *leaf, other *leaf, rows []int32) *leaf {
	l := &leaf{node: new(branch), rows: rows, cells: whole.cells, sum: whole.sum}
	l.sum.take(other.sum.slope)
	l.sum.rows -= other.sum.rows
	for f := range l.cells {
		for b := range l.cells[f] {
			c, o := &l.cells[f][b], &other.cells[f][b]
			c.take(o.slope)
			c.rows -= o.rows
		}
	}
	g.choose(l)
	return l
}

// choose finds the best split of a leaf.
func (g *grower) choose(l *leaf) {
	ridge, fewest := g.options.Ridge, float64(g.options.Fewest)
	whole := l.sum.gain(ridge)
	for f, borders := range g.borders {
		var left cell
		for b := range borders {
			c := l.cells[f][b]
			left.add(c.slope)
			left.rows += c.rows
			if left.rows < fewest || c.rows == 0 {
				continue
			}
			right := l.sum
			right.take(left.slope)
			if right.rows -= left.rows; right.rows < fewest {
				break
			}
			if gain := left.gain(ridge) + right.gain(ridge) - whole; gain > l.best.gain+1e-12*math.Abs(whole) {
				l.best = split{f, b, gain}
			}
		}
	}
}

// split divides a leaf at its best border.
func (g *grower) split(l *leaf) (left, right *leaf) {
	s := l.best
	small, large := 0, 0
	for _, row := range l.rows { // without a branch, which nobody could foresee
		l.rows[small], g.spare[large] = row, row
		over := int(uint64(s.bin-int(g.binned[int(row)*g.features+s.feature])) >> 63)
		small, large = small+1-over, large+over
	}
	copy(l.rows[small:], g.spare[:large])
	lower, upper := l.rows[:small:small], l.rows[small:]
	if len(lower) <= len(upper) {
		left = g.open(lower)
		right = g.rest(l, left, upper)
	} else {
		right = g.open(upper)
		left = g.rest(l, right, lower)
	}
	l.node.feature, l.node.threshold, l.node.left, l.node.right = s.feature, g.borders[s.feature][s.bin], left.node, right.node
	return left, right
}

// settle gives questions the mean of what is below.
func (b *branch) settle() {
	if b.left == nil {
		return
	}
	b.left.settle()
	b.right.settle()
	b.rows = b.left.rows + b.right.rows
	b.value = (b.left.value*float64(b.left.rows) + b.right.value*float64(b.right.rows)) / float64(b.rows)
}

// flat appends the nodes of a branch to a tree.
func (b *branch) flat(t Tree) Tree {
	at := len(t)
	t = append(t, Node{Value: b.value})
	if b.left == nil {
		return t
	}
	t = b.left.flat(t)
	t[at].Feature, t[at].Threshold, t[at].Right = b.feature, b.threshold, len(t)
	return b.right.flat(t)
}
