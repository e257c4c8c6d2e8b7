package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"resonance/internal/emit"
)

// block is how many products a dot product adds up side by side: four strips of 16.
const block = 64

func dot(name string, lanes int, vector func() reg.VecVirtual) {
	TEXT("dot"+name, NOSPLIT, "func(a, b *float32, n int) float32")
	Pragma("noescape")
	Doc("dot" + name + " returns the dot product of n numbers, a positive multiple of 64.")
	a, b, n := Load(Param("a"), GP64()), Load(Param("b"), GP64()), Load(Param("n"), GP64())
	sums := make([]reg.VecVirtual, block/lanes)
	for i := range sums {
		sums[i] = vector()
		VXORPS(sums[i], sums[i], sums[i])
	}
	Label("block")
	for i, sum := range sums {
		v := vector()
		VMOVUPS(operand.Mem{Base: a, Disp: 4 * lanes * i}, v)
		VFMADD231PS(operand.Mem{Base: b, Disp: 4 * lanes * i}, v, sum)
	}
	ADDQ(operand.U32(4*block), a)
	ADDQ(operand.U32(4*block), b)
	SUBQ(operand.Imm(block), n)
	JNZ(operand.LabelRef("block"))

	four := added(sums, lanes)
	VZEROUPPER()
	Store(four, ReturnIndex(0))
	RET()
}

// added emits the addition of strips of lanes numbers, always in the same order, and returns the sum.
func added(sums []reg.VecVirtual, lanes int) reg.Register {
	for len(sums) > 16/lanes { // halve until one strip of 16 is left
		half := len(sums) / 2
		for i := range half {
			VADDPS(sums[half+i], sums[i], sums[i])
		}
		sums = sums[:half]
	}
	low := YMM()
	if lanes == 16 {
		high := YMM()
		VEXTRACTF32X8(operand.Imm(1), sums[0], high)
		VADDPS(high, sums[0].AsY(), low)
	} else {
		VADDPS(sums[1], sums[0], low)
	}
	four, other := low.AsX(), XMM()
	VEXTRACTF128(operand.Imm(1), low, other)
	VADDPS(other, four, four)
	VPERMILPS(operand.Imm(0b00_00_11_10), four, other)
	VADDPS(other, four, four)
	VPERMILPS(operand.Imm(1), four, other)
	VADDPS(other, four, four)
	return four
}

// addScaledAVX2 multiplies and adds in two steps, each rounded, as portable code does.
func addScaledAVX2() {
	const lanes, strips = 8, 4
	TEXT("addScaledAVX2", NOSPLIT, "func(sum *float32, scale float32, v *float32, n int)")
	Pragma("noescape")
	Doc("addScaledAVX2 adds scale times v to sum, n numbers each, a positive multiple of 32.")
	sum, v, n, scale := Load(Param("sum"), GP64()), Load(Param("v"), GP64()), Load(Param("n"), GP64()), YMM()
	VBROADCASTSS(emit.Parameter("scale"), scale)
	Label("block")
	for i := range strips {
		product := YMM()
		VMULPS(operand.Mem{Base: v, Disp: 4 * lanes * i}, scale, product)
		VADDPS(operand.Mem{Base: sum, Disp: 4 * lanes * i}, product, product)
		VMOVUPS(product, operand.Mem{Base: sum, Disp: 4 * lanes * i})
	}
	ADDQ(operand.Imm(4*lanes*strips), sum)
	ADDQ(operand.Imm(4*lanes*strips), v)
	SUBQ(operand.Imm(lanes*strips), n)
	JNZ(operand.LabelRef("block"))
	VZEROUPPER()
	RET()
}

const codeWords = 384 / 64

// A query's signs are followed by two planes of 384 bits that say what each of its components counts for.
const (
	signs  = 8 * codeWords * 0
	plane0 = 8 * codeWords * 1
	plane1 = 8 * codeWords * 2
)
