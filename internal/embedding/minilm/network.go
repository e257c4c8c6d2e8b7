package minilm

import (
	"resonance/internal/embedding/minilm/weights"
)

// network holds the weights as the forward pass reads them. Matrices stay 8-bit codes: a quarter of
// the memory, and of the traffic that a short text waits for. It is immutable.
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

// linear maps a row x to x·w + bias.
type linear struct {
	weight codes
	bias   []float32
}

// strip is how many columns of a matrix lie side by side in memory.
const strip = 16

// codes are a matrix of inputs × outputs weights in 8 bits, each times its scale. They lie by strip
// of 16 outputs, in it by input, and there by output; scales likewise, for groups of 64 inputs.
type codes struct {
	codes           []int8
	scales          []float32
	inputs, outputs int
}

// from are the outputs from..to, multiples of 16.
func (c codes) from(from, to int) codes {
	groups := c.inputs / weights.Group
	c.codes, c.scales = c.codes[from*c.inputs:to*c.inputs], c.scales[from*groups:to*groups]
	c.outputs = to - from
	return c
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
			qkv:           newLinear(l.QKV),
			attention:     newLinear(l.Attention),
			attentionNorm: l.AttentionNorm,
			up:            newLinear(l.Up),
			down:          newLinear(l.Down),
			norm:          l.Norm,
		})
	}
	return n
}

func newLinear(l weights.Linear) linear {
	c, scales := l.Weight.Strips(strip)
	return linear{
		weight: codes{codes: c, scales: scales, inputs: l.Weight.Cols, outputs: l.Weight.Rows},
		bias:   l.Bias,
	}
}

// apply sets dst to x·w + bias. Workers share the columns.
func (l linear) apply(k kernels, w *worker, dst, x matrix) {
	w.share(l.weight.outputs/k.cols, func(part int, s *scratch) {
		from, to := part*k.cols, (part+1)*k.cols
		l.columns(k, s, from, dst.colsFrom(from, to), x)
	})
}

// columns is apply for the columns from..from+k.cols, which are dst.
func (l linear) columns(k kernels, s *scratch, from int, dst, x matrix) {
	w, bias := l.weight.from(from, from+k.cols), l.bias[from:from+k.cols]
	direct := x.rows <= k.direct
	numbers := panel{data: s.room(k), stride: strip, gap: strip * w.inputs}
	if !direct {
		k.dequantise(numbers, w)
	}
	for rows := range blocks(x.rows, k.rows) {
		if direct {
			k.multiplyCodes(rows.of(dst), rows.of(x), w, bias)
		} else {
			k.multiply(rows.of(dst), rows.of(x), numbers, bias)
		}
		s.worked((rows.to - rows.from) * w.inputs * w.outputs)
	}
}

// add adds y to x, entry by entry.
func add(x, y []float32) {
	y = y[:len(x)]
	for i := range x {
		x[i] += y[i]
	}
}
