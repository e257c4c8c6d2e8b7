// Command asm writes the assembly of package moments, for processors with AVX2.
//
//	go generate ./internal/moments
package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"resonance/internal/emit"
)

const (
	strips = 4  // vectors at a time
	lanes  = 4  // numbers in a vector
	block  = 16 // strips · lanes
	bytes  = 8
)

func main() {
	ConstraintExpr("amd64")
	sums()
	squares()
	addStandardised()
	addNear()
	Generate()
}

// over emits a loop over blocks of values.
func over(values, n reg.Register, each func(strip int, at operand.Mem), after ...reg.Register) {
	Label("block")
	for i := range strips {
		each(i, operand.Mem{Base: values, Disp: bytes * lanes * i})
	}
	for _, pointer := range append(after, values) {
		ADDQ(operand.U32(bytes*block), pointer)
	}
	SUBQ(operand.Imm(block), n)
	JNZ(operand.LabelRef("block"))
}

func store(sums []reg.VecVirtual) {
	out := Load(Param("sums"), GP64())
	for i, sum := range sums {
		VMOVUPD(sum, operand.Mem{Base: out, Disp: bytes * lanes * i})
	}
	VZEROUPPER()
	RET()
}

func sums() {
	TEXT("sumsAVX2", NOSPLIT, "func(sums *[16]float64, values *float64, n int)")
	Pragma("noescape")
	Doc("sumsAVX2 sets sums to those of every 16th of n values, a positive multiple of 16.")
	values, n, sums := Load(Param("values"), GP64()), Load(Param("n"), GP64()), emit.Zeros(strips)
	over(values, n, func(i int, at operand.Mem) { VADDPD(at, sums[i], sums[i]) })
	store(sums)
}

func squares() {
	TEXT("squaresAVX2", NOSPLIT, "func(sums *[16]float64, values *float64, n int, mean float64)")
	Pragma("noescape")
	Doc("squaresAVX2 sets sums to those of the squared distances to mean of every 16th of n values, a positive multiple of 16.")
	values, n, mean, sums := Load(Param("values"), GP64()), Load(Param("n"), GP64()), emit.Broadcast("mean"), emit.Zeros(strips)
	over(values, n, func(i int, at operand.Mem) {
		distance := YMM()
		VMOVUPD(at, distance)
		VSUBPD(mean, distance, distance)
		VMULPD(distance, distance, distance)
		VADDPD(distance, sums[i], sums[i])
	})
	store(sums)
}

func addStandardised() {
	TEXT("addStandardisedAVX2", NOSPLIT, "func(out, values *float64, n int, mean, inverse, weight float64)")
	Pragma("noescape")
	Doc("addStandardisedAVX2 adds weight·((value - mean)·inverse) to each of n numbers, a positive multiple of 16, every step rounded.")
	out, values, n := Load(Param("out"), GP64()), Load(Param("values"), GP64()), Load(Param("n"), GP64())
	mean, inverse, weight := emit.Broadcast("mean"), emit.Broadcast("inverse"), emit.Broadcast("weight")
	over(values, n, func(i int, at operand.Mem) {
		part, sum := YMM(), operand.Mem{Base: out, Disp: bytes * lanes * i}
		VMOVUPD(at, part)
		VSUBPD(mean, part, part)
		VMULPD(inverse, part, part)
		VMULPD(weight, part, part)
		VADDPD(sum, part, part)
		VMOVUPD(part, sum)
	}, out)
	VZEROUPPER()
	RET()
}

func addNear() {
	TEXT("addNearAVX2", NOSPLIT, "func(out, values *float64, n int, at, scale, weight float64)")
	Pragma("noescape")
	Doc("addNearAVX2 adds weight / (1 + |value - at|·scale) to each of n numbers, a positive multiple of 16, every step rounded.")
	out, values, n := Load(Param("out"), GP64()), Load(Param("values"), GP64()), Load(Param("n"), GP64())
	at, scale, weight := emit.Broadcast("at"), emit.Broadcast("scale"), emit.Broadcast("weight")
	one, signs := YMM(), YMM()
	VBROADCASTSD(ConstData("one", operand.U64(math.Float64bits(1))), one)
	VPCMPEQQ(signs, signs, signs)
	VPSLLQ(operand.Imm(63), signs, signs)
	over(values, n, func(i int, from operand.Mem) {
		distance, part, sum := YMM(), YMM(), operand.Mem{Base: out, Disp: bytes * lanes * i}
		VMOVUPD(from, distance)
		VSUBPD(at, distance, distance)
		VANDNPD(distance, signs, distance)
		VMULPD(scale, distance, distance)
		VADDPD(one, distance, distance)
		VDIVPD(distance, weight, part)
		VADDPD(sum, part, part)
		VMOVUPD(part, sum)
	}, out)
	VZEROUPPER()
	RET()
}
