// Command asm writes the assembly of package lambdamart, for processors with AVX2.
//
//	go generate ./internal/lambdamart
package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const (
	cell    = 32        // bytes
	feature = 64 * cell // the same, of all its bins
	slope   = 16
	atOnce  = 8 // features
)

func main() {
	ConstraintExpr("amd64")
	TEXT("addRowsAVX2", NOSPLIT, "func(cells, sum *float64, binned *uint8, features int, slopes *float64, rows *int32, n int)")
	Pragma("noescape")
	Doc("addRowsAVX2 adds n rows, at least one, to sum and to the cells of their bins, which count modulo 64: 64 cells for each of the",
		"features, of which there is one at least.")
	cells, sum, binned := Load(Param("cells"), GP64()), Load(Param("sum"), GP64()), Load(Param("binned"), GP64())
	features, slopes := Load(Param("features"), GP64()), Load(Param("slopes"), GP64())
	rows, n := Load(Param("rows"), GP64()), Load(Param("n"), GP64())
	one, total := XMM(), YMM()
	VMOVSD(ConstData("one", operand.U64(math.Float64bits(1))), one)
	VMOVUPD(operand.Mem{Base: sum}, total)

	Label("row")
	row, at, place, left := GP64(), GP64(), GP64(), GP64()
	added := YMM()
	MOVLQSX(operand.Mem{Base: rows}, row)
	MOVQ(row, place)
	SHLQ(operand.Imm(4), place)
	VMOVUPD(operand.Mem{Base: slopes, Index: place, Scale: 1}, added.AsX())
	VINSERTF128(operand.Imm(1), one, added, added)
	VADDPD(added, total, total)
	IMULQ(features, row)
	ADDQ(binned, row)
	MOVQ(cells, at)
	MOVQ(features, left)
	SUBQ(operand.Imm(atOnce), left)
	JL(operand.LabelRef("rest"))
	Label("several")
	addTo(row, at, added, atOnce)
	SUBQ(operand.Imm(atOnce), left)
	JGE(operand.LabelRef("several"))

	Label("rest")
	ADDQ(operand.Imm(atOnce), left)
	JZ(operand.LabelRef("done"))
	Label("feature")
	addTo(row, at, added, 1)
	DECQ(left)
	JNZ(operand.LabelRef("feature"))

	Label("done")
	ADDQ(operand.Imm(4), rows)
	DECQ(n)
	JNZ(operand.LabelRef("row"))
	VMOVUPD(total, operand.Mem{Base: sum})
	VZEROUPPER()
	RET()
	Generate()
}

// addTo emits the additions to the cells of n features that follow one another, and goes on to those behind them.
func addTo(row, at reg.Register, added reg.VecVirtual, n int) {
	for i := range n {
		bin, counted := GP64(), YMM()
		MOVBLZX(operand.Mem{Base: row, Disp: i}, bin.As32())
		SHLL(operand.Imm(5), bin.As32())
		ANDL(operand.U32(feature-cell), bin.As32()) // modulo 64, so within the feature
		counts := operand.Mem{Base: at, Index: bin, Scale: 1, Disp: i * feature}
		VADDPD(counts, added, counted)
		VMOVUPD(counted, counts)
	}
	ADDQ(operand.Imm(uint64(n)), row)
	ADDQ(operand.U32(uint32(n*feature)), at)
}
