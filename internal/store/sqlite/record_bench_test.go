package sqlite

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"

	"resonance/internal/caller"
	"resonance/internal/catalog"
	"resonance/internal/interaction"
)

// recordStore returns a store with a thousand posts.
func recordStore(b *testing.B) *DB {
	b.Helper()
	db, _ := benchStore(b, 100_000)
	posts := make([]catalog.Post, 1000)
	for n := range posts {
		posts[n].ID = int64(n + 1)
	}
	if _, err := db.PutPosts(b.Context(), posts); err != nil {
		b.Fatal(err)
	}
	return db
}

// drafted returns the n-th of many different views.
func drafted(n int64) interaction.Draft {
	return interaction.Draft{Key: fmt.Sprint("request ", n), Username: fmt.Sprint("u", n%610), PostID: 1 + n%1000, Kind: interaction.View}
}

func record(b *testing.B, db *DB, drafts ...interaction.Draft) {
	outcomes, err := db.Record(b.Context(), caller.Anyone(), drafts)
	if err != nil {
		b.Fatal(err)
	}
	for _, o := range outcomes {
		if o.Err != nil || o.Duplicate {
			b.Fatalf("%+v", o)
		}
	}
}

// BenchmarkRecord records single events, one caller after another and 64 at once.
func BenchmarkRecord(b *testing.B) {
	b.Run("alone", func(b *testing.B) {
		db := recordStore(b)
		var n int64
		for b.Loop() {
			n++
			record(b, db, drafted(n))
		}
	})
	b.Run("64 at once", func(b *testing.B) {
		db := recordStore(b)
		var n atomic.Int64
		b.SetParallelism(max(1, 64/runtime.GOMAXPROCS(0)))
		b.ResetTimer()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				record(b, db, drafted(n.Add(1)))
			}
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	})
	b.Run("batches of 1000", func(b *testing.B) {
		db := recordStore(b)
		var n int64
		batch := make([]interaction.Draft, 1000)
		for b.Loop() {
			for i := range batch {
				n++
				batch[i] = drafted(n)
			}
			record(b, db, batch...)
		}
		b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
	})
}
