package vector

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"resonance/internal/catalog"
)

// posts returns a catalogue of n posts, every second one of project "even".
func posts(n int) *catalog.Index {
	ix := new(catalog.Index)
	for i := range n {
		f := catalog.Features{ID: int64(i + 1), Public: true, Project: "odd"}
		if i%2 == 0 {
			f.Project = "even"
		}
		ix.Put(f, 1)
	}
	return ix
}

// nearest is what Nearest promises, by sorting: the n nearest codes and all as near as the last.
func nearest(vectors map[catalog.Ordinal][]float32, query []float32, scope catalog.Scope, n int) (want []catalog.Ordinal) {
	distance := map[catalog.Ordinal]int{}
	for o, v := range vectors {
		if scope.Contains(o) {
			want = append(want, o)
			for i := range v {
				if (v[i] > 0) != (query[i] > 0) {
					distance[o]++
				}
			}
		}
	}
	slices.SortFunc(want, func(a, b catalog.Ordinal) int { return distance[a] - distance[b] })
	for n < len(want) && distance[want[n]] == distance[want[n-1]] {
		n++
	}
	return want[:min(n, len(want))]
}

var asSet = cmp.Options{cmpopts.SortSlices(func(a, b catalog.Ordinal) bool { return a < b }), cmpopts.EquateEmpty()}

func TestNearestAgainstSort(t *testing.T) {
	for _, dim := range []int{1, 5, 63, 64, 65, 384} {
		t.Run(fmt.Sprint("dim ", dim), func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(dim), 7))
			all := posts(60)
			var ix Index
			vectors := map[catalog.Ordinal][]float32{}
			for range 50 {
				o := catalog.Ordinal(r.IntN(60))
				if r.IntN(4) == 0 {
					ix.Remove(o)
					delete(vectors, o)
				} else {
					vectors[o] = randomVector(r, dim)
					ix.Put(o, vectors[o], 1+r.Int64N(5))
				}
				if r.IntN(10) == 0 { // and a zero vector now and then
					vectors[o] = make([]float32, dim)
					ix.Put(o, vectors[o], 1)
				}
				query := randomVector(r, dim)
				n := 1 + r.IntN(70)
				for _, project := range []string{"", "even", "odd", "unknown"} {
					scope := all.Scope(project)
					if diff := cmp.Diff(nearest(vectors, query, scope, n), ix.Nearest(query, scope, n), asSet); diff != "" {
						t.Fatalf("nearest %d of %q (-want +got):\n%s", n, project, diff)
					}
				}
				if ix.Len() != len(vectors) {
					t.Fatalf("Len() = %d, want %d", ix.Len(), len(vectors))
				}
			}
		})
	}
}

func TestNearestHoldsEveryCodeAtTheLimit(t *testing.T) {
	all := posts(6)
	var ix Index
	ix.Put(3, []float32{1, 1, 1}, 1)
	for _, o := range []catalog.Ordinal{0, 2, 4} {
		ix.Put(o, []float32{1, 1, -1}, 1) // one bit away, all three
	}
	ix.Put(5, []float32{-1, -1, 1}, 1)
	tests := map[int][]catalog.Ordinal{
		-1: nil, 0: nil, 1: {3}, 2: {3, 0, 2, 4}, 4: {3, 0, 2, 4}, 5: {3, 0, 2, 4, 5}, 1 << 40: {3, 0, 2, 4, 5},
	}
	for n, want := range tests {
		if diff := cmp.Diff(want, ix.Nearest([]float32{2, 3, 4}, all.Scope(""), n), asSet); diff != "" {
			t.Errorf("nearest %d (-want +got):\n%s", n, diff)
		}
	}
}

func TestNearestOfPostsWithoutEmbedding(t *testing.T) {
	all := posts(9)
	var ix Index
	if got := ix.Nearest([]float32{1}, all.Scope(""), 5); len(got) != 0 {
		t.Errorf("an empty index names %v", got)
	}
	ix.Put(1, []float32{1, -1}, 4)
	if diff := cmp.Diff([]catalog.Ordinal{1}, ix.Nearest([]float32{-1, 1}, all.Scope(""), 9)); diff != "" {
		t.Errorf("nearest (-want +got):\n%s", diff)
	}
	if got := ix.Nearest([]float32{1, 1}, new(catalog.Index).Scope(""), 5); len(got) != 0 {
		t.Errorf("an empty scope names %v", got)
	}
	if ix.Version(1) != 4 || ix.Version(0) != 0 || ix.Version(8) != 0 {
		t.Errorf("versions: %d, %d, %d", ix.Version(1), ix.Version(0), ix.Version(8))
	}
}

func TestIndexDimension(t *testing.T) {
	all := posts(3)
	scope := all.Scope("")
	var ix Index
	ix.Put(0, nil, 1) // no embedding, so no dimension either
	ix.Put(0, []float32{}, 1)
	if ix.Len() != 0 || ix.Version(0) != 0 || len(ix.Nearest(nil, scope, 3)) != 0 {
		t.Errorf("an empty vector counts as an embedding: Len %d, Version %d", ix.Len(), ix.Version(0))
	}
	ix.Put(0, []float32{1, 1}, 1)
	ix.Put(2, []float32{1, 1}, 2)
	for _, query := range [][]float32{nil, {1}, {1, 1, 1}} {
		if got := ix.Nearest(query, scope, 3); len(got) != 0 {
			t.Errorf("a query of dimension %d names %v", len(query), got)
		}
	}
	ix.Put(0, []float32{1, 1, 1}, 3) // of another dimension: the old one must not stay either
	if diff := cmp.Diff([]catalog.Ordinal{2}, ix.Nearest([]float32{1, 1}, scope, 3)); diff != "" || ix.Len() != 1 || ix.Version(0) != 0 {
		t.Errorf("Len %d, Version %d, nearest (-want +got):\n%s", ix.Len(), ix.Version(0), diff)
	}
	ix.Remove(0)
	ix.Remove(77) // beyond all that was put
	ix.Put(2, nil, 4)
	if ix.Len() != 0 {
		t.Errorf("Len %d after the last embedding was withdrawn", ix.Len())
	}
}
