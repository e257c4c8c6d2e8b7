package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"resonance/internal/emit"
)

// lanes holds a global for every constant met, the constant in each of 16 lanes.
var lanes = map[uint32]operand.Mem{}

func constant(v float32) operand.Mem {
	bits := math.Float32bits(v)
	if _, ok := lanes[bits]; !ok {
		lanes[bits] = GLOBL(fmt.Sprintf("lanes%08x", bits), attr.RODATA|attr.NOPTR)
		for i := range strip {
			DATA(4*i, operand.U32(bits))
		}
	}
	return lanes[bits]
}

// each emits a loop over the strips of n numbers, n being a positive multiple of 16. body is
// emitted for each register i of a strip and finds its data at place(pointer).
func (s isa) each(name string, n reg.Register, body func(i int, place func(reg.Register) operand.Mem)) {
	offset, end := GP64(), GP64()
	XORQ(offset, offset)
	MOVQ(n, end)
	SHLQ(operand.Imm(2), end)
	Label(name)
	for i := range s.perStrip() {
		body(i, func(base reg.Register) operand.Mem {
			return operand.Mem{Base: base, Index: offset, Scale: 1, Disp: i * s.bytes()}
		})
	}
	ADDQ(operand.Imm(4*strip), offset)
	CMPQ(offset, end)
	JNE(operand.LabelRef(name))
}

// zeros returns the registers of a strip, zeroed.
func (s isa) zeros() []reg.VecVirtual {
	all := s.vectors(s.perStrip())
	for _, v := range all {
		VXORPS(v, v, v)
	}
	return all
}

// fold joins the 16 lanes of a strip by op, always in the same order, and spreads the result over
// every lane of the first register.
func (s isa) fold(op func(...operand.Op), v []reg.VecVirtual) reg.VecVirtual {
	low := YMM()
	if s.lanes == 16 {
		high := YMM()
		VEXTRACTF32X8(operand.Imm(1), v[0], high)
		op(high, v[0].(reg.Vec).AsY(), low)
	} else {
		op(v[1], v[0], low)
	}
	four, other := low.AsX(), XMM()
	VEXTRACTF128(operand.Imm(1), low, other)
	op(other, four, four)
	VPERMILPS(operand.Imm(0b00_00_11_10), four, other)
	op(other, four, four)
	VPERMILPS(operand.Imm(1), four, other)
	op(other, four, four)
	all := s.vector()
	VBROADCASTSS(four, all)
	return all
}

// exp sets x to e^x, for x of 0 or less; below -87 it gives e^-87. With n = x/ln 2 rounded and
// r = x - n·ln 2 it is 2^n·e^r; the polynomial is that of Cephes' expf (Moshier 1992).
func (s isa) exp(x reg.VecVirtual) {
	whole, n, p := s.vector(), s.vector(), s.vector()
	VMAXPS(constant(-87), x, x)
	VMULPS(constant(1/math.Ln2), x, n)
	VCVTPS2DQ(n, whole)
	VCVTDQ2PS(whole, n)
	VFNMADD231PS(constant(.693359375), n, x) // ln 2 in two parts, the first short
	VFNMADD231PS(constant(-2.12194440e-4), n, x)
	VMOVUPS(constant(1.9875691500e-4), p)
	for _, c := range []float32{1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1, 1, 1} {
		VFMADD213PS(constant(c), x, p)
	}
	VPSLLD(operand.Imm(23), whole, whole)
	VPADDD(whole, p, x)
}

func (s isa) softmax() {
	s.text("softmax", "func(x *float32, n int, scale float32)",
		"replaces n scores, a positive multiple of 16, by e^(scale·score) over their sum.")
	x, n := load("x"), load("n")
	scale := s.vector()
	VBROADCASTSS(emit.Parameter("scale"), scale)

	largest := s.vectors(s.perStrip())
	for i, v := range largest {
		VMOVUPS(at(x, i*s.bytes()), v)
	}
	s.each("largest", n, func(i int, place func(reg.Register) operand.Mem) {
		VMAXPS(place(x), largest[i], largest[i])
	})
	top := s.fold(VMAXPS, largest)

	sums := s.zeros()
	s.each("exp", n, func(i int, place func(reg.Register) operand.Mem) {
		v := s.vector()
		VMOVUPS(place(x), v)
		VSUBPS(top, v, v)
		VMULPS(scale, v, v)
		s.exp(v)
		VADDPS(v, sums[i], sums[i])
		VMOVUPS(v, place(x))
	})
	inverse := s.vector()
	VMOVUPS(constant(1), inverse)
	VDIVPS(s.fold(VADDPS, sums), inverse, inverse)
	s.each("share", n, func(_ int, place func(reg.Register) operand.Mem) {
		v := s.vector()
		VMULPS(place(x), inverse, v)
		VMOVUPS(v, place(x))
	})
	VZEROUPPER()
	RET()
}

