package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"resonance/internal/emit"
)

// dotBytes adds up products of pairs in 32 bits, which is exact: 127·127·n stays below 2^31 for the
// longest vectors that a model makes.
func dotBytes() {
	TEXT("dotBytesAVX2", NOSPLIT, "func(a, b *int8, n int) int32")
	Pragma("noescape")
	Doc("dotBytesAVX2 returns the dot product of n numbers, a positive multiple of 64.")
	a, b, n := Load(Param("a"), GP64()), Load(Param("b"), GP64()), Load(Param("n"), GP64())
	sums := []reg.VecVirtual{YMM(), YMM(), YMM(), YMM()}
	for _, sum := range sums {
		VPXOR(sum, sum, sum)
	}
	Label("block")
	for i, sum := range sums {
		v, w := YMM(), YMM()
		VPMOVSXBW(operand.Mem{Base: a, Disp: 16 * i}, v)
		VPMOVSXBW(operand.Mem{Base: b, Disp: 16 * i}, w)
		VPMADDWD(w, v, v)
		VPADDD(v, sum, sum)
	}
	ADDQ(operand.Imm(64), a)
	ADDQ(operand.Imm(64), b)
	SUBQ(operand.Imm(64), n)
	JNZ(operand.LabelRef("block"))
	VPADDD(sums[1], sums[0], sums[0])
	VPADDD(sums[3], sums[2], sums[2])
	VPADDD(sums[2], sums[0], sums[0])
	sum := GP32()
	VMOVD(addedWhole(sums[0].AsY()), sum)
	VZEROUPPER()
	Store(sum, ReturnIndex(0))
	RET()
}

// addedWhole emits the addition of eight whole numbers and returns the sum.
func addedWhole(eight reg.Register) reg.Register {
	four, other := XMM(), XMM()
	VEXTRACTI128(operand.Imm(1), eight, other)
	VEXTRACTI128(operand.Imm(0), eight, four)
	VPADDD(other, four, four)
	VPSHUFD(operand.Imm(0b00_00_11_10), four, other)
	VPADDD(other, four, four)
	VPSHUFD(operand.Imm(1), four, other)
	VPADDD(other, four, four)
	return four
}

// fourDotBytes reads a vector of bytes once for four dot products, as exact as dotBytes.
func fourDotBytes(name string, lanes int, vector func() reg.VecVirtual) {
	TEXT("fourDotBytes"+name, NOSPLIT, "func(out *[4]int32, queries *int16, v *int8, n int)")
	Pragma("noescape")
	Doc("fourDotBytes"+name+" sets out to the dot products of v and each of four queries, n numbers each, a positive multiple of 64.",
		"The queries follow one another.")
	query, v, n := Load(Param("queries"), GP64()), Load(Param("v"), GP64()), Load(Param("n"), GP64())
	var bases [4]reg.Register
	var sums [4]reg.VecVirtual
	for q := range bases {
		bases[q], sums[q] = GP64(), vector()
		MOVQ(query, bases[q])
		LEAQ(operand.Mem{Base: query, Index: n, Scale: 2}, query)
		if lanes == 32 {
			VPXORD(sums[q], sums[q], sums[q])
		} else {
			VPXOR(sums[q], sums[q], sums[q])
		}
	}
	at := GP64()
	XORQ(at, at)
	Label("block")
	for i := range 64 / lanes {
		strip := vector()
		VPMOVSXBW(operand.Mem{Base: v, Index: at, Scale: 1, Disp: lanes * i}, strip)
		for q, base := range bases {
			products := vector()
			VPMADDWD(operand.Mem{Base: base, Index: at, Scale: 2, Disp: 2 * lanes * i}, strip, products)
			VPADDD(products, sums[q], sums[q])
		}
	}
	ADDQ(operand.Imm(64), at)
	CMPQ(at, n)
	JNE(operand.LabelRef("block"))
	out := Load(Param("out"), GP64())
	for q, sum := range sums {
		eight := sum.AsY()
		if lanes == 32 {
			high, low := YMM(), YMM()
			VEXTRACTI64X4(operand.Imm(1), sum, high)
			VEXTRACTI64X4(operand.Imm(0), sum, low)
			VPADDD(high, low, low)
			eight = low
		}
		VMOVD(addedWhole(eight), operand.Mem{Base: out, Disp: 4 * q})
	}
	VZEROUPPER()
	RET()
}

