package sqlite

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
	"resonance/internal/store"
)

// ratings returns n events without keys by 610 users on 9,724 posts, one user after another, as
// MovieLens has them.
func ratings(n int) []interaction.Interaction {
	all := make([]interaction.Interaction, n)
	for i := range all {
		all[i] = interaction.Interaction{
			Username: fmt.Sprint("u", 1+i*610/n), PostID: int64(1 + i*7919%9724), Kind: interaction.Rating, Value: 1 + i%100,
			At: time.UnixMilli(1_000_000_000_000 + int64(i*7907%n)*60_000).UTC(),
		}
	}
	return all
}

func benchStore(b *testing.B, events int) (db *DB, path string) {
	b.Helper()
	path = filepath.Join(b.TempDir(), "store.db")
	db, err := Open(b.Context(), path, Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	putAll(b, db, ratings(events))
	return db, path
}

func putAll(b *testing.B, db *DB, events []interaction.Interaction) {
	b.Helper()
	for len(events) > 0 {
		n := min(10_000, len(events))
		if _, err := db.PutInteractions(b.Context(), events[:n]); err != nil {
			b.Fatal(err)
		}
		events = events[n:]
	}
}

func BenchmarkSequence(b *testing.B) {
	db, _ := benchStore(b, 1000)
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := db.Sequence(ctx); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkChangesOne reads one changed event of a store of 100,000.
func BenchmarkChangesOne(b *testing.B) {
	db, _ := benchStore(b, 100_000)
	since, err := db.Sequence(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	putAll(b, db, []interaction.Interaction{{Username: "new", PostID: 1, Kind: interaction.Like, Value: interaction.NoValue, At: time.UnixMilli(1)}})
	seen := 0
	v := store.ChangeVisitor{
		User:  func(store.UserChange) error { return nil },
		Post:  func(store.PostChange) error { return nil },
		Event: func(store.EventChange) error { seen++; return nil },
	}
	b.ReportAllocs()
	for b.Loop() {
		seen = 0
		if _, err := db.Changes(b.Context(), since, "m", v); err != nil || seen != 1 {
			b.Fatal(seen, err)
		}
	}
}

// BenchmarkChangesAll reads all of a store of 100,000 events.
func BenchmarkChangesAll(b *testing.B) {
	db, _ := benchStore(b, 100_000)
	v := store.ChangeVisitor{User: func(store.UserChange) error { return nil }, Event: func(store.EventChange) error { return nil }}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := db.Changes(b.Context(), 0, "m", v); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOpen opens an existing store of 100,000 events.
func BenchmarkOpen(b *testing.B) {
	db, path := benchStore(b, 100_000)
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		db, err := Open(b.Context(), path, Options{})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := db.Sequence(b.Context()); err != nil {
			b.Fatal(err)
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPutOne records one event in a transaction of its own.
func BenchmarkPutOne(b *testing.B) {
	db, _ := benchStore(b, 100_000)
	i := interaction.Interaction{Username: "new", PostID: 1, Kind: interaction.Like, Value: interaction.NoValue}
	n := int64(0)
	for b.Loop() {
		n++
		i.At = time.UnixMilli(n)
		if _, err := db.PutInteractions(b.Context(), []interaction.Interaction{i}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPutMany writes 100,000 new events, then the same again, beside the loop that inserts
// the same rows into the same table.
func BenchmarkPutMany(b *testing.B) {
	const n = 100_000
	all := ratings(n)
	rate := func(b *testing.B) { b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s") }
	keyed := make([]interaction.Interaction, n)
	for i := range keyed {
		keyed[i] = all[i]
		keyed[i].Key = fmt.Sprint("rating:", i)
	}
	for name, events := range map[string][]interaction.Interaction{"keyless": all, "keyed": keyed} {
		b.Run(name+"/new", func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				db, _ := benchStore(b, 0)
				b.StartTimer()
				putAll(b, db, events)
			}
			rate(b)
		})
		b.Run(name+"/again", func(b *testing.B) {
			db, _ := benchStore(b, 0)
			putAll(b, db, events)
			for b.Loop() {
				putAll(b, db, events)
			}
			rate(b)
		})
		b.Run(name+"/bare loop", func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				db, _ := benchStore(b, 0)
				b.StartTimer()
				bareLoop(b, db, events)
			}
			rate(b)
		})
	}
}

// bareLoop inserts events one by one with a prepared statement, 10,000 in a transaction.
func bareLoop(b *testing.B, db *DB, events []interaction.Interaction) {
	b.Helper()
	ids := map[string]int64{}
	row := int64(0)
	for len(events) > 0 {
		n := min(10_000, len(events))
		err := db.write(b.Context(), func(ctx context.Context, t *tx) error {
			for _, i := range events[:n] {
				id, ok := ids[i.Username]
				if !ok {
					id = int64(len(ids) + 1)
					ids[i.Username] = id
					if err := t.writeUser(ctx, userRow{User: catalog.User{ID: id, Username: i.Username}}); err != nil {
						return err
					}
				}
				row++
				if _, err := t.exec(ctx, "INSERT INTO interactions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row, i.Key, id, i.PostID, int64(i.Kind), int64(i.Value), i.At.UnixMilli(), i.Key != "", t.seq); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		events = events[n:]
	}
}
