package lambdamart

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func atOnce(work func()) { work() }

var names = []string{"x", "y", "noise"}

// train grows a forest on all lists.
func train(ctx context.Context, features []string, lists []List, o Options, turn func(work func())) (*Forest, error) {
	return newGrower(features, lists, o).forest(ctx, features, span{}, turn)
}

func trained(t *testing.T, lists []List, o Options) *Forest {
	t.Helper()
	f, err := train(t.Context(), names[:len(lists[0].Values)], lists, o, atOnce)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Check(); err != nil {
		t.Fatal(err)
	}
	return f
}

// Two candidates, the second of which is wanted and stands behind: both push with
//
//	lambda = (1 - 1/log2(3)) · 1/2, curvature = lambda · 1/2,
//
// so that a whole step is 2. Then they are 4 apart in the right order, and a step is 1 / (1 - sigmoid(-4)).
func TestTrainByHand(t *testing.T) {
	list := List{Values: [][]float32{{3, 5}}, Wanted: []int{1}, Ideal: 1}
	f := trained(t, []List{list}, Options{Trees: 2, Leaves: 7, Rate: 1, Fewest: 1})
	second := 1 + math.Exp(-4)
	for n, want := range []float64{2, second} {
		tree := f.Trees[n]
		if len(tree) != 3 || tree[0].Feature != 0 || tree[0].Threshold != 3 {
			t.Fatalf("tree %d: %+v", n, tree)
		}
		for i, value := range []float64{0, -want, want} {
			if math.Abs(tree[i].Value-value) > 1e-9 {
				t.Errorf("tree %d: node %d holds %g, want %g", n, i, tree[i].Value, value)
			}
		}
	}
	// A ridge as large as the curvature halves the step, a rate of a tenth leaves a tenth of it.
	curvature := (1 - 1/math.Log2(3)) / 4
	f = trained(t, []List{list}, Options{Trees: 1, Leaves: 2, Rate: .1, Fewest: 1, Ridge: curvature})
	if got := f.Trees[0][2].Value; math.Abs(got-.1) > 1e-9 {
		t.Errorf("with a ridge %g, want .1", got)
	}
}

// meetings are lists of twenty of which one is wanted, where x and y have the same sign: neither tells anything alone.
func meetings(r *rand.Rand, n int) []List {
	lists := make([]List, n)
	for i := range lists {
		l := List{Values: make([][]float32, 3), Ideal: 1, Wanted: []int{r.IntN(20)}}
		for c := range 20 {
			x, y := r.NormFloat64(), math.Abs(r.NormFloat64())
			if (c == l.Wanted[0]) != (x > 0) {
				y = -y
			}
			for f, v := range []float64{x, y, r.NormFloat64()} {
				l.Values[f] = append(l.Values[f], float32(v))
			}
		}
		lists[i] = l
	}
	return lists
}

// reciprocal returns the mean reciprocal rank of what is wanted.
func reciprocal(lists []List, score func(l *List) []float64) (mean float64) {
	for i := range lists {
		scores, rank := score(&lists[i]), 1
		for _, s := range scores {
			if s > scores[lists[i].Wanted[0]] {
				rank++
			}
		}
		mean += 1 / float64(rank) / float64(len(lists))
	}
	return mean
}

// Trees find what no sum of what is said tells, on lists that they did not grow on.
func TestTreesSeeHowFeaturesMeet(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	f := trained(t, meetings(r, 300), Options{Trees: 30, Leaves: 7, Rate: .2, Fewest: 20, Ridge: 1})
	fresh := meetings(r, 200)
	if got := reciprocal(fresh, func(l *List) []float64 { return f.Scores(l.Values) }); got < .9 {
		t.Errorf("trees: mean reciprocal rank %.3f", got)
	}
	for n := range names {
		one := func(l *List) (scores []float64) {
			for _, v := range l.Values[n] {
				scores = append(scores, float64(v))
			}
			return scores
		}
		if got := reciprocal(fresh, one); got > .3 {
			t.Errorf("%s alone: mean reciprocal rank %.3f, so the lists prove nothing", names[n], got)
		}
	}
	for _, tree := range f.Trees {
		leaves := 0
		for _, node := range tree {
			if node.Right == 0 {
				leaves++
			}
		}
		if leaves > 7 {
			t.Errorf("a tree has %d leaves", leaves)
		}
	}
}

// A leaf holds as many candidates as it must, and a question the mean of what is below.
func TestLeavesAreLargeEnough(t *testing.T) {
	lists := meetings(rand.New(rand.NewPCG(5, 6)), 40)
	f := trained(t, lists, Options{Trees: 3, Leaves: 50, Rate: 1, Fewest: 37, Ridge: 1})
	for _, tree := range f.Trees {
		held, sums := make([]int, len(tree)), make([]float64, len(tree))
		for _, l := range lists {
			for c := range l.Values[0] {
				var way []int
				for i := 0; ; {
					way = append(way, i)
					if tree[i].Right == 0 {
						break
					}
					if float64(l.Values[tree[i].Feature][c]) > tree[i].Threshold {
						i = tree[i].Right
					} else {
						i++
					}
				}
				for _, i := range way {
					held[i]++
					sums[i] += tree[way[len(way)-1]].Value
				}
			}
		}
		for i, n := range held {
			if n < 37 {
				t.Errorf("node %d holds %d candidates", i, n)
			}
			if mean := sums[i] / float64(n); math.Abs(mean-tree[i].Value) > 1e-9 {
				t.Errorf("node %d says %g, below it is %g", i, tree[i].Value, mean)
			}
		}
	}
}

