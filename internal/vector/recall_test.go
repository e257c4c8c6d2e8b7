package vector

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/binary"
	"io"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"resonance/internal/catalog"
	"resonance/internal/sharedtest"
	"resonance/internal/synthetic"
)

// recall returns which share of the k nearest posts in scope, by their embeddings themselves, are among
// the limit posts that the index names, over queries.
func recall(ix *Index, vectors, queries [][]float32, scope catalog.Scope, k int, q Query) float64 {
	found := 0
	for _, q.Vector = range queries {
		exact := slices.Clone(scope.Ordinals())
		similarity := make([]float32, len(vectors))
		for _, o := range exact {
			similarity[o] = Dot(q.Vector, vectors[o])
		}
		slices.SortFunc(exact, func(a, b catalog.Ordinal) int { return cmp.Compare(similarity[b], similarity[a]) })
		named := ix.Nearest(scope, func(catalog.Ordinal) bool { return true }, q)[0]
		hits := 0
		for _, o := range named { // of equally near ones any will do
			if similarity[o] >= similarity[exact[k-1]] {
				hits++
			}
		}
		found += min(k, hits)
	}
	return float64(found) / float64(k*len(queries))
}

// Of the 50 nearest real posts, nearly all are among the 800 nearest codes, and the 50 nearest of these.
func TestRecallOnRealPosts(t *testing.T) {
	vectors := readVectors(t, filepath.Join(sharedtest.Dir(t, "embeddings"), "posts.npz"))
	checkRecall(t, vectors, posts(len(vectors)), "", 50, .98)
}

func TestRecallOnClusters(t *testing.T) {
	vectors := clustered(5_000, 384)
	checkRecall(t, vectors, posts(len(vectors)), "", 50, .97)
}

// Of the hundred nearest synthetic posts, those of a project that keeps one in a hundred too.
func TestRecallOfSyntheticPosts(t *testing.T) {
	n := 20_000
	c, err := synthetic.New(n)
	if err != nil {
		t.Fatal(err)
	}
	vectors, posts := make([][]float32, n), new(catalog.Index)
	for i := range vectors {
		vectors[i] = c.Vector(int64(i + 1))
		post := c.Post(int64(i + 1))
		posts.Put(post.Features(), 1)
	}
	checkRecall(t, vectors, posts, "", 100, .98)
	checkRecall(t, vectors, posts, synthetic.Rare, 100, .98)
	posts.Settle(1000)
	checkRecall(t, vectors, posts, "", 100, .98)
}

func checkRecall(t *testing.T, vectors [][]float32, posts *catalog.Index, project string, k int, least float64) {
	t.Helper()
	var ix Index
	for o, v := range vectors {
		ix.Put(catalog.Ordinal(o), v, 1)
	}
	var queries [][]float32
	for i := range 40 {
		query := slices.Clone(vectors[i*len(vectors)/40])
		AddScaled(query, .8, vectors[(i+1)*len(vectors)/40-1]) // somebody of two tastes
		Normalise(query)
		queries = append(queries, query)
	}
	got := recall(&ix, vectors, queries, posts.Scope(project), k, Query{Codes: 16 * k, Limit: k})
	t.Logf("recall@%d among %d codes of %d: %.4f", k, 16*k, posts.Scope(project).Len(), got)
	if got < least {
		t.Errorf("recall@%d is %.4f, want %.2f or more", k, got, least)
	}
}

// readVectors reads the array "vectors" of an npz file: float16, rows of 384.
func readVectors(t *testing.T, path string) [][]float32 {
	t.Helper()
	file, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	array, err := file.Open("vectors.npy")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(array)
	if err != nil || !bytes.Contains(raw[:128], []byte("'<f2'")) || !bytes.Contains(raw[:128], []byte(", 384)")) {
		t.Fatalf("%s: not rows of 384 float16 (%v): %q", path, err, raw[:min(len(raw), 128)])
	}
	raw = raw[10+binary.LittleEndian.Uint16(raw[8:]):]
	vectors := make([][]float32, len(raw)/768)
	for i := range vectors {
		v := make([]float32, 384)
		for j := range v {
			v[j] = fromHalf(binary.LittleEndian.Uint16(raw[2*(i*384+j):]))
		}
		Normalise(v)
		vectors[i] = v
	}
	return vectors
}

// fromHalf returns the value of a finite IEEE 754 half.
func fromHalf(h uint16) float32 {
	exponent, fraction := int(h>>10&31), float64(h&1023)
	value := math.Ldexp(1024+fraction, exponent-25)
	if exponent == 0 {
		value = math.Ldexp(fraction, -24)
	}
	if h>>15 == 1 {
		value = -value
	}
	return float32(value)
}
