// Command asm writes the assembly of package vector: dot products, the scan of 384-bit codes, and what is
// done with vectors of bytes, for processors with AVX2 and FMA, and for those with AVX-512 and VPOPCNTDQ.
// Both give the same bits.
//
//	go generate ./internal/vector
package main

import (
	. "github.com/mmcloughlin/avo/build"
)

func main() {
	ConstraintExpr("amd64")
	dot("AVX2", 8, YMM)
	dot("AVX512", 16, ZMM)
	addScaledAVX2()
	scanAVX2()
	scanAVX512()
	dotBytes()
	fourDotBytes("AVX2", 16, YMM)
	fourDotBytes("AVX512", 32, ZMM)
	cosinesVNNI()
	scaled()
	dotRowsAVX2()
	largest()
	rounded()
	signsOf()
	prefetch()
	Generate()
}
