package minilm

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/embedding/minilm/weights"
	"resonance/internal/sharedtest"
)

func loadModel(t testing.TB, k kernels) *Model {
	t.Helper()
	m, err := load(k)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func embed(t testing.TB, m *Model, texts ...string) [][]float32 {
	t.Helper()
	vectors, err := m.Embed(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	return vectors
}

func cosine(x, y []float32) float64 {
	var xy, xx, yy float64
	for i := range x {
		a, b := float64(x[i]), float64(y[i])
		xy, xx, yy = xy+a*b, xx+a*a, yy+b*b
	}
	return xy / math.Sqrt(xx*yy)
}

type goldenRow struct {
	Text   string
	IDs    []int32
	Vector []float32
}

func readRows(t *testing.T, path string) []goldenRow {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var rows []goldenRow
	if err := json.Unmarshal(data, &rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

// The golden vectors are the fp32 model's in float64; see testdata/reference.py.
func TestVectorsAreTheModels(t *testing.T) {
	m := loadModel(t, fastest())
	for _, row := range readRows(t, "testdata/golden.json") {
		if c := cosine(embed(t, m, row.Text)[0], row.Vector); c < .9994 {
			t.Errorf("%.40q: cosine %.6f to the reference, want .9994 or more", row.Text, c)
		}
	}
}

// With and without assembly the vectors are the same but for rounding, so that processors of
// every kind may share a store.
func TestKernelsGiveTheSameVectors(t *testing.T) {
	plain := loadModel(t, portable())
	for _, k := range available()[:len(available())-1] {
		fast := loadModel(t, k)
		for _, row := range readRows(t, "testdata/golden.json") {
			if len(row.Text) > 500 {
				continue // 256 tokens take plain Go half a minute under the race detector
			}
			want, got := embed(t, plain, row.Text)[0], embed(t, fast, row.Text)[0]
			for i := range want {
				if math.Abs(float64(got[i]-want[i])) > 2e-6 {
					t.Errorf("%.40q: number %d is %g with %s, %g in plain Go", row.Text, i, got[i], k.name, want[i])
				}
			}
		}
	}
}

// Every assembly does the same operations in the same order.
func TestAssembliesAgreeBitForBit(t *testing.T) {
	assemblies := available()[:len(available())-1]
	if len(assemblies) < 2 {
		t.Skip("needs a processor with AVX2 and AVX-512")
	}
	var want [][]float32
	for _, k := range assemblies {
		m := loadModel(t, k)
		var got [][]float32
		for _, row := range readRows(t, "testdata/golden.json") {
			got = append(got, embed(t, m, row.Text)[0])
		}
		if want == nil {
			want = got
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s and %s (-want +got):\n%s", assemblies[0].name, k.name, diff)
		}
	}
}

func TestParityRows(t *testing.T) {
	rows := readRows(t, filepath.Join(sharedtest.Dir(t, "embeddings"), "parity.json"))
	m := loadModel(t, fastest())
	lowest := 1.0
	for _, row := range rows {
		if diff := cmp.Diff(row.IDs, m.tokenizer.Encode(row.Text, weights.MaxTokens)); diff != "" {
			t.Errorf("%.40q: token ids (-want +got):\n%s", row.Text, diff)
		}
		c := cosine(embed(t, m, row.Text)[0], row.Vector)
		if c < .9994 {
			t.Errorf("%.40q: cosine %.6f, want .9994 or more", row.Text, c)
		}
		lowest = min(lowest, c)
	}
	t.Logf("lowest cosine of %d rows: %.6f", len(rows), lowest)
}

var mixed = []string{
	"", "fox", strings.Repeat("a much longer text about foxes ", 20), "fox", "\xff\x00", "Füchse",
	strings.Repeat("word ", 300), "[PAD] [PAD]",
}

func TestEmbedKeepsOrderWhateverTheWorkers(t *testing.T) {
	m := loadModel(t, fastest())
	var want [][]float32
	for _, text := range mixed {
		want = append(want, embed(t, m, text)[0])
	}
	for _, workers := range []int{0, 1, 3, 50} {
		if diff := cmp.Diff(want, embed(t, m.WithWorkers(workers), mixed...)); diff != "" {
			t.Errorf("%d workers: not what each text gives alone (-want +got):\n%s", workers, diff)
		}
	}
}

func TestVectorsAreUnitAndFinite(t *testing.T) {
	m := loadModel(t, fastest())
	for i, v := range embed(t, m, mixed...) {
		var squares float64
		for _, x := range v {
			squares += float64(x) * float64(x)
		}
		if len(v) != m.Dim() || math.Abs(squares-1) > 1e-5 { // false for NaN, too
			t.Errorf("%.20q: %d numbers, squared length %g", mixed[i], len(v), squares)
		}
	}
}

func TestSimilarMeaningsAreClose(t *testing.T) {
	v := embed(t, loadModel(t, fastest()),
		"Grilling vegetables over charcoal", "How to barbecue peppers and courgettes", "The central bank raised interest rates")
	if near, far := cosine(v[0], v[1]), cosine(v[0], v[2]); near < far+.3 {
		t.Errorf("cosine %.2f to a paraphrase, %.2f to another subject", near, far)
	}
}

func TestEmbedOfNothing(t *testing.T) {
	if v := embed(t, loadModel(t, fastest())); v == nil || len(v) != 0 {
		t.Errorf("got %v, want an empty slice", v)
	}
}

// countdown is a context that is cancelled when it has been asked n times.
type countdown struct {
	context.Context
	mu sync.Mutex
	n  int
}

func (c *countdown) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n == 0 {
		return context.Canceled
	}
	c.n--
	return nil
}

func TestEmbedStopsInsideAText(t *testing.T) {
	m := loadModel(t, fastest())
	for _, asked := range []int{0, 1, weights.Layers - 1} {
		ids := m.tokenizer.Encode("a text", weights.MaxTokens)
		ctx := &countdown{Context: t.Context(), n: asked}
		dst := make([]float32, hidden)
		if err := m.network.forward(ctx, m.kernels, m.WithWorkers(1).gather(1).workers[0], ids, dst); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled after %d layers: error %v, want context.Canceled", asked, err)
		}
		if slices.ContainsFunc(dst, func(x float32) bool { return x != 0 }) {
			t.Errorf("cancelled after %d layers: a vector came out", asked)
		}
	}
}

func TestEmbedReturnsTheContextsError(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	vectors, err := loadModel(t, fastest()).Embed(ctx, mixed)
	if !errors.Is(err, context.Canceled) || vectors != nil {
		t.Errorf("got %d vectors and error %v, want none and context.Canceled", len(vectors), err)
	}
}

func TestEmbedIsSafeForConcurrentUse(t *testing.T) {
	m := loadModel(t, fastest())
	want := embed(t, m, "fox", "vixen")
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			got, err := m.Embed(t.Context(), []string{"fox", "vixen"})
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("error %v (-want +got):\n%s", err, diff)
			}
		})
	}
	group.Wait()
}