// cosinesVNNI compares each of many vectors of 384 bytes with four, which stay in registers. VPDPBUSD multiplies bytes without
// a sign by bytes with one: 128 is added to those of the vectors, and what that adds to each product is taken off in the end.
func cosinesVNNI() {
	TEXT("cosinesVNNI", NOSPLIT, "func(out *float32, rows *int8, scales *float32, places *int32, n int, queries *int8, excess *[4]int32, queryScales *[4]float32)")
	Pragma("noescape")
	Doc("cosinesVNNI sets out, four numbers for each of n places, at least one, to the products of the vector in the row at that place",
		"with four queries, times the scales of both. A place counts modulo 4096; excess is 128 times the sum of a query.")
	const dim, wide = 384, 64
	z := []reg.VecPhysical{
		reg.Z0, reg.Z1, reg.Z2, reg.Z3, reg.Z4, reg.Z5, reg.Z6, reg.Z7, reg.Z8, reg.Z9, reg.Z10, reg.Z11, reg.Z12, reg.Z13, reg.Z14, reg.Z15,
		reg.Z16, reg.Z17, reg.Z18, reg.Z19, reg.Z20, reg.Z21, reg.Z22, reg.Z23, reg.Z24, reg.Z25, reg.Z26, reg.Z27, reg.Z28, reg.Z29, reg.Z30, reg.Z31,
	}
	queries, sums, strips, signs := z[:24], z[24:28], z[28:30], z[30]
	out, rows, scales := Load(Param("out"), GP64()), Load(Param("rows"), GP64()), Load(Param("scales"), GP64())
	places, n := Load(Param("places"), GP64()), Load(Param("n"), GP64())
	excess, queryScales := Load(Param("excess"), GP64()), Load(Param("queryScales"), GP64())
	query := Load(Param("queries"), GP64())
	for i, q := range queries {
		VMOVDQU32(operand.Mem{Base: query, Disp: wide * i}, q)
	}
	sign := GP32()
	MOVL(operand.U32(0x80808080), sign)
	VPBROADCASTD(sign, signs)
	Label("post")
	place, row := GP32(), GP64()
	MOVL(operand.Mem{Base: places}, place)
	ANDL(operand.U32(4095), place)
	IMUL3Q(operand.U32(dim), place.As64(), row)
	ADDQ(rows, row)
	for _, sum := range sums {
		VPXORD(sum, sum, sum)
	}
	for i := range dim / wide {
		strip := strips[i%2]
		VPXORD(operand.Mem{Base: row, Disp: wide * i}, signs, strip)
		for q, sum := range sums {
			of := queries[q*dim/wide+i]
			Instruction(&ir.Instruction{
				Opcode: "VPDPBUSD", Operands: []operand.Op{of, strip, sum}, Inputs: []operand.Op{of, strip, sum}, Outputs: []operand.Op{sum},
			})
		}
	}
	// Four sums of sixteen numbers become sixteen times four, then four times four, then one.
	for i := range 2 {
		a, b, low := sums[2*i], sums[2*i+1], strips[i]
		VPUNPCKLDQ(b, a, low)
		VPUNPCKHDQ(b, a, a)
		VPADDD(a, low, low)
	}
	VPUNPCKLQDQ(strips[1], strips[0], sums[0])
	VPUNPCKHQDQ(strips[1], strips[0], sums[1])
	VPADDD(sums[1], sums[0], sums[0])
	VEXTRACTI64X4(operand.Imm(1), sums[0], sums[1].AsY())
	VPADDD(sums[1].AsY(), sums[0].AsY(), sums[0].AsY())
	VEXTRACTI32X4(operand.Imm(1), sums[0].AsY(), sums[1].AsX())
	VPADDD(sums[1].AsX(), sums[0].AsX(), sums[0].AsX())
	VPSUBD(operand.Mem{Base: excess}, sums[0].AsX(), sums[0].AsX())
	VCVTDQ2PS(sums[0].AsX(), sums[0].AsX())
	VBROADCASTSS(operand.Mem{Base: scales, Index: place.As64(), Scale: 4}, sums[1].AsX())
	VMULPS(operand.Mem{Base: queryScales}, sums[1].AsX(), sums[1].AsX())
	VMULPS(sums[1].AsX(), sums[0].AsX(), sums[0].AsX())
	VMOVUPS(sums[0].AsX(), operand.Mem{Base: out})
	ADDQ(operand.Imm(16), out)
	ADDQ(operand.Imm(4), places)
	DECQ(n)
	JNZ(operand.LabelRef("post"))
	VZEROUPPER()
	RET()
}

