package catalog

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Posts come by how near to the moment they were made, whatever the moment; equally near ones newer
// first, then by id.
func TestAround(t *testing.T) {
	var ix Index
	for id, at := range map[int64]int64{1: 10, 2: 20, 3: 20, 4: 26, 5: math.MinInt64 + 1, 6: math.MaxInt64} {
		ix.Put(Features{ID: id, CreatedAt: at, Public: true}, 1)
	}
	ix.Settle(-1)
	for at, want := range map[int64][]int64{
		20: {2, 3, 4, 1}, 23: {4, 3, 2, 1}, 15: {2, 3, 1, 4}, 9: {1, 2, 3, 4}, 1000: {4, 3, 2, 1},
		math.MinInt64: {5, 1, 2, 3, 4, 6}, math.MaxInt64: {6, 4, 3, 2, 1, 5},
	} {
		var got []int64
		ix.Scope("").Around(at, func(o Ordinal) bool {
			got = append(got, ix.Entry(o).ID)
			return len(got) < len(want)
		})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("around %d (-want +got):\n%s", at, diff)
		}
	}
}

func TestByID(t *testing.T) {
	var ix Index
	for _, id := range []int64{MaxID, 3, 7, 1} {
		ix.Put(Features{ID: id, Public: true}, 1)
	}
	got := ix.ByID([]Ordinal{0, 2, 1, 2, 3, 0})
	if !slices.Equal(got, []Ordinal{3, 1, 2, 0}) {
		t.Errorf("ordinals %v", got)
	}
	if got := ix.ByID(nil); len(got) != 0 {
		t.Errorf("of none: %v", got)
	}
}

// A scope that is settled knows its posts as one that is not, while posts come, change and go.
func TestSettledScopeHas(t *testing.T) {
	var ix Index
	ix.Settle(-1)
	put := func(id int64, project string, public bool) {
		ix.Put(Features{ID: id, Project: project, Public: public}, 1)
		ix.Settle(-1)
	}
	for id := range int64(300) {
		put(id+1, []string{"a", "b"}[id%2], true)
	}
	put(3, "b", true)  // moves
	put(4, "b", false) // is hidden
	ix.Remove(7)       // leaves
	put(1000, "a", true)
	for _, project := range []string{"", "a", "b"} {
		scope := ix.Scope(project)
		if !scope.Settled() {
			t.Fatalf("project %q is not settled", project)
		}
		for o := range Ordinal(ix.Cap()) {
			_, in := slices.BinarySearch(scope.Ordinals(), o)
			if scope.Has(o) != in || scope.Contains(o) != in {
				t.Errorf("project %q, post %d: Has %t, Contains %t, listed %t", project, ix.Entry(o).ID, scope.Has(o), scope.Contains(o), in)
			}
		}
	}
}
