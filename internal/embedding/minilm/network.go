package minilm

import (
	"math"

	"resonance/internal/embedding/minilm/weights"
)

// network holds the weights as the forward pass reads them: fp32, but for the word
// embeddings, of which a text needs few rows. It is immutable.
type network struct {
	words     weights.Quantised
	positions matrix // MaxTokens × Hidden
	norm      weights.Norm
	layers    []layer
}

type layer struct {
	qkv, attention, up, down linear
	attentionNorm, norm      weights.Norm
}

// linear maps a row x to x·weightᵀ + bias.
type linear struct {
	weight matrix
	bias   []float32
}

func newNetwork(m *weights.Model) *network {
	n := &network{
		words:     m.Words,
		positions: matrixOf(m.Positions, weights.MaxTokens, weights.Hidden),
		norm:      m.Norm,
	}
	for i := range m.Layers {
		l := &m.Layers[i]
		n.layers = append(n.layers, layer{
			qkv:           dequantise(l.QKV),
			attention:     dequantise(l.Attention),
			attentionNorm: l.AttentionNorm,
			up:            dequantise(l.Up),
			down:          dequantise(l.Down),
			norm:          l.Norm,
		})
	}
	return n
}

func dequantise(l weights.Linear) linear {
	return linear{weight: matrixOf(l.Weight.Values(), l.Weight.Rows, l.Weight.Cols), bias: l.Bias}
}

// apply sets dst to x·weightᵀ + bias.
func (l linear) apply(k kernels, dst, x matrix) {
	k.matmul(dst, x, l.weight)
	for i := range dst.rows {
		add(dst.row(i), l.bias)
	}
}

// add adds y to x, entry by entry.
func add(x, y []float32) {
	y = y[:len(x)]
	for i := range x {
		x[i] += y[i]
	}
}

// epsilon keeps the layer norm of a constant row finite.
const epsilon = 1e-12

// layerNorm gives x mean 0 and variance 1, then scales and shifts it.
func layerNorm(x []float32, n weights.Norm) {
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

// softmax replaces scores by e^score over their sum.
func softmax(k kernels, scores []float32) {
	largest := scores[0]
	for _, s := range scores {
		largest = max(largest, s)
	}
	for i := range scores {
		scores[i] -= largest
	}
	k.exp(scores)
	var sum float32
	for _, s := range scores {
		sum += s
	}
	inverse := 1 / sum
	for i := range scores {
		scores[i] *= inverse
	}
}

// gelu replaces x by x·Φ(x) = x/2 · (1 + erf(x/√2)). buffer has the length of x.
//
// For z ≥ 0, erf(z) = 1 - (a₁t + … + a₅t⁵)·e^(-z²) with t = 1/(1 + pz), within 1.5e-7:
// Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26. erf is odd.
func gelu(k kernels, x, buffer []float32) {
	const (
		p  = 0.3275911
		a1 = 0.254829592
		a2 = -0.284496736
		a3 = 1.421413741
		a4 = -1.453152027
		a5 = 1.061405429
	)
	tails := buffer[:len(x)]
	for i, v := range x {
		tails[i] = -v * v / 2
	}
	k.exp(tails)
	for i, v := range x {
		z := abs(v) * (1 / math.Sqrt2)
		t := 1 / (1 + p*z)
		tail := ((((a5*t+a4)*t+a3)*t+a2)*t + a1) * t * tails[i] // 1 - erf(z)
		if v >= 0 {
			x[i] = v * (1 - tail/2)
		} else {
			x[i] = v * (tail / 2)
		}
	}
}

func abs(x float32) float32 { return math.Float32frombits(math.Float32bits(x) &^ (1 << 31)) }
