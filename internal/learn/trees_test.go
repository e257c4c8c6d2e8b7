package learn

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"resonance/internal/errs"
	"resonance/internal/lambdamart"
	"resonance/internal/rank"
	"resonance/internal/signal"
)

// met is a sheet of lists of forty candidates, of which one is relevant: as likely any, or one for whom two signals agree.
func met(seed uint64, meet bool) *sheet {
	r := rand.New(rand.NewPCG(seed, 5))
	sh := &sheet{exam: &exam{effort: Effort{Workers: 2}}}
	for range signal.All() {
		sh.cells = append(sh.cells, nil)
	}
	for n := range 250 {
		l := &list{hits: []int{r.IntN(40)}}
		l.Relevant = []int64{int64(l.hits[0])}
		for i := range int32(40) {
			l.kept = append(l.kept, i)
		}
		sh.lists, sh.users = append(sh.lists, l), append(sh.users, int64(n))
		for s := range sh.cells {
			cells := make([]float32, 40)
			for i := range cells {
				cells[i] = float32(r.NormFloat64())
			}
			sh.cells[s] = append(sh.cells[s], cells)
		}
		if meet {
			for i := range l.kept {
				one, other := &sh.cells[0][n][i], &sh.cells[6][n][i]
				if ((*one > 0) == (*other > 0)) != (i == l.hits[0]) {
					*other = -*other
				}
			}
		}
	}
	return sh
}

func (sh *sheet) equal() blend { return blend{sh.begun(), rank.Prior()} }

func everyFold(b blend) []blend { return slices.Repeat([]blend{b}, folds+1) }

// Trees serve where they find what weights can't tell, and only there.
func TestTreesFindWhatWeightsCannot(t *testing.T) {
	sh := met(1, true)
	equal := sh.equal()
	forest, gain, err := sh.trees(t.Context(), everyFold(equal))
	if err != nil || forest == nil || gain.Low < .2 {
		t.Fatalf("a forest %t, gain %+v, error %v", forest != nil, gain, err)
	}
	blind := blend{equal.reading, slices.Clone(equal.weights)}
	blind.weights[0] = 0
	if forest, gain, err := sh.trees(t.Context(), everyFold(blind)); err != nil || forest != nil {
		t.Errorf("where one of the two has no weight: gain %+v, error %v", gain, err)
	}
	found, seeds := 0, uint64(12)
	if testing.Short() {
		seeds = 3
	}
	for seed := range seeds {
		sh := met(100+seed, false)
		forest, _, err := sh.trees(t.Context(), everyFold(sh.equal()))
		if err != nil {
			t.Fatal(err)
		}
		if forest != nil {
			found++
		}
	}
	if found > 1 {
		t.Errorf("of %d sheets of pure chance %d had trees", seeds, found)
	}
}

// Trees add what they say to the weighted sums of a head, scaled to deviate as much.
func TestHeadAgainByHand(t *testing.T) {
	sh := met(2, false)
	equal := sh.equal()
	want := sh.lists[7].hits[0]
	// One question that only the relevant candidate answers with yes: a share so far above the others that it comes first.
	sh.cells[3][7][want] = 9
	forest := &lambdamart.Forest{Features: signal.Names(), Trees: []lambdamart.Tree{{{Feature: 3, Threshold: 8, Right: 2, Value: .1}, {Value: 0}, {Value: 4}}}}
	h := sh.head(equal, 7)
	scale := rank.Scale(h.sums, forest.Scores(sh.read(equal.reading, 7)))
	scores := float64s(sh.blend(equal.reading, equal.weights, []int{7})[0])
	for i := range scores {
		scores[i] -= .1 * scale
	}
	scores[want] += 4 * scale
	if diff := cmp.Diff(scores, h.again(forest), cmpopts.EquateApprox(0, 1e-12)); diff != "" {
		t.Errorf("scores (-want +got):\n%s", diff)
	}
	if got := h.gain(h.again(forest)); got != 1 {
		t.Errorf("the head gains %g with its only wanted candidate in front", got)
	}
}

// A head gains 1 / log2(2 + how many come before) for each wanted candidate, wherever it stands, of what the best order would.
func TestHeadGainByHand(t *testing.T) {
	h := head{wanted: []int{1, 3}, ideal: 1 + 1/math.Log2(3)}
	if got, want := h.gain([]float64{4, 3, 2, 1}), (1/math.Log2(3)+1/math.Log2(5))/h.ideal; math.Abs(got-want) > 1e-12 {
		t.Errorf("it gains %g, want %g", got, want)
	}
	behind := make([]float64, 100)
	behind[99] = -1
	h = head{wanted: []int{99}, ideal: 1}
	if got, want := h.gain(behind), 1/math.Log2(101); math.Abs(got-want) > 1e-12 {
		t.Errorf("the last of a hundred gains %g, want %g", got, want)
	}
}

func float64s(values []float32) (same []float64) {
	for _, v := range values {
		same = append(same, float64(v))
	}
	return same
}

// Trees come back from a store with their recipe, unless they ask for signals of another program.
func TestRecipeKeepsTrees(t *testing.T) {
	tree := lambdamart.Tree{{Feature: 3, Threshold: .5, Right: 2, Value: .25}, {Value: -1}, {Value: 1.5}}
	recipe := Recipe{Settings: signal.DefaultSettings(), Trees: &lambdamart.Forest{Features: signal.Names(), Trees: []lambdamart.Tree{tree}}}
	read, err := ParseRecipe(recipe.String())
	if err != nil || !read.Same(recipe) || !read.trees().Equal(recipe.Trees) {
		t.Errorf("read as %s, error %v", read, err)
	}
	if plain := (Recipe{Settings: recipe.Settings}); recipe.Same(plain) || plain.Same(recipe) {
		t.Errorf("with and without trees a recipe is the same")
	}
	recipe.Trees.Features = slices.Clone(signal.Names())
	recipe.Trees.Features[3] = "gut feeling"
	if read, err := ParseRecipe(recipe.String()); err != nil || read.trees() != nil {
		t.Errorf("trees that ask for another signal serve, error %v", err)
	}
	recipe.Trees.Trees[0][0].Right = 7
	if _, err := ParseRecipe(recipe.String()); !errors.Is(err, errs.Invalid) {
		t.Errorf("a tree that leads nowhere: %v", err)
	}
}
