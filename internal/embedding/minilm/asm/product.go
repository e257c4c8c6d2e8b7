package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// group is how many codes of a column share a scale.
const group = 64

// block is a part of a product that stays in registers: some rows, two registers wide. Each of its
// numbers starts as the bias and takes one fused multiply-add for each k, in order: its bits don't
// depend on the shape of the block.
type block struct {
	isa
	rows    int
	x       []reg.Register // of rows 0, 3, 6, …
	xStride reg.Register
	sums    []reg.VecVirtual // row by row
}

// newBlock starts all sums with the two registers of bias.
func (s isa) newBlock(rows int, x, xStride, bias reg.Register) *block {
	b := &block{isa: s, rows: rows, x: []reg.Register{x}, xStride: xStride, sums: s.vectors(2 * rows)}
	for len(b.x)*3 < rows {
		next := GP64()
		LEAQ(operand.Mem{Base: b.x[len(b.x)-1], Index: xStride, Scale: 2}, next)
		ADDQ(xStride, next)
		b.x = append(b.x, next)
	}
	for i, sum := range b.sums {
		if i < 2 {
			VMOVUPS(at(bias, i*s.bytes()), sum)
		} else {
			VMOVUPS(b.sums[i%2], sum)
		}
	}
	return b
}

// add adds to each row its x at the k-th number from here times w.
func (b *block) add(k int, w [2]reg.VecVirtual) {
	for r := range b.rows {
		x := operand.Mem{Base: b.x[r/3], Disp: 4 * k}
		if r%3 > 0 {
			x.Index, x.Scale = b.xStride, uint8(r%3)
		}
		factor := b.vector()
		VBROADCASTSS(x, factor)
		VFMADD231PS(factor, w[0], b.sums[2*r])
		VFMADD231PS(factor, w[1], b.sums[2*r+1])
	}
}

// advance moves on by n numbers of x.
func (b *block) advance(n int) {
	for _, x := range b.x {
		ADDQ(operand.Imm(uint64(4*n)), x)
	}
}

// store writes the sums. gap is the distance in memory of the second register from the first.
func (b *block) store(dst, stride reg.Register) {
	for r := range b.rows {
		VMOVUPS(b.sums[2*r], at(dst, 0))
		VMOVUPS(b.sums[2*r+1], at(dst, b.bytes()))
		if r < b.rows-1 {
			ADDQ(stride, dst)
		}
	}
}

// forRows emits body for each number of rows that a block can have, and jumps to the one asked for.
func (s isa) forRows(rows reg.Register, body func(rows int, label func(string) string)) {
	for n := 1; n <= s.rows; n++ {
		CMPQ(rows, operand.Imm(uint64(n)))
		JEQ(operand.LabelRef(fmt.Sprintf("rows%d", n)))
	}
	RET()
	for n := 1; n <= s.rows; n++ {
		Label(fmt.Sprintf("rows%d", n))
		body(n, func(name string) string { return fmt.Sprintf("%s%d", name, n) })
		VZEROUPPER()
		RET()
	}
}

func (s isa) multiply() {
	s.text("multiply",
		"func(dst *float32, dstStride int, x *float32, xStride int, w *float32, wStride, wGap int, bias *float32, rows, inner int)",
		fmt.Sprintf("sets a block of rows × %d numbers to bias + x·w, rows being 1 to %d.", 2*s.lanes, s.rows))
	dst, dstStride := load("dst"), loadBytes("dstStride")
	x, xStride := load("x"), loadBytes("xStride")
	w, wStride := load("w"), loadBytes("wStride")
	second := loadBytes("wGap") // the second register of a row of w
	if s.perStrip() == 2 {
		MOVQ(operand.U32(s.bytes()), second)
	}
	ADDQ(w, second)
	bias, inner := load("bias"), load("inner")
	s.forRows(load("rows"), func(rows int, label func(string) string) {
		b := s.newBlock(rows, x, xStride, bias)
		step := func(k int) {
			v := [2]reg.VecVirtual{s.vector(), s.vector()}
			VMOVUPS(at(w, 0), v[0])
			VMOVUPS(at(second, 0), v[1])
			ADDQ(wStride, w)
			ADDQ(wStride, second)
			b.add(k, v)
		}
		SUBQ(operand.Imm(2), inner)
		JL(operand.LabelRef(label("odd")))
		Label(label("two"))
		step(0)
		step(1)
		b.advance(2)
		SUBQ(operand.Imm(2), inner)
		JGE(operand.LabelRef(label("two")))
		Label(label("odd"))
		ADDQ(operand.Imm(2), inner)
		JE(operand.LabelRef(label("done")))
		step(0)
		Label(label("done"))
		b.store(dst, dstStride)
	})
}

