package minilm

import (
	"math"

	"resonance/internal/embedding/minilm/weights"
)

// portable returns kernels in plain Go, for any processor.
func portable() kernels {
	return kernels{
		name: "portable", rows: 8, cols: strip,
		multiply:   portableMultiply,
		dequantise: portableDequantise,
		softmax:    portableSoftmax,
		gelu:       portableGELU,
		addNorm:    portableAddNorm,
	}
}

// portableMultiply computes four columns side by side, so that an addition need not wait for the one
// before it.
func portableMultiply(dst, x matrix, w panel, bias []float32) {
	for i := range x.rows {
		in, out := x.row(i), dst.row(i)
		for j := 0; j < strip; j += 4 {
			a, b, c, d := bias[j], bias[j+1], bias[j+2], bias[j+3]
			column := w.data[j:]
			for k, v := range in {
				row := column[k*w.stride:][:4:4]
				a += v * row[0]
				b += v * row[1]
				c += v * row[2]
				d += v * row[3]
			}
			out[j], out[j+1], out[j+2], out[j+3] = a, b, c, d
		}
	}
}

func portableDequantise(dst panel, w codes) {
	for k := range w.inputs {
		scales := w.scales[k/weights.Group*strip:][:strip]
		in, out := w.codes[k*strip:][:strip], dst.data[k*strip:][:strip]
		for j, scale := range scales {
			out[j] = scale * float32(in[j])
		}
	}
}

func portableSoftmax(scores []float32, scale float32) {
	largest := scores[0]
	for _, s := range scores {
		largest = max(largest, s)
	}
	var sum float32
	for i, s := range scores {
		scores[i] = exp((s - largest) * scale)
		sum += scores[i]
	}
	inverse := 1 / sum
	for i := range scores {
		scores[i] *= inverse
	}
}

// portableGELU replaces x by x·Φ(x) = max(x, 0) - |x|/2 · (1 - erf(|x|/√2)).
//
// For z ≥ 0, erf(z) = 1 - (a₁t + … + a₅t⁵)·e^(-z²) with t = 1/(1 + pz), within 1.5e-7:
// Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26.
func portableGELU(x []float32) {
	const (
		p  = 0.3275911
		a1 = 0.254829592
		a2 = -0.284496736
		a3 = 1.421413741
		a4 = -1.453152027
		a5 = 1.061405429
	)
	for i, v := range x {
		size := abs(v)
		t := 1 / (1 + p*size*(1/math.Sqrt2))
		tail := ((((a5*t+a4)*t+a3)*t+a2)*t + a1) * t * exp(-v*v/2) // 1 - erf
		x[i] = max(v, 0) - size/2*tail
	}
}

// epsilon keeps the layer norm of a constant row finite.
const epsilon = 1e-12

func portableAddNorm(x, y []float32, n weights.Norm) {
	add(x, y)
	var sum, squares float64
	for _, v := range x {
		sum += float64(v)
	}
	mean := sum / float64(len(x))
	for _, v := range x {
		d := float64(v) - mean
		squares += d * d
	}
	m, inverse := float32(mean), float32(1/math.Sqrt(squares/float64(len(x))+epsilon))
	scale, shift := n.Scale[:len(x)], n.Shift[:len(x)]
	for i, v := range x {
		x[i] = (v-m)*inverse*scale[i] + shift[i]
	}
}

func exp(x float32) float32 { return float32(math.Exp(float64(x))) }

func abs(x float32) float32 { return math.Float32frombits(math.Float32bits(x) &^ (1 << 31)) }
