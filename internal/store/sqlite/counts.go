package sqlite

import (
	"context"
	"fmt"

	"resonance/internal/interaction"
	"resonance/internal/store"
)

// The names of totals; a kind of event has its own name.
const (
	totalPosts = "posts"
	totalTexts = "texts" // posts with something to embed
	totalUsers = "users" // with a username
)

// Counts returns the totals of everything that is not gone. They are kept as rows change: this
// reads a dozen numbers, however many rows there are. ByKind holds the kinds that occur.
func (db *DB) Counts(ctx context.Context) (store.Counts, error) {
	totals := make(map[string]int64)
	err := db.lend(ctx, func(c *conn) error {
		return c.each(ctx, "SELECT name, n FROM totals", nil, func(scan func(...any) error) error {
			var name string
			var n int64
			err := scan(&name, &n)
			totals[name] = n
			return err
		})
	})
	if err != nil {
		return store.Counts{}, fmt.Errorf("count: %w", err)
	}
	counts := store.Counts{Posts: totals[totalPosts], Users: totals[totalUsers], ByKind: make(map[interaction.Kind]int64)}
	for _, kind := range interaction.Kinds() {
		if n := totals[kind.String()]; n > 0 {
			counts.ByKind[kind] = n
			counts.Interactions += n
		}
	}
	return counts, nil
}
