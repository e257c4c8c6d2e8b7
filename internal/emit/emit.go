// Package emit is what the programs that write assembly with avo have in common.
package emit

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Parameter returns where the parameter of a name is, which has to be one of the function's.
func Parameter(name string) operand.Mem {
	p, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return p.Addr
}

// Broadcast emits that all four places of a vector hold the parameter, a float64, and returns the vector.
func Broadcast(name string) reg.VecVirtual {
	all := YMM()
	VBROADCASTSD(Parameter(name), all)
	return all
}

// Zeros emits vectors of zeros.
func Zeros(n int) []reg.VecVirtual {
	all := make([]reg.VecVirtual, n)
	for i := range all {
		all[i] = YMM()
		VXORPD(all[i], all[i], all[i])
	}
	return all
}

// Total emits that the four float64 of a vector are added up, (a + b) + (c + d), in its first place.
func Total(sum reg.VecVirtual) {
	upper := XMM()
	VHADDPD(sum, sum, sum)
	VEXTRACTF128(operand.Imm(1), sum, upper)
	VADDSD(upper, sum.AsX(), sum.AsX())
}
