package interaction

import (
	"fmt"
	"testing"
)

// BenchmarkLogPut loads a log of 20,000 events, which so many users share.
func BenchmarkLogPut(b *testing.B) {
	const events = 20_000
	for _, users := range []int{1, 100, 10_000} {
		b.Run(fmt.Sprint(users, " users"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var l Log
				for i := range events {
					l.Put(int64(i%users), Event{Row: int64(i + 1), At: int64(i), PostID: int32(i % 5000), Kind: View, Value: NoValue}, false)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/events, "ns/event")
		})
	}
}
