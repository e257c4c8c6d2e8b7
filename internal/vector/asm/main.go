// Command asm writes the assembly of package vector: dot products, the scan of 384-bit codes, and what is
// done with vectors of bytes, for processors with AVX2 and FMA, and for those with AVX-512 and VPOPCNTDQ.
// Both give the same bits.
//
//	go generate ./internal/vector
package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
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
	factor, err := Param("scale").Resolve()
	if err != nil {
		panic(err)
	}
	VBROADCASTSS(factor.Addr, scale)
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
	bound, err := Param("bound").Resolve()
	if err != nil {
		panic(err)
	}
	before(query, bound.Addr)
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
	one, err := Param("scale").Resolve()
	if err != nil {
		panic(err)
	}
	VBROADCASTSS(one.Addr, scale)
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
	upper := XMM()
	VHADDPD(sum, sum, sum)
	VEXTRACTF128(operand.Imm(1), sum, upper)
	VADDSD(upper, sum.AsX(), sum.AsX())
	Label("store")
	VMOVSD(sum.AsX(), operand.Mem{Base: out})
	ADDQ(operand.Imm(8), out)
	ADDQ(operand.Imm(4), places)
	DECQ(n)
	JNZ(operand.LabelRef("row"))
	VZEROUPPER()
	RET()
}

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
	one, err := Param("factor").Resolve()
	if err != nil {
		panic(err)
	}
	VBROADCASTSS(one.Addr, factor)
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
