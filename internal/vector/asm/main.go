// Command asm writes the assembly of package vector: dot products and the scan of 384-bit codes, for
// processors with AVX2, FMA and POPCNT, and for those with AVX-512 and VPOPCNTDQ. Both give the same
// bits.
//
//	go generate ./internal/vector
package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("amd64")
	dot("AVX2", 8, YMM)
	dot("AVX512", 16, ZMM)
	fourDotsAVX512()
	addScaledAVX2()
	scanPOPCNT()
	scanVPOPCNT()
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

// fourDotsAVX512 reads a vector once for four dot products.
func fourDotsAVX512() {
	const lanes = 16
	TEXT("fourDotsAVX512", NOSPLIT, "func(out *[4]float32, queries *[4]*float32, v *float32, n int)")
	Pragma("noescape")
	Doc("fourDotsAVX512 sets out to the dot products of v and each of four queries, n numbers each, a positive multiple of 64.")
	queries, v, n := Load(Param("queries"), GP64()), Load(Param("v"), GP64()), Load(Param("n"), GP64())
	var bases [4]reg.Register
	var sums [4][]reg.VecVirtual
	for q := range bases {
		bases[q] = GP64()
		MOVQ(operand.Mem{Base: queries, Disp: 8 * q}, bases[q])
		for range block / lanes {
			sum := ZMM()
			VXORPS(sum, sum, sum)
			sums[q] = append(sums[q], sum)
		}
	}
	at := GP64()
	XORQ(at, at)
	Label("block")
	for i := range block / lanes {
		strip := ZMM()
		VMOVUPS(operand.Mem{Base: v, Index: at, Scale: 4, Disp: 4 * lanes * i}, strip)
		for q, base := range bases {
			VFMADD231PS(operand.Mem{Base: base, Index: at, Scale: 4, Disp: 4 * lanes * i}, strip, sums[q][i])
		}
	}
	ADDQ(operand.Imm(block), at)
	CMPQ(at, n)
	JNE(operand.LabelRef("block"))
	out := Load(Param("out"), GP64())
	for q := range sums {
		VMOVSS(added(sums[q], lanes), operand.Mem{Base: out, Disp: 4 * q})
	}
	VZEROUPPER()
	RET()
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

// scan begins a function that counts, for each place in turn, the bits in which a code differs from
// the query's. each emits the count of one code, whose address it is given.
func scan(name string, before func(query reg.Register), each func(code reg.Register) (count reg.GPVirtual)) {
	TEXT("scan"+name, NOSPLIT, "func(distances *uint16, query, codes *uint64, places *int32, n int)")
	Pragma("noescape")
	Doc("scan"+name+" sets each of n distances to the number of bits in which query and the code at its place differ.",
		"A code has 384 bits, the first lies at place 0, and n is positive.")
	distances, query := Load(Param("distances"), GP64()), Load(Param("query"), GP64())
	codes, places, n := Load(Param("codes"), GP64()), Load(Param("places"), GP64()), Load(Param("n"), GP64())
	before(query)
	i := GP64()
	XORQ(i, i)
	Label("next")
	code := GP64()
	MOVLQSX(operand.Mem{Base: places, Index: i, Scale: 4}, code)
	LEAQ(operand.Mem{Base: code, Index: code, Scale: 2}, code) // 48 bytes a code
	SHLQ(operand.Imm(4), code)
	ADDQ(codes, code)
	MOVW(each(code).As16(), operand.Mem{Base: distances, Index: i, Scale: 2})
	INCQ(i)
	CMPQ(i, n)
	JNE(operand.LabelRef("next"))
	VZEROUPPER()
	RET()
}

func scanPOPCNT() {
	words := make([]reg.GPVirtual, codeWords)
	scan("POPCNT", func(query reg.Register) {
		for w := range words {
			words[w] = GP64()
			MOVQ(operand.Mem{Base: query, Disp: 8 * w}, words[w])
		}
	}, func(code reg.Register) reg.GPVirtual {
		count := GP64()
		for w, word := range words {
			bits := GP64()
			MOVQ(operand.Mem{Base: code, Disp: 8 * w}, bits)
			XORQ(word, bits)
			if w == 0 {
				POPCNTQ(bits, count)
				continue
			}
			POPCNTQ(bits, bits)
			ADDQ(bits, count)
		}
		return count
	})
}

func scanVPOPCNT() {
	words, mask := ZMM(), K()
	scan("VPOPCNT", func(query reg.Register) {
		six := GP32()
		MOVL(operand.U32(1<<codeWords-1), six)
		KMOVW(six, mask)
		VMOVDQU64_Z(operand.Mem{Base: query}, mask, words)
	}, func(code reg.Register) reg.GPVirtual {
		counts, high, low := ZMM(), YMM(), XMM()
		VMOVDQU64_Z(operand.Mem{Base: code}, mask, counts)
		VPXORQ(words, counts, counts)
		VPOPCNTQ(counts, counts)
		VEXTRACTI64X4(operand.Imm(1), counts, high)
		VPADDQ(counts.AsY(), high, high)
		VEXTRACTI128(operand.Imm(1), high, low)
		VPADDQ(high.AsX(), low, low)
		next, count := XMM(), GP64()
		VPSHUFD(operand.Imm(0b00_00_11_10), low, next)
		VPADDQ(next, low, low)
		VMOVQ(low, count)
		return count
	})
}
