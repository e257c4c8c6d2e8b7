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
)

// recall returns which share of the 50 nearest vectors is among the 800 nearest codes, over
// queries vectors.
func recall(ix *Index, vectors [][]float32, scope catalog.Scope, queries int) float64 {
	const k, codes = 50, 800
	found := 0
	for q := range queries {
		query := vectors[q*len(vectors)/queries]
		exact := slices.Clone(scope.Ordinals())
		similarity := make([]float32, len(vectors))
		for o, v := range vectors {
			similarity[o] = Dot(query, v)
		}
		slices.SortFunc(exact, func(a, b catalog.Ordinal) int { return cmp.Compare(similarity[b], similarity[a]) })
		preselected := map[catalog.Ordinal]bool{}
		for _, o := range ix.Nearest(query, scope, codes) {
			preselected[o] = true
		}
		for _, o := range exact[:k] {
			if preselected[o] {
				found++
			}
		}
	}
	return float64(found) / float64(k*queries)
}

func TestRecallOnClusters(t *testing.T) {
	vectors := clustered(5_000, 384)
	checkRecall(t, vectors, 40, .99)
}

func TestRecallOnRealPosts(t *testing.T) {
	vectors := readVectors(t, filepath.Join(sharedtest.Dir(t, "embeddings"), "posts.npz"))
	checkRecall(t, vectors, 300, .99)
}

func checkRecall(t *testing.T, vectors [][]float32, queries int, least float64) {
	t.Helper()
	var ix Index
	for o, v := range vectors {
		ix.Put(catalog.Ordinal(o), v, 1)
	}
	got := recall(&ix, vectors, posts(len(vectors)).Scope(""), queries)
	t.Logf("recall@50 among 800 codes of %d: %.4f", len(vectors), got)
	if got < least {
		t.Errorf("recall@50 is %.4f, want %.2f or more", got, least)
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
