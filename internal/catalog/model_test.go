package catalog

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// modelCatalog is an Index without any cleverness: the features of the posts not gone, by id.
type modelCatalog map[int64]Features

func (m modelCatalog) newest() int64 {
	newest := int64(Never)
	for _, f := range m {
		newest = max(newest, f.CreatedAt)
	}
	return newest
}

func (m modelCatalog) scope(project string) (ids []int64) {
	for id, f := range m {
		if f.Public && (project == "" || f.Project == project) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

var modelProjects = []string{"", "a", "b", "a b"}

func randomFeatures(r *rand.Rand, id int64) Features {
	n := func() int64 { return r.Int64N(9) }
	return Features{
		ID: id, CreatedAt: r.Int64N(20) - 10, Public: r.IntN(4) > 0, Locked: r.IntN(2) > 0,
		Project:  modelProjects[r.IntN(len(modelProjects))],
		Counters: Counters{n(), n(), n(), n(), n(), n(), n(), n() - 4},
	}
}

func TestIndexAgainstModel(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			var ix Index
			model, ordinals := modelCatalog{}, map[int64]Ordinal{}
			for step := range 200 {
				id := MaxID - r.Int64N(25)
				if r.IntN(3) == 0 {
					ix.Remove(id)
					delete(model, id)
				} else {
					f := randomFeatures(r, id)
					o := ix.Put(f, int64(step+1))
					if had, ok := ordinals[id]; ok && had != o {
						t.Fatalf("step %d: ordinal of post %d went from %d to %d", step, id, had, o)
					}
					model[id], ordinals[id] = f, o
				}
				checkModel(t, &ix, model)
				if t.Failed() {
					t.Fatalf("first wrong after step %d", step)
				}
			}
		})
	}
}

func checkModel(t *testing.T, ix *Index, model modelCatalog) {
	t.Helper()
	if got, want := ix.Len(), len(model.scope("")); got != want {
		t.Errorf("Len() = %d, want %d", got, want)
	}
	if got, want := ix.Newest(), model.newest(); got != want {
		t.Errorf("Newest() = %d, want %d", got, want)
	}
	for id, f := range model {
		if o, ok := ix.Lookup(id); !ok || ix.Entry(o).Engagement != f.Engagement() {
			t.Errorf("post %d: %+v, want the engagement %g", id, ix.Entry(o), f.Engagement())
		}
	}
	for _, project := range append(modelProjects, "unknown") {
		checkScope(t, ix.Scope(project), model.scope(project))
	}
}

func checkScope(t *testing.T, scope Scope, want []int64) {
	t.Helper()
	ids := []int64{}
	for _, o := range scope.Ordinals() {
		ids = append(ids, scope.Index().Entry(o).ID)
	}
	if !slices.IsSorted(scope.Ordinals()) || scope.Len() != len(ids) {
		t.Errorf("ordinals %v are not ascending, or not %d", scope.Ordinals(), scope.Len())
	}
	slices.Sort(ids)
	if diff := cmp.Diff(want, ids, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("scope (-want +got):\n%s", diff)
	}
	for o := range Ordinal(scope.Index().Cap()) {
		id := scope.Index().Entry(o).ID
		in := slices.Contains(want, id)
		if found, ok := scope.Lookup(id); scope.Contains(o) != in || ok != in || ok && found != o {
			t.Errorf("post %d: Contains %t, Lookup %d %t; in scope is %t", id, scope.Contains(o), found, ok, in)
		}
	}
}
