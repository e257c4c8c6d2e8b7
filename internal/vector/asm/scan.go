package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"resonance/internal/emit"
)

// scan begins a function that measures eight codes at a time. before is called once; each stores the distances of the eight codes at
// an address, as words of 16 bits, and returns which of them are within bound.
func scan(name string, before func(query reg.Register, bound operand.Mem), each func(query, codes reg.Register, distances operand.Mem) reg.Register) {
	TEXT("scan"+name, NOSPLIT, "func(near *uint8, distances *uint16, query, codes *uint64, bound uint64, blocks int)")
	Pragma("noescape")
	Doc("scan"+name+" sets 8·blocks distances to what the bits count for in which each code differs from query, and blocks bytes, from the",
		"lowest bit, to which of eight distances are at most bound. A code has 384 bits; eight of them lie side by side, word by word. A query",
		"has 3·384 bits: the signs, what counts 1, what counts 2. blocks is positive, bound below 2^15.")
	near, distances, query := Load(Param("near"), GP64()), Load(Param("distances"), GP64()), Load(Param("query"), GP64())
	codes, blocks := Load(Param("codes"), GP64()), Load(Param("blocks"), GP64())
	before(query, emit.Parameter("bound"))
	Label("next")
	bits := each(query, codes, operand.Mem{Base: distances})
	MOVB(bits.(reg.GP).As8(), operand.Mem{Base: near})
	INCQ(near)
	ADDQ(operand.Imm(16), distances)
	ADDQ(operand.U32(64*codeWords), codes)
	DECQ(blocks)
	JNZ(operand.LabelRef("next"))
	VZEROUPPER()
	RET()
}

// scanAVX2 counts bits by halves of bytes, which a shuffle looks up (Muła, Kurz and Lemire 2018).
func scanAVX2() {
	table, low, limit := YMM(), YMM(), XMM()
	count := func(bits, sum reg.VecVirtual) {
		high := YMM()
		VPSRLW(operand.Imm(4), bits, high)
		VPAND(low, bits, bits)
		VPAND(low, high, high)
		VPSHUFB(bits, table, bits)
		VPSHUFB(high, table, high)
		VPADDB(bits, sum, sum)
		VPADDB(high, sum, sum)
	}
	scan("AVX2", func(_ reg.Register, bound operand.Mem) {
		VBROADCASTI128(bitCounts(), table)
		fifteen := GP32()
		MOVL(operand.U32(0x0f0f0f0f), fifteen)
		VMOVD(fifteen, low.AsX())
		VPBROADCASTD(low.AsX(), low)
		VMOVQ(bound, limit)
		VPBROADCASTW(limit, limit)
	}, func(query, codes reg.Register, distances operand.Mem) reg.Register {
		var halves [2]reg.VecVirtual // four codes each
		for h := range halves {
			ones, twos, zero := YMM(), YMM(), YMM()
			VPXOR(ones, ones, ones)
			VPXOR(twos, twos, twos)
			VPXOR(zero, zero, zero)
			for w := range codeWords {
				differ, of := YMM(), YMM()
				VPBROADCASTQ(operand.Mem{Base: query, Disp: signs + 8*w}, differ)
				VPXOR(operand.Mem{Base: codes, Disp: 64*w + 32*h}, differ, differ)
				VPBROADCASTQ(operand.Mem{Base: query, Disp: plane0 + 8*w}, of)
				VPAND(differ, of, of)
				count(of, ones)
				VPBROADCASTQ(operand.Mem{Base: query, Disp: plane1 + 8*w}, of)
				VPAND(differ, of, of)
				count(of, twos)
			}
			VPADDB(twos, ones, ones) // 6·8·3 at most
			VPADDB(twos, ones, ones)
			VPSADBW(zero, ones, ones)
			halves[h] = ones
		}
		VPACKUSDW(halves[1], halves[0], halves[0]) // 0 1 4 5 2 3 6 7, each in 32 bits
		VPERMQ(operand.Imm(0b11_01_10_00), halves[0], halves[0])
		lower, upper, far := halves[0].AsX(), XMM(), GP32()
		VEXTRACTI128(operand.Imm(1), halves[0], upper)
		VPACKUSDW(upper, lower, lower)
		VMOVDQU(lower, distances)
		VPCMPGTW(limit, lower, lower)
		VPACKSSWB(lower, lower, lower)
		VPMOVMSKB(lower, far)
		NOTL(far)
		return far
	})
}

// bitCounts returns how many bits are set in each number of 0 to 15.
func bitCounts() operand.Mem {
	counts := GLOBL("bitCounts", RODATA|NOPTR)
	DATA(0, operand.U64(0x0302020102010100))
	DATA(8, operand.U64(0x0403030203020201))
	return counts
}

func scanAVX512() {
	words, limit := make([]reg.VecVirtual, 3*codeWords), ZMM()
	scan("AVX512", func(query reg.Register, bound operand.Mem) {
		for w := range words {
			words[w] = ZMM()
			VPBROADCASTQ(operand.Mem{Base: query, Disp: 8 * w}, words[w])
		}
		VPBROADCASTQ(bound, limit)
	}, func(_, codes reg.Register, to operand.Mem) reg.Register {
		const differsIn = 0x28 // (a ^ b) & c
		var sums [2]reg.VecVirtual
		for w := range codeWords {
			for plane := range sums {
				of := ZMM()
				VMOVDQU64(operand.Mem{Base: codes, Disp: 64 * w}, of)
				VPTERNLOGQ(operand.Imm(differsIn), words[(1+plane)*codeWords+w], words[w], of)
				VPOPCNTQ(of, of)
				if w == 0 {
					sums[plane] = of
				} else {
					VPADDQ(of, sums[plane], sums[plane])
				}
			}
		}
		distances, near, bits := sums[0], K(), GP32()
		VPADDQ(sums[1], distances, distances)
		VPADDQ(sums[1], distances, distances)
		VPCMPUQ(operand.Imm(2), limit, distances, near)
		VPMOVQW(distances, to)
		KMOVB(near, bits)
		return bits
	})
}
