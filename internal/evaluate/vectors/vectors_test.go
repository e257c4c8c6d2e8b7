package vectors_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/evaluate/vectors"
)

// counter embeds a text as its length, and remembers what it was asked.
type counter struct {
	model string
	asked []string
	fails bool
}

func (c *counter) Model() string { return c.model }

func (c *counter) Embed(_ context.Context, texts []string) ([][]float32, error) {
	if c.fails {
		return nil, errors.New("no model")
	}
	c.asked = append(c.asked, texts...)
	made := make([][]float32, len(texts))
	for i, text := range texts {
		made[i] = []float32{float32(len(text)), 1}
	}
	return made, nil
}

func of(t *testing.T, dir string, e *counter, texts ...string) [][]float32 {
	t.Helper()
	made, err := vectors.Of(t.Context(), dir, e, texts, func(int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestEachTextIsEmbeddedOnce(t *testing.T) {
	dir, e := filepath.Join(t.TempDir(), "new", "folder"), &counter{model: "m"}
	if diff := cmp.Diff([][]float32{{1, 1}, nil, {2, 1}, {1, 1}}, of(t, dir, e, "a", "", "bb", "a")); diff != "" {
		t.Errorf("vectors (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([][]float32{{3, 1}, {1, 1}}, of(t, dir, e, "ccc", "a")); diff != "" {
		t.Errorf("vectors (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"a", "bb", "ccc"}, e.asked); diff != "" {
		t.Errorf("embedded (-want +got):\n%s", diff)
	}
	other := &counter{model: "n"}
	of(t, dir, other, "a")
	if len(other.asked) != 1 {
		t.Error("another model was given the vectors of the first")
	}
}

// Whatever the length at which a dying process left the file, the rest is made again.
func TestHalfWrittenFile(t *testing.T) {
	dir := t.TempDir()
	of(t, dir, &counter{model: "m"}, "a", "bb", "ccc")
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files %v, error %v", files, err)
	}
	whole, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	record := len(whole) / 3
	for length := range len(whole) + 1 {
		if err := os.WriteFile(files[0], whole[:length], 0o600); err != nil {
			t.Fatal(err)
		}
		e := &counter{model: "m"}
		if diff := cmp.Diff([][]float32{{1, 1}, {2, 1}, {3, 1}}, of(t, dir, e, "a", "bb", "ccc")); diff != "" {
			t.Fatalf("%d bytes: vectors (-want +got):\n%s", length, diff)
		}
		if want := 3 - length/record; len(e.asked) != want {
			t.Errorf("%d bytes: %d texts were embedded, want %d", length, len(e.asked), want)
		}
	}
}

func TestFailureKeepsWhatIsMade(t *testing.T) {
	dir, e := t.TempDir(), &counter{model: "m"}
	of(t, dir, e, "a")
	e.fails = true
	if _, err := vectors.Of(t.Context(), dir, e, []string{"a", "b"}, func(int, int) {}); err == nil || !strings.Contains(err.Error(), "no model") {
		t.Errorf("error %v, want the embedder's", err)
	}
	if got := fmt.Sprint(of(t, dir, e, "a")); got != "[[1 1]]" {
		t.Errorf("the vector made before is %s", got)
	}
}