func (s isa) multiplyCodes() {
	s.text("multiplyCodes",
		"func(dst *float32, dstStride int, x *float32, xStride int, codes *int8, scales, bias *float32, rows, inner int)",
		fmt.Sprintf("is multiply%s with codes and scales in place of w; inner is a multiple of %d.", s.name, group))
	const unroll = 4
	dst, dstStride := load("dst"), loadBytes("dstStride")
	x, xStride := load("x"), loadBytes("xStride")
	codes, scales, bias, inner := load("codes"), load("scales"), load("bias"), load("inner")
	gap := GP64() // from the codes of one strip to those of the next; that of scales is inner
	MOVQ(inner, gap)
	SHLQ(operand.Imm(4), gap)
	end := GP64()
	LEAQ(operand.Mem{Base: scales, Index: inner, Scale: 1}, end)
	s.forRows(load("rows"), func(rows int, label func(string) string) {
		b := s.newBlock(rows, x, xStride, bias)
		second := func(m operand.Mem, lane int, gap reg.Register) operand.Mem { // where the second register's data is
			if s.perStrip() == 2 {
				m.Disp += s.lanes * lane
			} else {
				m.Index, m.Scale = gap, 1
			}
			return m
		}
		Label(label("group"))
		scale := [2]reg.VecVirtual{s.vector(), s.vector()}
		if s.lanes == 16 { // AVX2 has no registers left for them
			VMOVUPS(at(scales, 0), scale[0])
			VMOVUPS(second(at(scales, 0), 4, inner), scale[1])
		}
		k := GP64()
		MOVQ(operand.U32(group/unroll), k)
		Label(label("codes"))
		for u := range unroll {
			v := [2]reg.VecVirtual{s.vector(), s.vector()}
			VPMOVSXBD(at(codes, strip*u), v[0])
			VPMOVSXBD(second(at(codes, strip*u), 1, gap), v[1])
			for i := range v {
				VCVTDQ2PS(v[i], v[i])
			}
			if s.lanes == 16 {
				VMULPS(scale[0], v[0], v[0])
				VMULPS(scale[1], v[1], v[1])
			} else {
				VMULPS(at(scales, 0), v[0], v[0])
				VMULPS(at(scales, s.bytes()), v[1], v[1])
			}
			b.add(u, v)
		}
		b.advance(unroll)
		ADDQ(operand.Imm(strip*unroll), codes)
		DECQ(k)
		JNZ(operand.LabelRef(label("codes")))
		ADDQ(operand.Imm(4*strip), scales)
		CMPQ(scales, end)
		JNE(operand.LabelRef(label("group")))
		b.store(dst, dstStride)
	})
}

func (s isa) dequantise() {
	s.text("dequantise", "func(w *float32, codes *int8, scales *float32, inner int)",
		fmt.Sprintf("writes one strip of inner × %d codes as numbers; inner is a multiple of %d.", strip, group))
	w, codes, scales, inner := load("w"), load("codes"), load("scales"), load("inner")
	scale := s.vectors(s.perStrip())
	Label("group")
	for i := range scale {
		VMOVUPS(at(scales, i*s.bytes()), scale[i])
	}
	k := GP64()
	MOVQ(operand.U32(group/4), k)
	Label("codes")
	for u := range 4 {
		for i := range scale {
			v := s.vector()
			VPMOVSXBD(at(codes, strip*u+i*s.lanes), v)
			VCVTDQ2PS(v, v)
			VMULPS(scale[i], v, v)
			VMOVUPS(v, at(w, 4*strip*u+i*s.bytes()))
		}
	}
	ADDQ(operand.Imm(4*strip), codes)
	ADDQ(operand.U32(16*strip), w)
	DECQ(k)
	JNZ(operand.LabelRef("codes"))
	ADDQ(operand.Imm(4*strip), scales)
	SUBQ(operand.Imm(group), inner)
	JNZ(operand.LabelRef("group"))
	VZEROUPPER()
	RET()
}