// gelu computes x·Φ(x) as max(x, 0) - |x|/2·(1 - erf(|x|/√2)), with the erf that is written above
// portableGELU.
func (s isa) gelu() {
	s.text("gelu", "func(x *float32, n int)", "replaces each of n numbers, a positive multiple of 16, by x·Φ(x).")
	x, n := load("x"), load("n")
	s.each("gelu", n, func(_ int, place func(reg.Register) operand.Mem) {
		v, size, tail, t, sum := s.vector(), s.vector(), s.vector(), s.vector(), s.vector()
		VMOVUPS(place(x), v)
		VANDPS(constant(math.Float32frombits(1<<31-1)), v, size)

		VMULPS(v, v, tail)
		VMULPS(constant(-.5), tail, tail)
		s.exp(tail)

		VMULPS(constant(1/math.Sqrt2), size, t) // t = 1/(1 + p·|x|/√2)
		VMOVUPS(constant(1), sum)
		VFMADD231PS(constant(.3275911), t, sum)
		VMOVUPS(constant(1), t)
		VDIVPS(sum, t, t)

		VMOVUPS(constant(1.061405429), sum)
		for _, a := range []float32{-1.453152027, 1.421413741, -.284496736, .254829592} {
			VFMADD213PS(constant(a), t, sum)
		}
		VMULPS(t, sum, sum)
		VMULPS(sum, tail, tail) // 1 - erf(|x|/√2)

		VMULPS(constant(.5), size, size)
		VXORPS(t, t, t)
		VMAXPS(t, v, v)
		VFNMADD231PS(tail, size, v)
		VMOVUPS(v, place(x))
	})
	VZEROUPPER()
	RET()
}

func (s isa) addNorm() {
	s.text("addNorm", "func(x, y, scale, shift *float32, n int)",
		"adds y to x and gives the sum mean 0 and variance 1, then scales and shifts it; n is a positive multiple of 16.")
	x, y, scale, shift, n := load("x"), load("y"), load("scale"), load("shift"), load("n")
	count := s.vector()
	VCVTSI2SSQ(n, count.(reg.Vec).AsX(), count.(reg.Vec).AsX())
	VBROADCASTSS(count.(reg.Vec).AsX(), count)

	sums := s.zeros()
	s.each("sum", n, func(i int, place func(reg.Register) operand.Mem) {
		v := s.vector()
		VMOVUPS(place(x), v)
		VADDPS(place(y), v, v)
		VMOVUPS(v, place(x))
		VADDPS(v, sums[i], sums[i])
	})
	mean := s.fold(VADDPS, sums)
	VDIVPS(count, mean, mean)

	squares := s.zeros()
	s.each("squares", n, func(i int, place func(reg.Register) operand.Mem) {
		v := s.vector()
		VMOVUPS(place(x), v)
		VSUBPS(mean, v, v)
		VFMADD231PS(v, v, squares[i])
	})
	deviation, inverse := s.fold(VADDPS, squares), s.vector()
	VDIVPS(count, deviation, deviation)
	VADDPS(constant(1e-12), deviation, deviation)
	VSQRTPS(deviation, deviation)
	VMOVUPS(constant(1), inverse)
	VDIVPS(deviation, inverse, inverse)

	s.each("norm", n, func(_ int, place func(reg.Register) operand.Mem) {
		v, b := s.vector(), s.vector()
		VMOVUPS(place(x), v)
		VSUBPS(mean, v, v)
		VMULPS(inverse, v, v)
		VMOVUPS(place(shift), b)
		VFMADD231PS(place(scale), v, b)
		VMOVUPS(b, place(x))
	})
	VZEROUPPER()
	RET()
}
