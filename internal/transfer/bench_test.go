package transfer

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"resonance/internal/sharedtest"
	"resonance/internal/store/sqlite"
)

// movieLens writes the ratings of ml-latest-small as interactions.jsonl.
func movieLens(b *testing.B) (dir string, rows int) {
	b.Helper()
	in, err := os.Open(filepath.Join(sharedtest.Dir(b, "data"), "ml-latest-small", "ratings.csv"))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	var out strings.Builder
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		var user, movie, at int64
		var stars float64
		fields := strings.ReplaceAll(lines.Text(), ",", " ")
		if _, err := fmt.Sscan(fields, &user, &movie, &stars, &at); err != nil {
			continue // the heading
		}
		rows++
		fmt.Fprintf(&out, `{"username": "u%d", "post_id": %d, "kind": "rating", "value": %g, "at": "%s"}`+"\n", user, movie, stars*20, time.Unix(at, 0).UTC().Format(time.RFC3339))
	}
	dir = b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, interactionsFile), []byte(out.String()), 0o644); err != nil {
		b.Fatal(err)
	}
	return dir, rows
}

// BenchmarkImport imports 100,836 ratings into a new store.
func BenchmarkImport(b *testing.B) {
	dir, rows := movieLens(b)
	for b.Loop() {
		db, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "store.db"), sqlite.Options{})
		if err != nil {
			b.Fatal(err)
		}
		counts, err := Import(b.Context(), dir, db, nil)
		if err != nil || counts.Interactions != int64(rows) || counts.Changed < int64(rows)-1 {
			b.Fatal(counts, rows, err)
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
