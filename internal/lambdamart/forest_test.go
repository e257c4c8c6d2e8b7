package lambdamart

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"resonance/internal/errs"
)

// byHand asks for x, then on the right side for y.
func byHand() *Forest {
	return &Forest{Features: []string{"x", "y"}, Trees: []Tree{
		{{Feature: 0, Threshold: 1, Right: 2, Value: .5}, {Value: -1}, {Feature: 1, Threshold: -2, Right: 4, Value: 2}, {Value: 0}, {Value: 3}},
		{{Value: 7}}, // tells nothing apart
	}}
}

func TestExplainByHand(t *testing.T) {
	tests := map[string]struct{ x, y, byX, byY float64 }{
		"left":               {0, 5, -1.5, 0},
		"as much as is left": {1, 5, -1.5, 0},
		"right, then left":   {1.5, -2, 1.5, -2},
		"right, then right":  {9, 0, 1.5, 1},
	}
	for name, test := range tests {
		shares := []float64{8, 9} // of somebody before
		score := byHand().Explain([]float64{test.x, test.y}, shares)
		if shares[0] != test.byX || shares[1] != test.byY || score != test.byX+test.byY {
			t.Errorf("%s: %v add up to %g, want %g and %g", name, shares, score, test.byX, test.byY)
		}
	}
	scores := byHand().Scores([][]float32{{0, 1.5, 9}, {5, -2, 0}})
	if scores[0] != -1.5 || scores[1] != -.5 || scores[2] != 2.5 {
		t.Errorf("scores %v", scores)
	}
}

// What trees say is what their leaves hold, beyond what their roots do, whoever asks.
func TestSharesAreLeavesBeyondRoots(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	lists := meetings(r, 30)
	f := trained(t, lists, Options{Trees: 20, Leaves: 9, Rate: .3, Fewest: 5, Ridge: 1})
	shares := make([]float64, len(f.Features))
	for range 1000 {
		values := []float64{r.NormFloat64(), r.NormFloat64(), r.NormFloat64()}
		var want float64
		for _, tree := range f.Trees {
			want += leafOf(tree, values).Value - tree[0].Value
		}
		if got := f.Explain(values, shares); math.Abs(got-want) > 1e-9 {
			t.Fatalf("%v: %g, the leaves say %g", values, got, want)
		}
	}
}

func TestMean(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	var forests []*Forest
	for range 3 {
		forests = append(forests, trained(t, meetings(r, 30), Options{Trees: 5, Leaves: 4, Rate: .3, Fewest: 5, Ridge: 1}))
	}
	first := forests[0].Trees[0][0]
	lists := meetings(r, 5)
	for _, l := range lists {
		var want []float64
		for n, f := range forests {
			for i, score := range f.Scores(l.Values) {
				if n == 0 {
					want = append(want, 0)
				}
				want[i] += score / 3
			}
		}
		if diff := cmp.Diff(want, Mean(forests).Scores(l.Values), cmpopts.EquateApprox(0, 1e-12)); diff != "" {
			t.Errorf("mean of three (-want +got):\n%s", diff)
		}
	}
	if one := Mean(forests[:1]); !one.Equal(forests[0]) {
		t.Error("the mean of one is another")
	}
	if forests[0].Trees[0][0] != first {
		t.Error("a forest changed when its mean was taken")
	}
}

func leafOf(tree Tree, values []float64) Node {
	i := 0
	for tree[i].Right != 0 {
		if values[tree[i].Feature] > tree[i].Threshold {
			i = tree[i].Right
		} else {
			i++
		}
	}
	return tree[i]
}

func TestCheck(t *testing.T) {
	tests := map[string]struct {
		tree Tree
		ok   bool
	}{
		"a leaf":              {Tree{{Value: 1}}, true},
		"a question":          {Tree{{Feature: 1, Right: 2}, {}, {}}, true},
		"nothing":             {Tree{}, false},
		"round and round":     {Tree{{Feature: 1, Right: 2}, {}, {Feature: 0, Right: 1}}, false},
		"to itself":           {Tree{{}, {Feature: 1, Right: 1}, {}}, false},
		"beyond the end":      {Tree{{Feature: 1, Right: 3}, {}, {}}, false},
		"before the start":    {Tree{{Feature: 1, Right: -1}, {}, {}}, false},
		"no left child":       {Tree{{Feature: 1, Right: 1}, {}}, false},
		"another feature":     {Tree{{Feature: 2, Right: 2}, {}, {}}, false},
		"a feature below 0":   {Tree{{Feature: -1, Right: 2}, {}, {}}, false},
		"a leaf's is ignored": {Tree{{Feature: 9}}, true},
	}
	for name, test := range tests {
		f := &Forest{Features: []string{"x", "y"}, Trees: []Tree{{{Value: 2}}, test.tree}}
		if err := f.Check(); (err == nil) != test.ok || err != nil && !errors.Is(err, errs.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestForestSurvivesJSON(t *testing.T) {
	f := trained(t, meetings(rand.New(rand.NewPCG(1, 1)), 20), Options{Trees: 5, Leaves: 4, Rate: .1, Fewest: 3, Ridge: 1})
	b, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	read := new(Forest)
	if err := json.Unmarshal(b, read); err != nil {
		t.Fatal(err)
	}
	if err := read.Check(); err != nil || !read.Equal(f) {
		t.Errorf("read as another, error %v:\n%s", err, b)
	}
}

func TestEqual(t *testing.T) {
	other := byHand()
	other.Trees[0][4].Value = 3.5
	renamed := byHand()
	renamed.Features[1] = "z"
	var none *Forest
	for name, test := range map[string]struct {
		a, b  *Forest
		equal bool
	}{
		"none": {none, none, true}, "the same": {byHand(), byHand(), true}, "one and none": {byHand(), none, false}, "none and one": {none, byHand(), false},
		"another leaf": {byHand(), other, false}, "another name": {byHand(), renamed, false},
	} {
		if got := test.a.Equal(test.b); got != test.equal {
			t.Errorf("%s: equal %t", name, got)
		}
	}
}