func scaled() {
	TEXT("scaledAVX2", NOSPLIT, "func(out *float32, v *int8, scale float32, n int)")
	Pragma("noescape")
	Doc("scaledAVX2 sets n numbers, a positive multiple of 64, to scale times those of v.")
	out, v, n := Load(Param("out"), GP64()), Load(Param("v"), GP64()), Load(Param("n"), GP64())
	scale := YMM()
	VBROADCASTSS(emit.Parameter("scale"), scale)
	Label("block")
	for i := range 8 {
		x := YMM()
		VPMOVSXBD(operand.Mem{Base: v, Disp: 8 * i}, x)
		VCVTDQ2PS(x, x)
		VMULPS(scale, x, x)
		VMOVUPS(x, operand.Mem{Base: out, Disp: 32 * i})
	}
	ADDQ(operand.Imm(64), v)
	ADDQ(operand.U32(256), out)
	SUBQ(operand.Imm(64), n)
	JNZ(operand.LabelRef("block"))
	VZEROUPPER()
	RET()
}

// dotRowsAVX2 adds up four sums side by side, as portableDotRows does, and rounds every step.
func dotRowsAVX2() {
	TEXT("dotRowsAVX2", NOSPLIT, "func(out *float64, rows *float32, height int, places *int32, n int, v *float64, width int)")
	Pragma("noescape")
	Doc("dotRowsAVX2 sets each of n numbers, at least one, to the product of v and the row at its place, 0 for places at which none of",
		"the height rows is. Rows and v have width numbers, a positive multiple of 4.")
	out, rows, places, n := Load(Param("out"), GP64()), Load(Param("rows"), GP64()), Load(Param("places"), GP64()), Load(Param("n"), GP64())
	height, v, bytes := Load(Param("height"), GP64()), Load(Param("v"), GP64()), Load(Param("width"), GP64())
	SHLQ(operand.Imm(3), bytes)
	Label("row")
	sum, row, at := YMM(), GP64(), GP64()
	VXORPD(sum, sum, sum)
	MOVL(operand.Mem{Base: places}, row.As32())
	CMPQ(row, height) // a place below 0 is a very large number
	JAE(operand.LabelRef("store"))
	IMULQ(bytes, row)
	SHRQ(operand.Imm(1), row) // a number of a row is half as long as one of v
	ADDQ(rows, row)
	XORQ(at, at)
	Label("block")
	products := YMM()
	VCVTPS2PD(operand.Mem{Base: row}, products)
	VMULPD(operand.Mem{Base: v, Index: at, Scale: 1}, products, products)
	VADDPD(products, sum, sum)
	ADDQ(operand.Imm(16), row)
	ADDQ(operand.Imm(32), at)
	CMPQ(at, bytes)
	JNE(operand.LabelRef("block"))
	emit.Total(sum)
	Label("store")
	VMOVSD(sum.AsX(), operand.Mem{Base: out})
	ADDQ(operand.Imm(8), out)
	ADDQ(operand.Imm(4), places)
	DECQ(n)
	JNZ(operand.LabelRef("row"))
	VZEROUPPER()
	RET()
}

func prefetch() {
	TEXT("prefetchLines", NOSPLIT, "func(v *int8, n int)")
	Pragma("noescape")
	Doc("prefetchLines lets n bytes at v come into the nearest cache, while other work goes on. n is positive.")
	v, n := Load(Param("v"), GP64()), Load(Param("n"), GP64())
	Label("line")
	PREFETCHT0(operand.Mem{Base: v})
	ADDQ(operand.Imm(64), v)
	SUBQ(operand.Imm(64), n)
	JG(operand.LabelRef("line"))
	RET()
}
