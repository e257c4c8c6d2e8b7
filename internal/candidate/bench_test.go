package candidate

import (
	"testing"

	"resonance/internal/catalog"
)

// BenchmarkGenerate names 200 of 20,000 posts by each generator that a large scope is narrowed with.
func BenchmarkGenerate(b *testing.B) {
	var posts []post
	for id := range int64(20_000) {
		posts = append(posts, post{
			Features:  catalog.Features{ID: id + 1, CreatedAt: id * 7919 % 20_011, Public: true},
			embedding: theme(int(id % 5)),
		})
	}
	w := newWorld(posts)
	query := w.query("", theme(1), 200)
	for name, generator := range map[string]Generator{"content": Content{Vectors: &w.vectors}, "newest": Newest{}, "everything": Everything{}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				generator.Generate(query)
			}
		})
	}
}
