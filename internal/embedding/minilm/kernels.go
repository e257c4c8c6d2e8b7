package minilm

import "resonance/internal/embedding/minilm/weights"

// kernels are the loops in which nearly all time goes, for one kind of processor. Everything else
// of the forward pass is shared. An implementation for another processor is one more function that
// returns them, and a case in available.
//
// Every number of a product is its bias, plus one multiply-add for each column of x in their order;
// so it has the same bits in whichever block it is computed.
type kernels struct {
	name   string
	rows   int // of the largest block to multiply at once
	cols   int // of every block: 16 or 32
	direct int // up to so many rows of x, multiplyCodes is quicker than dequantise and multiply

	// multiply sets dst, a block of cols columns, to x·w + bias. dst overlaps neither x nor w.
	multiply func(dst, x matrix, w panel, bias []float32)
	// multiplyCodes is multiply with weights as they are stored. It may be nil where direct is 0.
	multiplyCodes func(dst, x matrix, w codes, bias []float32)
	// dequantise sets dst to the weights as multiply reads them.
	dequantise func(dst panel, w codes)
	// softmax replaces scores by e^(scale·score) over their sum. There is a multiple of 16 of them.
	softmax func(scores []float32, scale float32)
	// gelu replaces x by x·Φ(x), by the formula above portableGELU. x has a multiple of 16 numbers.
	gelu func(x []float32)
	// addNorm adds y to x and norms the sum. Both have a multiple of 16 numbers.
	addNorm func(x, y []float32, n weights.Norm)
}

// columns returns how many columns the scores over n tokens fill: whole blocks.
func (k kernels) columns(n int) int { return (n + k.cols - 1) / k.cols * k.cols }

// panel is the right side of a product: 16 or 32 columns. Row k begins at k·stride; its 17th number
// lies gap behind its first.
type panel struct {
	data        []float32
	stride, gap int
}

// panelOf is the panel that begins at the first column of m.
func panelOf(m matrix) panel { return panel{data: m.data, stride: m.stride, gap: strip} }

// fastest returns the kernels to use on this processor.
func fastest() kernels { return available()[0] }