// Only the order of a feature's values counts.
func TestTrainIgnoresTheScale(t *testing.T) {
	lists := meetings(rand.New(rand.NewPCG(7, 8)), 50)
	bent := make([]List, len(lists))
	for i, l := range lists {
		bent[i] = List{Wanted: l.Wanted, Ideal: l.Ideal}
		for _, values := range l.Values {
			var b []float32
			for _, v := range values {
				b = append(b, v*v*v+2*v)
			}
			bent[i].Values = append(bent[i].Values, b)
		}
	}
	o := Options{Trees: 10, Leaves: 5, Rate: .1, Fewest: 10, Ridge: 1}
	f, other := trained(t, lists, o), trained(t, bent, o)
	for i := range lists {
		if !slices.Equal(f.Scores(lists[i].Values), other.Scores(bent[i].Values)) {
			t.Fatalf("list %d is ranked otherwise at another scale", i)
		}
	}
}

func TestNothingToLearn(t *testing.T) {
	same := []List{{Values: [][]float32{{1, 1, 1}, {2, 2, 2}}, Wanted: []int{2}, Ideal: 1}}
	for name, lists := range map[string][]List{"no lists": nil, "all alike": same} {
		f, err := train(t.Context(), []string{"x", "y"}, lists, Options{Trees: 2, Leaves: 7, Rate: .1, Fewest: 1, Ridge: 1}, atOnce)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := f.Explain([]float64{1, 2}, make([]float64, 2)); got != 0 {
			t.Errorf("%s: a candidate is worth %g", name, got)
		}
	}
}

// However far trees that nothing holds back push candidates apart, what they say is a number.
func TestTrainStaysFinite(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 9))
		f := trained(t, meetings(r, 30), Options{Trees: 60, Leaves: 7, Rate: 9, Fewest: 1, Ridge: 1e-9})
		for n, tree := range f.Trees {
			for _, node := range tree {
				if math.IsNaN(node.Value) || math.IsInf(node.Value, 0) {
					t.Fatalf("seed %d: tree %d says %g", seed, n, node.Value)
				}
			}
		}
	}
}

// A bag is the forests that grow on all groups but one; of a group without lists nothing is left out.
func TestBag(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	var groups [][]List
	for _, n := range []int{30, 0, 25, 40} {
		lists := meetings(r, n)
		for _, l := range lists {
			for _, values := range l.Values {
				for i, v := range values {
					values[i] = max(-2, min(2, float32(math.Round(float64(v))))) // so that all groups are divided into the same bins
				}
			}
		}
		groups = append(groups, lists)
	}
	o := Options{Trees: 6, Leaves: 5, Rate: .4, Fewest: 10, Ridge: 1}
	bag, err := Bag(t.Context(), names, groups, o, atOnce)
	if err != nil {
		t.Fatal(err)
	}
	for i := range groups {
		if alone := trained(t, slices.Concat(slices.Delete(slices.Clone(groups), i, i+1)...), o); !bag[i].Equal(alone) {
			t.Errorf("forest %d is not what the other groups grow", i)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	turns := 0
	_, err = Bag(ctx, names, groups, o, func(work func()) {
		work()
		if turns++; turns == 10 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || turns != 10 {
		t.Errorf("cancelled in turn 10: %d turns, error %v", turns, err)
	}
}

func TestTrainCanBeCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	turns := 0
	_, err := train(ctx, names, meetings(rand.New(rand.NewPCG(9, 9)), 5), Options{Trees: 50, Leaves: 3, Rate: .1, Fewest: 1, Ridge: 1}, func(work func()) {
		work()
		if turns++; turns == 3 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || turns != 3 {
		t.Errorf("after %d turns: %v", turns, err)
	}
}

// BenchmarkTrain grows 12 trees of 7 leaves on 1,000 lists of 100 candidates with 16 features.
func BenchmarkTrain(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	features := make([]string, 16)
	lists := make([]List, 1000)
	for i := range lists {
		lists[i] = List{Values: make([][]float32, len(features)), Wanted: []int{r.IntN(100)}, Ideal: 1}
		for f := range features {
			for range 100 {
				lists[i].Values[f] = append(lists[i].Values[f], float32(r.NormFloat64()))
			}
		}
	}
	for b.Loop() {
		if _, err := train(b.Context(), features, lists, Options{Trees: 12, Leaves: 7, Rate: .4, Fewest: 100, Ridge: 10}, atOnce); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkExplain asks 60 trees of 7 leaves about 100 candidates.
func BenchmarkExplain(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	f, err := train(b.Context(), names, meetings(r, 500), Options{Trees: 60, Leaves: 7, Rate: .1, Fewest: 100, Ridge: 10}, atOnce)
	if err != nil {
		b.Fatal(err)
	}
	candidates := make([][]float64, 100)
	for i := range candidates {
		candidates[i] = []float64{r.NormFloat64(), r.NormFloat64(), r.NormFloat64()}
	}
	shares := make([]float64, 3)
	for b.Loop() {
		for _, c := range candidates {
			f.Explain(c, shares)
		}
	}
}
