package profile

import (
	"testing"

	"resonance/internal/interaction"
)

// BenchmarkOf makes the profile of a user with 300 events on 200 posts.
func BenchmarkOf(b *testing.B) {
	kinds := []interaction.Kind{interaction.View, interaction.View, interaction.Like, interaction.Rating, interaction.Skip}
	var history interaction.History
	for i := range 300 {
		history = append(history, did(kinds[i%len(kinds)], int32(i*7%200), int64(i), int8(1+i%100)))
	}
	b.ReportAllocs()
	for b.Loop() {
		Of(history, scale)
	}
}
