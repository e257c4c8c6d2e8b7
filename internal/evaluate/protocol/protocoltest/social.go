package protocoltest

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"resonance/internal/evaluate/protocol"
	"resonance/internal/sharedtest"
)

// Social returns the captured app's events on known posts and its posts. It skips the test
// where ../shared is absent.
func Social(t testing.TB) ([]protocol.Event, []protocol.Item) {
	t.Helper()
	dir := sharedtest.Dir(t, "upstream")
	items, ordinal := posts(t, dir)
	var events []protocol.Event
	for kind, source := range []struct{ file, time string }{
		{"views.json", "viewed_at"}, {"likes.json", "liked_at"}, {"inspires.json", "inspired_at"}, {"ratings.json", "rated_at"},
	} {
		var rows []map[string]any
		decode(t, filepath.Join(dir, source.file), &rows)
		for _, r := range rows {
			item, known := ordinal[int64(r["post_id"].(float64))]
			if !known {
				continue
			}
			at, err := time.Parse(time.DateTime, r[source.time].(string))
			if err != nil {
				t.Fatalf("read %s: %v", source.file, err)
			}
			value, _ := r["rating_percent"].(float64)
			events = append(events, protocol.Event{
				User: int64(r["user_id"].(float64)), Item: item, At: at.UnixMilli(), Kind: kind, Value: value,
			})
		}
	}
	return events, items
}

// posts returns the posts by ascending id, and the ordinal of every id.
func posts(t testing.TB, dir string) ([]protocol.Item, map[int64]int64) {
	t.Helper()
	type post struct {
		ID        int64 `json:"id"`
		CreatedAt int64 `json:"created_at"`
	}
	var rows []post
	decode(t, filepath.Join(dir, "posts.json"), &rows)
	slices.SortFunc(rows, func(a, b post) int { return cmp.Compare(a.ID, b.ID) })
	items, ordinal := make([]protocol.Item, len(rows)), make(map[int64]int64, len(rows))
	for i, r := range rows {
		items[i] = protocol.Item{ID: int64(i), CreatedAt: r.CreatedAt}
		ordinal[r.ID] = int64(i)
	}
	return items, ordinal
}

func decode(t testing.TB, path string, into any) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatalf("read %s: %v", path, err)
	}
}
