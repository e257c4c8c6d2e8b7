package vector

import (
	stdcmp "cmp"
	"fmt"
	"math"
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

// nearest is what Nearest promises, by sorting.
func nearest(vectors map[catalog.Ordinal][]float32, scope catalog.Scope, is func(catalog.Ordinal) bool, q Query) []catalog.Ordinal {
	var posts []catalog.Ordinal
	distance, score := map[catalog.Ordinal]int{}, map[catalog.Ordinal]float32{}
	code := make([]int8, len(q.Vector))
	quantise(code, q.Vector)
	for o, v := range vectors {
		if !scope.Contains(o) {
			continue
		}
		posts = append(posts, o)
		bytes := make([]int8, len(v))
		scale := quantise(bytes, v)
		score[o] = scale * float32(portableDotBytes(code, bytes))
		for i := range v {
			if (v[i] > 0) != (q.Vector[i] > 0) {
				distance[o] += min(3, int(math.Round(1.5*math.Sqrt(float64(len(v)))*math.Abs(float64(q.Vector[i])))))
			}
		}
	}
	slices.SortFunc(posts, func(a, b catalog.Ordinal) int { return distance[a] - distance[b] })
	n := min(q.Codes, len(posts))
	for n > 0 && n < len(posts) && distance[posts[n]] == distance[posts[n-1]] { // all codes at the limit are in
		n++
	}
	posts = slices.DeleteFunc(posts[:n], func(o catalog.Ordinal) bool { return !is(o) })
	slices.SortFunc(posts, func(a, b catalog.Ordinal) int {
		return stdcmp.Or(stdcmp.Compare(score[b], score[a]), scope.Index().CompareIDs(a, b))
	})
	return posts[:min(q.Limit, len(posts))]
}

func all(catalog.Ordinal) bool { return true }

func TestNearestAgainstSort(t *testing.T) {
	for _, dim := range []int{1, 5, 63, 64, 65, 384} {
		for _, settled := range []bool{false, true} {
			t.Run(fmt.Sprintf("dim %d, settled %t", dim, settled), func(t *testing.T) {
				r := rand.New(rand.NewPCG(uint64(dim), 7))
				posts := posts(600)
				if settled {
					posts.Settle(-1)
				}
				var ix Index
				vectors := map[catalog.Ordinal][]float32{}
				for step := range 900 {
					o := catalog.Ordinal(r.IntN(600))
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
					if ix.Len() != len(vectors) {
						t.Fatalf("Len() = %d, want %d", ix.Len(), len(vectors))
					}
					if step%30 != 0 {
						continue
					}
					is := func(o catalog.Ordinal) bool { return o%3 != 0 }
					queries := []Query{
						{randomVector(r, dim), 1 + r.IntN(700), 1 + r.IntN(50)},
						{make([]float32, dim), 30, 10},
						{randomVector(r, dim), 1 + r.IntN(70), 1 + r.IntN(700)},
					}
					for _, project := range []string{"", "even", "odd", "unknown"} {
						scope := posts.Scope(project)
						for i, got := range ix.Nearest(scope, is, queries...) {
							if diff := cmp.Diff(nearest(vectors, scope, is, queries[i]), got, cmpopts.EquateEmpty()); diff != "" {
								t.Fatalf("step %d, %d of %d codes of %q (-want +got):\n%s", step, queries[i].Limit, queries[i].Codes, project, diff)
							}
						}
					}
				}
			})
		}
	}
}

func TestNearestByHand(t *testing.T) {
	posts := posts(6)
	var ix Index
	ix.Put(3, []float32{1, 1, 1}, 1)
	for _, o := range []catalog.Ordinal{4, 2, 0} {
		ix.Put(o, []float32{1, 1, -1}, 1) // one bit away, all three
	}
	ix.Put(5, []float32{-1, -1, 1}, 1)
	tests := []struct {
		codes, limit int
		want         []catalog.Ordinal
	}{
		{-1, 9, nil}, {0, 9, nil}, {9, 0, nil}, {1, 9, []catalog.Ordinal{3}},
		{2, 9, []catalog.Ordinal{3, 0, 2, 4}}, {4, 9, []catalog.Ordinal{3, 0, 2, 4}}, {4, 2, []catalog.Ordinal{3, 0}},
		{5, 9, []catalog.Ordinal{3, 0, 2, 4, 5}}, {1 << 40, 1 << 20, []catalog.Ordinal{3, 0, 2, 4, 5}},
	}
	for _, test := range tests {
		got := ix.Nearest(posts.Scope(""), all, Query{[]float32{2, 3, 4}, test.codes, test.limit})[0]
		if diff := cmp.Diff(test.want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%d of %d codes (-want +got):\n%s", test.limit, test.codes, diff)
		}
	}
}

// Embeddings come back as their bytes have them: of unit norm, in nearly the same direction, and each component to less
// than half a step of the largest, but for what the norm is set right by.
func TestVectors(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 8))
	for _, dim := range []int{1, 64, 100, 384} {
		var ix Index
		want := make([][]float32, 3*chunk)
		for _, o := range []int{0, 17, chunk - 1, chunk, 3*chunk - 1} {
			want[o] = randomVector(r, dim)
			Normalise(want[o])
			ix.Put(catalog.Ordinal(o), want[o], 1)
		}
		got := ix.Vectors([]catalog.Ordinal{0, chunk, 5, 17, chunk - 1, 3*chunk - 1, 4 * chunk})
		for i, o := range []int{0, chunk, 5, 17, chunk - 1, 3*chunk - 1, 4 * chunk} {
			if o == 5 || o == 4*chunk {
				if got[i] != nil {
					t.Errorf("dim %d: post %d has the embedding %v", dim, o, got[i])
				}
				continue
			}
			largest := float64(max(slices.Max(want[o]), -slices.Min(want[o])))
			norm := math.Sqrt(float64(Dot(got[i], got[i])))
			if cosine := float64(Dot(want[o], got[i])); math.Abs(norm-1) > 1e-6 || cosine < .9999 {
				t.Errorf("dim %d: post %d comes back with the norm %g and the cosine %g", dim, o, norm, cosine)
			}
			byNorm := 0.
			for n := range want[o] {
				byNorm += math.Round(float64(want[o][n])/largest*127) * math.Round(float64(want[o][n])/largest*127)
			}
			byNorm = largest * math.Abs(127/largest/math.Sqrt(byNorm)-1)
			if diff := cmp.Diff(want[o], got[i], cmpopts.EquateApprox(0, largest/254*1.001+byNorm)); diff != "" {
				t.Errorf("dim %d: post %d (-want +got):\n%s", dim, o, diff)
			}
		}
	}
}

