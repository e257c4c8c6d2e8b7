package main

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/errs"
)

func TestExportImportsTheSameBytes(t *testing.T) {
	first, second := settings(t), settings(t)
	rows := map[string]string{
		"posts.jsonl": twenty() + `{"id": 99, "category": {"id": 3, "name": "E/ACC"}, "created_at": 1767323045006, "tags": ["x"], "project_code": "Own", "view_count": 7, "is_available_in_public_feed": false}` + "\n",
		"users.jsonl": `{"id": 8, "username": "bob"}` + "\n",
		"interactions.jsonl": liked("ann", 3, 1) + `{"key": "view:5", "user_id": 77, "post_id": 404, "kind": "view", "value": 80, "at": "2026-02-01T01:00:00.5+01:00"}` + "\n" +
			`{"key": "rating:1", "username": "bob", "post_id": 2, "kind": "rating", "value": 61.0, "at": "1969-07-20T20:17:40Z"}` + "\n",
	}
	must(t, first, "import", folder(t, rows))
	one, two := t.TempDir(), t.TempDir()
	must(t, first, "export", one)
	must(t, second, "import", one)
	must(t, second, "export", two)
	for name := range rows {
		if diff := cmp.Diff(read(t, one, name), read(t, two, name)); diff != "" {
			t.Errorf("%s (-first +second):\n%s", name, diff)
		}
	}
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// A wrong line is named, and nothing of the import is written.
func TestImportRefusesAWrongLine(t *testing.T) {
	environ := settings(t)
	_, err := command(t, environ, "", "import", folder(t, map[string]string{
		"posts.jsonl":        twenty(),
		"interactions.jsonl": liked("ann", 1) + `{"username": "ann", "post_id": 1, "kind": "rating", "value": 101, "at": "2026-02-01T00:00:00Z"}` + "\n",
	}))
	if !errors.Is(err, errs.Invalid) || !strings.Contains(err.Error(), "interactions.jsonl:2") || !strings.Contains(err.Error(), "value") {
		t.Errorf("error is %v, want interactions.jsonl:2 and value named", err)
	}
	dir := t.TempDir()
	must(t, environ, "export", dir)
	if posts := read(t, dir, "posts.jsonl"); posts != "" {
		t.Errorf("a refused import wrote %q", posts)
	}
}

func TestEmbed(t *testing.T) {
	out, err := command(t, settings(t), `"bread"`+"\n"+`"sourdough loaf"`+"\n"+`"telescope"`+"\n", "embed")
	if err != nil {
		t.Fatal(err)
	}
	var vectors [][]float64
	for line := range strings.Lines(out) {
		var vector []float64
		if err := json.Unmarshal([]byte(line), &vector); err != nil {
			t.Fatal(err)
		}
		vectors = append(vectors, vector)
	}
	if len(vectors) != 3 || len(vectors[0]) != 384 {
		t.Fatalf("embed answers %d vectors", len(vectors))
	}
	if near, far := dot(vectors[0], vectors[1]), dot(vectors[0], vectors[2]); near <= far || math.Abs(dot(vectors[0], vectors[0])-1) > 1e-4 {
		t.Errorf("bread is %g from sourdough and %g from a telescope", near, far)
	}
	out, err = command(t, settings(t), `"bread"`+"\nno string\n", "embed")
	if !errors.Is(err, errs.Invalid) || !strings.Contains(err.Error(), "line 2") || strings.Count(out, "\n") != 1 {
		t.Errorf("a wrong line gives %v after %d answers, want line 2 named after 1", err, strings.Count(out, "\n"))
	}
}

func dot(a, b []float64) (sum float64) {
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

func TestMigrateCommands(t *testing.T) {
	environ := settings(t)
	if out := must(t, environ, "migrate", "up"); !strings.Contains(out, "applied 1 ") {
		t.Errorf("migrate up prints %q", out)
	}
	if out := must(t, environ, "migrate", "status"); strings.Contains(out, "pending") || !strings.Contains(out, "applied") {
		t.Errorf("migrate status prints %q", out)
	}
	must(t, environ, "migrate", "down")
	if out := must(t, environ, "migrate", "status"); !strings.Contains(out, "pending") {
		t.Errorf("migrate status after down prints %q", out)
	}
}

func TestCommandLine(t *testing.T) {
	for _, test := range []struct{ args, names string }{
		{"nonsense", "nonsense"},
		{"import", "import takes one folder"},
		{"import a b", "import takes one folder"},
		{"forget", "user"},
		{"forget --user nobody", "nobody"},
		{"serve --port 1", "port"},
		{"sync", "API_BASE_URL"},
		{"import /does/not/exist", "/does/not/exist"},
	} {
		t.Run(test.args, func(t *testing.T) {
			if _, err := command(t, settings(t), "", strings.Fields(test.args)...); err == nil || !strings.Contains(err.Error(), test.names) {
				t.Errorf("error is %v, want %q named", err, test.names)
			}
		})
	}
	if out := must(t, settings(t), "version"); !strings.HasPrefix(out, "resonance ") {
		t.Errorf("version prints %q", out)
	}
	if out := must(t, settings(t), "--help"); !strings.Contains(out, "forget") {
		t.Errorf("--help prints %q", out)
	}
}
