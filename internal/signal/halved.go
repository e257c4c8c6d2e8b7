package signal

import "math"

// halvings is how finely halved knows the first half-life.
const halvings = 256

// steps are .5^(i / halvings).
var steps = func() (s [halvings]float64) {
	for i := range s {
		s[i] = math.Exp2(-float64(i) / halvings)
	}
	return s
}()

// halved returns .5^x for x at least 0, to within 3e-12 of it: what is asked of every post of every
// request has to be quick. Between its steps it follows the Taylor series of the exponential.
func halved(x float64) float64 {
	if !(x < 1022) {
		return 0
	}
	step := int(x * halvings)
	rest := (float64(step)/halvings - x) * math.Ln2 // -.0027 < rest <= 0
	power := 1 + float64(rest*(1+float64(rest*(.5+float64(rest*(1./6))))))
	whole := math.Float64frombits(uint64(1023-step/halvings) << 52) // .5^whole halvings
	return steps[step%halvings] * power * whole
}