// one asks for all that is near to a vector.
func one(ix *Index, query []float32, scope catalog.Scope) []catalog.Ordinal {
	return ix.Nearest(scope, all, Query{query, 9, 9})[0]
}

func TestNearestOfPostsWithoutEmbedding(t *testing.T) {
	posts := posts(9)
	var ix Index
	if got := one(&ix, []float32{1}, posts.Scope("")); len(got) != 0 {
		t.Errorf("an empty index names %v", got)
	}
	ix.Put(1, []float32{1, -1}, 4)
	if diff := cmp.Diff([]catalog.Ordinal{1}, one(&ix, []float32{-1, 1}, posts.Scope(""))); diff != "" {
		t.Errorf("nearest (-want +got):\n%s", diff)
	}
	if got := one(&ix, []float32{1, 1}, new(catalog.Index).Scope("")); len(got) != 0 {
		t.Errorf("an empty scope names %v", got)
	}
	if ix.Version(1) != 4 || ix.Version(0) != 0 || ix.Version(8) != 0 {
		t.Errorf("versions: %d, %d, %d", ix.Version(1), ix.Version(0), ix.Version(8))
	}
}

func TestIndexDimension(t *testing.T) {
	posts := posts(3)
	scope := posts.Scope("")
	var ix Index
	ix.Put(0, nil, 1) // no embedding, so no dimension either
	ix.Put(0, []float32{}, 1)
	if ix.Len() != 0 || ix.Version(0) != 0 || len(one(&ix, nil, scope)) != 0 {
		t.Errorf("an empty vector counts as an embedding: Len %d, Version %d", ix.Len(), ix.Version(0))
	}
	ix.Put(0, []float32{1, 1}, 1)
	ix.Put(2, []float32{1, 1}, 2)
	for _, query := range [][]float32{nil, {1}, {1, 1, 1}} {
		if got := one(&ix, query, scope); len(got) != 0 {
			t.Errorf("a query of dimension %d names %v", len(query), got)
		}
	}
	ix.Put(0, []float32{1, 1, 1}, 3) // of another dimension: the old one must not stay either
	if diff := cmp.Diff([]catalog.Ordinal{2}, one(&ix, []float32{1, 1}, scope)); diff != "" || ix.Len() != 1 || ix.Version(0) != 0 {
		t.Errorf("Len %d, Version %d, nearest (-want +got):\n%s", ix.Len(), ix.Version(0), diff)
	}
	ix.Remove(0)
	ix.Remove(77) // beyond all that was put
	ix.Put(2, nil, 4)
	if ix.Len() != 0 {
		t.Errorf("Len %d after the last embedding was withdrawn", ix.Len())
	}
}
