package candidate

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"resonance/internal/catalog"
)

// The heap names what sorting everything would: largest values first, equal ones by id.
func TestTopAgainstSort(t *testing.T) {
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 8))
		w := newWorld(randomPosts(r, r.IntN(150)))
		q := w.query("", nil, r.IntN(40))
		var want []catalog.Ordinal
		for _, o := range q.Scope.Ordinals() {
			if q.Allowed(o) {
				want = append(want, o)
			}
		}
		slices.SortFunc(want, func(a, b catalog.Ordinal) int {
			return cmp.Or(cmp.Compare(w.value[w.id(b)], w.value[w.id(a)]), cmp.Compare(w.id(a), w.id(b)))
		})
		want = want[:min(q.Limit, len(want))]
		got := Top{Value: func(o catalog.Ordinal) float64 { return w.value[w.id(o)] }}.Generate(q)
		if diff := gocmp.Diff(w.ids(want), w.ids(got)); diff != "" {
			t.Errorf("seed %d (-want +got):\n%s", seed, diff)
		}
	}
}
