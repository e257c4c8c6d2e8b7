package main

import "testing"

func TestGCPercent(t *testing.T) {
	for heap, want := range map[uint64]int{0: 100, 1 << 20: 100, 128 << 20: 100, 256 << 20: 50, 1 << 30: 12, 64 << 30: 10} {
		if got := gcPercent(heap); got != want {
			t.Errorf("a heap of %d MB may grow by %d %%, want %d", heap>>20, got, want)
		}
	}
}
