package dataset_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/catalog"
	"resonance/internal/errs"
	"resonance/internal/evaluate/dataset"
	"resonance/internal/interaction"
	"resonance/internal/store/sqlite"
	"resonance/internal/transfer"
)

// folder writes files into a new folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

var small = map[string]string{
	"posts.jsonl": `{"id": 30, "created_at": "2026-01-02T00:00:00Z"}
{"id": 7, "created_at": "2026-01-01T00:00:00Z"}`,
	"users.jsonl": `{"id": 5, "username": "ann"}`,
	"interactions.jsonl": `{"username": "ann", "post_id": 30, "kind": "view", "at": "1970-01-01T00:00:01Z"}
{"username": "bob", "post_id": 7, "kind": "rating", "value": 80, "at": "1970-01-01T00:00:02Z"}
{"username": "ann", "post_id": 8, "kind": "like", "at": "1970-01-01T00:00:03Z"}
{"username": "ann", "post_id": 7, "kind": "skip", "at": "1970-01-01T00:00:04Z"}
{"key": "k", "username": "ann", "post_id": 7, "kind": "like", "at": "1970-01-01T00:00:05Z"}
{"key": "k", "username": "ann", "post_id": 7, "kind": "like", "at": "1970-01-01T00:00:06Z"}
{"user_id": 6, "post_id": 30, "kind": "view", "value": 50, "at": "1970-01-01T00:00:07Z"}
`,
}

// Events are by line; those of post 8, which nobody knows, and the like that came again are gone.
func want() []dataset.Event {
	return []dataset.Event{
		{User: 5, Item: 1, Kind: interaction.View, Value: interaction.NoValue, At: 1000, Line: 0},
		{User: catalog.LocalUserID, Item: 0, Kind: interaction.Rating, Value: 80, At: 2000, Line: 1},
		{User: 5, Item: 0, Kind: interaction.Skip, Value: interaction.NoValue, At: 4000, Line: 3},
		{User: 5, Item: 0, Kind: interaction.Like, Value: interaction.NoValue, At: 6000, Line: 5},
		{User: 6, Item: 1, Kind: interaction.View, Value: 50, At: 7000, Line: 6},
	}
}

func TestFromFolder(t *testing.T) {
	d, err := dataset.FromFolder(t.Context(), folder(t, small), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Posts) != 2 || d.Posts[0].ID != 7 || d.Posts[1].ID != 30 {
		t.Errorf("posts %+v, want 7 and 30", d.Posts)
	}
	if diff := cmp.Diff(want(), d.Events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	touches := d.Touches()
	if len(touches) != 4 || touches[2].Item != 0 || touches[2].At != 6000 {
		t.Errorf("touches %+v, want all but the skip", touches)
	}
}

// A store gives what its import did, lines apart: those count what is stored, by time.
func TestFromStore(t *testing.T) {
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "a.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := transfer.Check(t.Context(), folder(t, small), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rows.Write(t.Context(), db, nil); err != nil {
		t.Fatal(err)
	}
	d, err := dataset.FromStore(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	expected := want()
	for i, line := range []int{0, 1, 3, 4, 5} {
		expected[i].Line = line
	}
	if diff := cmp.Diff(expected, d.Events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestNothingToMeasure(t *testing.T) {
	tests := map[string]struct {
		dir  string
		kind error
		want string
	}{
		"no folder":        {filepath.Join(t.TempDir(), "absent"), errs.NotFound, "absent"},
		"an empty folder":  {t.TempDir(), errs.NotFound, "holds none of"},
		"no interactions":  {folder(t, map[string]string{"posts.jsonl": small["posts.jsonl"]}), errs.NotFound, "no interaction with a known post"},
		"a line gone awry": {folder(t, map[string]string{"interactions.jsonl": `{"kind": "glance"}`}), errs.Invalid, "interactions.jsonl:1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := dataset.FromFolder(context.Background(), test.dir, nil)
			if !errors.Is(err, test.kind) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %v with %q", err, test.kind, test.want)
			}
		})
	}
}
