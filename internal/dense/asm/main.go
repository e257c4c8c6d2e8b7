// Command asm writes the assembly of package dense, for processors with AVX2. It multiplies and adds in two steps, each
// rounded, as portable code does.
//
//	go generate ./internal/dense
package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"resonance/internal/emit"
)

const (
	lanes     = 4 // numbers in a vector
	bytes     = 8 // of a number
	panel     = 64
	tileRows  = 4
	tileWidth = 2 * lanes
)

func main() {
	ConstraintExpr("amd64")
	addTile()
	mul()
	addAlong()
	addScaled()
	Generate()
}

// addProduct emits sum += x y.
func addProduct(x, y operand.Op, sum reg.VecVirtual) {
	product := YMM()
	VMULPD(x, y, product)
	VADDPD(product, sum, sum)
}

func addTile() {
	TEXT("addTileAVX2", NOSPLIT, "func(tile *float64, stride int, x, y *float64)")
	Pragma("noescape")
	Doc("addTileAVX2 adds the product of x, 4 x 64, and y, 64 x 8, to a tile whose rows begin stride numbers apart.")
	tile, stride, x, y := Load(Param("tile"), GP64()), Load(Param("stride"), GP64()), Load(Param("x"), GP64()), Load(Param("y"), GP64())
	sums, n := emit.Zeros(tileRows*2), GP64()
	MOVQ(operand.U32(panel), n)
	Label("column")
	left, right := YMM(), YMM()
	VMOVUPD(operand.Mem{Base: y}, left)
	VMOVUPD(operand.Mem{Base: y, Disp: bytes * lanes}, right)
	for r := range tileRows {
		factor := YMM()
		VBROADCASTSD(operand.Mem{Base: x, Disp: bytes * panel * r}, factor)
		addProduct(left, factor, sums[2*r])
		addProduct(right, factor, sums[2*r+1])
	}
	ADDQ(operand.Imm(bytes), x)
	ADDQ(operand.Imm(bytes*tileWidth), y)
	DECQ(n)
	JNZ(operand.LabelRef("column"))
	SHLQ(operand.Imm(3), stride)
	for r := range tileRows {
		for half := range 2 {
			at := operand.Mem{Base: tile, Disp: bytes * lanes * half}
			VADDPD(at, sums[2*r+half], sums[2*r+half])
			VMOVUPD(sums[2*r+half], at)
		}
		ADDQ(stride, tile)
	}
	VZEROUPPER()
	RET()
}

func mul() {
	TEXT("mulAVX2", NOSPLIT, "func(out, a, v *float64, n int)")
	Pragma("noescape")
	Doc("mulAVX2 sets out to the product of a, symmetric and n x n, and v; n is a positive multiple of 8.")
	out, a, v, n := Load(Param("out"), GP64()), Load(Param("a"), GP64()), Load(Param("v"), GP64()), Load(Param("n"), GP64())
	columns, stride := GP64(), GP64()
	MOVQ(n, columns)
	MOVQ(n, stride)
	SHLQ(operand.Imm(3), stride)
	Label("strip")
	sums, rows, row, factors := emit.Zeros(2), GP64(), GP64(), GP64()
	MOVQ(n, rows)
	MOVQ(a, row)
	MOVQ(v, factors)
	Label("row")
	factor := YMM()
	VBROADCASTSD(operand.Mem{Base: factors}, factor)
	addProduct(operand.Mem{Base: row}, factor, sums[0])
	addProduct(operand.Mem{Base: row, Disp: bytes * lanes}, factor, sums[1])
	ADDQ(stride, row)
	ADDQ(operand.Imm(bytes), factors)
	DECQ(rows)
	JNZ(operand.LabelRef("row"))
	VMOVUPD(sums[0], operand.Mem{Base: out})
	VMOVUPD(sums[1], operand.Mem{Base: out, Disp: bytes * lanes})
	ADDQ(operand.Imm(bytes*tileWidth), out)
	ADDQ(operand.Imm(bytes*tileWidth), a)
	SUBQ(operand.Imm(tileWidth), columns)
	JNZ(operand.LabelRef("strip"))
	VZEROUPPER()
	RET()
}

func addAlong() {
	TEXT("addAlongAVX2", NOSPLIT, "func(out, rows *float64, places *int32, n int, v *float64, width int, scale, offset float64)")
	Pragma("noescape")
	Doc("addAlongAVX2 adds row·(offset + scale·(row·v)) to out, for the rows at n places, at least one. Rows, v and out have width",
		"numbers, a positive multiple of 4.")
	out, rows, places, n := Load(Param("out"), GP64()), Load(Param("rows"), GP64()), Load(Param("places"), GP64()), Load(Param("n"), GP64())
	v, width := Load(Param("v"), GP64()), Load(Param("width"), GP64())
	scale, offset := emit.Broadcast("scale"), emit.Broadcast("offset")
	SHLQ(operand.Imm(3), width)
	Label("row")
	sum, row, at := emit.Zeros(1)[0], GP64(), GP64()
	MOVLQSX(operand.Mem{Base: places}, row)
	IMULQ(width, row)
	ADDQ(rows, row)
	XORQ(at, at)
	Label("dot")
	values := YMM()
	VMOVUPD(operand.Mem{Base: row, Index: at, Scale: 1}, values)
	addProduct(operand.Mem{Base: v, Index: at, Scale: 1}, values, sum)
	ADDQ(operand.Imm(bytes*lanes), at)
	CMPQ(at, width)
	JNE(operand.LabelRef("dot"))
	factor := YMM()
	emit.Total(sum)
	VBROADCASTSD(sum.AsX(), factor)
	VMULPD(scale, factor, factor)
	VADDPD(offset, factor, factor)
	XORQ(at, at)
	Label("add")
	part := YMM()
	VMULPD(operand.Mem{Base: row, Index: at, Scale: 1}, factor, part)
	VADDPD(operand.Mem{Base: out, Index: at, Scale: 1}, part, part)
	VMOVUPD(part, operand.Mem{Base: out, Index: at, Scale: 1})
	ADDQ(operand.Imm(bytes*lanes), at)
	CMPQ(at, width)
	JNE(operand.LabelRef("add"))
	ADDQ(operand.Imm(4), places)
	DECQ(n)
	JNZ(operand.LabelRef("row"))
	VZEROUPPER()
	RET()
}

func addScaled() {
	TEXT("addScaledAVX2", NOSPLIT, "func(x *float64, w float64, y *float64, n int)")
	Pragma("noescape")
	Doc("addScaledAVX2 adds w times y to x, n numbers each, a positive multiple of 8.")
	x, y, n, factor := Load(Param("x"), GP64()), Load(Param("y"), GP64()), Load(Param("n"), GP64()), emit.Broadcast("w")
	Label("block")
	for half := range 2 {
		part, at := YMM(), operand.Mem{Base: x, Disp: bytes * lanes * half}
		VMULPD(operand.Mem{Base: y, Disp: bytes * lanes * half}, factor, part)
		VADDPD(at, part, part)
		VMOVUPD(part, at)
	}
	ADDQ(operand.Imm(bytes*tileWidth), x)
	ADDQ(operand.Imm(bytes*tileWidth), y)
	SUBQ(operand.Imm(tileWidth), n)
	JNZ(operand.LabelRef("block"))
	VZEROUPPER()
	RET()
}
