package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"resonance/internal/emit"
)

// largest compares numbers without their signs as whole numbers, which sort alike.
func largest() {
	TEXT("largestAVX2", NOSPLIT, "func(v *float32, n int) uint32")
	Pragma("noescape")
	Doc("largestAVX2 returns the bits of the largest of n numbers, a positive multiple of 64, signs left out.")
	v, n := Load(Param("v"), GP64()), Load(Param("n"), GP64())
	unsigned, most := YMM(), []reg.VecVirtual{YMM(), YMM()}
	VPCMPEQD(unsigned, unsigned, unsigned)
	VPSRLD(operand.Imm(1), unsigned, unsigned)
	for _, m := range most {
		VPXOR(m, m, m)
	}
	Label("block")
	for i := range 8 {
		x := YMM()
		VPAND(operand.Mem{Base: v, Disp: 32 * i}, unsigned, x)
		VPMAXUD(x, most[i%2], most[i%2])
	}
	ADDQ(operand.U32(256), v)
	SUBQ(operand.Imm(64), n)
	JNZ(operand.LabelRef("block"))
	VPMAXUD(most[1], most[0], most[0])
	four, other, largest := most[0].AsX(), XMM(), GP32()
	VEXTRACTI128(operand.Imm(1), most[0], other)
	VPMAXUD(other, four, four)
	VPSHUFD(operand.Imm(0b00_00_11_10), four, other)
	VPMAXUD(other, four, four)
	VPSHUFD(operand.Imm(1), four, other)
	VPMAXUD(other, four, four)
	VMOVD(four, largest)
	VZEROUPPER()
	Store(largest, ReturnIndex(0))
	RET()
}

// rounded rounds as portableRounded does: a number that is added leaves no place for a fraction.
func rounded() {
	TEXT("roundedAVX2", NOSPLIT, "func(out *int8, v *float32, factor float32, n int)")
	Pragma("noescape")
	Doc("roundedAVX2 sets out to n numbers, a positive multiple of 64, times factor, rounded.")
	out, v, n := Load(Param("out"), GP64()), Load(Param("v"), GP64()), Load(Param("n"), GP64())
	factor, even, low, order := YMM(), YMM(), YMM(), YMM()
	VBROADCASTSS(emit.Parameter("factor"), factor)
	constant := GP32()
	MOVL(operand.U32(0x4b400000), constant) // 3 << 22
	VMOVD(constant, even.AsX())
	VPBROADCASTD(even.AsX(), even)
	VPCMPEQD(low, low, low)
	VPSRLD(operand.Imm(24), low, low)
	VMOVDQU(packedOrder(), order)
	Label("block")
	for i := range 2 {
		var x [4]reg.VecVirtual
		for k := range x {
			x[k] = YMM()
			VMULPS(operand.Mem{Base: v, Disp: 128*i + 32*k}, factor, x[k])
			VADDPS(even, x[k], x[k])
			VSUBPS(even, x[k], x[k])
			VCVTTPS2DQ(x[k], x[k])
			VPAND(low, x[k], x[k])
		}
		VPACKUSDW(x[1], x[0], x[0])
		VPACKUSDW(x[3], x[2], x[2])
		VPACKUSWB(x[2], x[0], x[0])
		VPERMD(x[0], order, x[0])
		VMOVDQU(x[0], operand.Mem{Base: out, Disp: 32 * i})
	}
	ADDQ(operand.Imm(64), out)
	ADDQ(operand.U32(256), v)
	SUBQ(operand.Imm(64), n)
	JNZ(operand.LabelRef("block"))
	VZEROUPPER()
	RET()
}

// packedOrder returns where the fours stand that packing in halves has put elsewhere.
func packedOrder() operand.Mem {
	order := GLOBL("packedOrder", RODATA|NOPTR)
	for i, at := range []uint32{0, 4, 1, 5, 2, 6, 3, 7} {
		DATA(4*i, operand.U32(at))
	}
	return order
}

func signsOf() {
	TEXT("signsAVX2", NOSPLIT, "func(code *uint64, v *float32, n int)")
	Pragma("noescape")
	Doc("signsAVX2 sets a bit of code for each of n numbers, a positive multiple of 64, that is above 0.")
	code, v, n, zero := Load(Param("code"), GP64()), Load(Param("v"), GP64()), Load(Param("n"), GP64()), YMM()
	VPXOR(zero, zero, zero)
	Label("word")
	word := GP64()
	for i := 7; i >= 0; i-- {
		above, eight := YMM(), GP32()
		VMOVDQU(operand.Mem{Base: v, Disp: 32 * i}, above)
		VPCMPGTD(zero, above, above)
		VMOVMSKPS(above, eight)
		if i == 7 {
			MOVQ(eight.As64(), word)
			continue
		}
		SHLQ(operand.Imm(8), word)
		ORQ(eight.As64(), word)
	}
	MOVQ(word, operand.Mem{Base: code})
	ADDQ(operand.Imm(8), code)
	ADDQ(operand.U32(256), v)
	SUBQ(operand.Imm(64), n)
	JNZ(operand.LabelRef("word"))
	VZEROUPPER()
	RET()
}
