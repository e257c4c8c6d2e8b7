package main

import (
	"runtime"
	"runtime/debug"
)

// garbage is about how much memory may be taken by what nobody needs any more, in bytes. Go by itself
// lets it grow as large as all that is needed, which for a million posts is 1.3 GB.
const garbage = 128 << 20

// boundGarbage gives back what loading left behind and, for a large heap, lets the collector run sooner. A
// GOGC that somebody has chosen stays.
func boundGarbage() {
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	const usual = 100
	if before := debug.SetGCPercent(gcPercent(m.HeapAlloc)); before != usual {
		debug.SetGCPercent(before)
	}
}

// gcPercent returns how much a heap with so many bytes in use may grow between collections, in percent.
func gcPercent(heap uint64) int { return int(min(100, max(10, garbage*100/max(1, heap)))) }
