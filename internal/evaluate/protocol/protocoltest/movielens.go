package protocoltest

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"resonance/internal/evaluate/protocol"
	"resonance/internal/sharedtest"
)

// MovieLens returns the ratings of ml-latest-small, every one a touch, Line in the order of
// the file, and its movies. It skips the test where ../shared is absent.
func MovieLens(t testing.TB) ([]protocol.Event, []protocol.Item) {
	t.Helper()
	dir := sharedtest.Dir(t, filepath.Join("data", "ml-latest-small"))
	var ids []int64
	for _, row := range table(t, filepath.Join(dir, "movies.csv")) {
		ids = append(ids, number(t, row[0]))
	}
	slices.Sort(ids)
	items, ordinal := make([]protocol.Item, len(ids)), make(map[int64]int64, len(ids))
	for i, id := range ids {
		items[i], ordinal[id] = protocol.Item{ID: int64(i)}, int64(i)
	}
	var events []protocol.Event
	for line, row := range table(t, filepath.Join(dir, "ratings.csv")) {
		events = append(events, protocol.Event{
			User: number(t, row[0]), Item: ordinal[number(t, row[1])], At: number(t, row[3]) * 1000, Line: line,
		})
	}
	return events, items
}

// table reads a CSV file without its header.
func table(t testing.TB, path string) [][]string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil {
		t.Fatalf("read %s: %v", path, err)
	}
	return rows[1:]
}

func number(t testing.TB, s string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
