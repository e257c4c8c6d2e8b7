// Command asm writes the assembly of package minilm: the same six kernels for processors with AVX2
// and FMA, and for those with AVX-512. Both compute every number by the same operations in the same
// order, so they agree bit for bit.
//
//	go generate ./internal/embedding/minilm
package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// strip is how many columns of a matrix lie side by side in memory.
const strip = 16

// isa is an instruction set and the shape of what its registers hold.
type isa struct {
	name   string
	lanes  int // float32s in a register
	rows   int // of the largest block of a product that stays in registers, two registers wide
	vector func() reg.VecVirtual
}

var (
	avx2   = isa{name: "AVX2", lanes: 8, rows: 6, vector: YMM}
	avx512 = isa{name: "AVX512", lanes: 16, rows: 12, vector: ZMM}
)

func main() {
	ConstraintExpr("amd64")
	for _, s := range []isa{avx2, avx512} {
		s.multiply()
		s.multiplyCodes()
		s.dequantise()
		s.softmax()
		s.gelu()
		s.addNorm()
	}
	Generate()
}

// text begins a function.
func (s isa) text(name, signature, doc string) {
	TEXT(name+s.name, NOSPLIT, signature)
	Pragma("noescape")
	Doc(name + s.name + " " + doc)
}

// bytes is the size of a register.
func (s isa) bytes() int { return 4 * s.lanes }

// perStrip is how many registers hold a strip.
func (s isa) perStrip() int { return strip / s.lanes }

// load puts an argument into a general register.
func load(name string) reg.Register { return Load(Param(name), GP64()) }

// loadBytes is load for a number of float32s: it gives their size in bytes.
func loadBytes(name string) reg.Register {
	r := load(name)
	SHLQ(operand.Imm(2), r)
	return r
}

func (s isa) vectors(n int) []reg.VecVirtual {
	all := make([]reg.VecVirtual, n)
	for i := range all {
		all[i] = s.vector()
	}
	return all
}

// at is the memory at base + disp.
func at(base reg.Register, disp int) operand.Mem { return operand.Mem{Base: base, Disp: disp} }
