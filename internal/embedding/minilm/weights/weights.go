// Package weights is the file format of the language model: its vocabulary and its tensors,
// the matrices as 8-bit integers.
//
// A file is, little-endian and without gaps:
//
//	magic       8 bytes  "rsnMiniL"
//	version     uint32   1
//	checksum    uint32   CRC-32C of everything behind it
//	vocabulary  uint32 length in bytes, then one word piece a line in the order of their ids
//	tensors     in the order of Model.visit; a vector is its float32s, a matrix its int8 codes
//	            row by row and then its float32 scales, one for every 64 codes
package weights

// The shape of all-MiniLM-L6-v2, a BERT encoder.
const (
	Layers       = 6
	Hidden       = 384  // length of a token's vector, and of a text's
	Heads        = 12   // attention heads, each Hidden/Heads wide
	Intermediate = 1536 // width between the two matrices of a feed-forward step
	Vocabulary   = 30522
	MaxTokens    = 256 // the longest text it was trained to embed, [CLS] and [SEP] included
)

// Model is everything a file holds. Matrices map a row vector x to x·Wᵀ + bias: one row of W
// for each output.
type Model struct {
	Vocab     string    // one piece a line, its line number from 0 being its id
	Words     Quantised // Vocabulary × Hidden
	Positions []float32 // MaxTokens × Hidden; the embedding of segment 0 is added in
	Norm      Norm      // over the sum of the two
	Layers    [Layers]Layer
}

// Layer is one transformer layer.
type Layer struct {
	QKV           Linear // Hidden -> query, key and value, one above the other
	Attention     Linear // Hidden -> Hidden, over the joined heads
	AttentionNorm Norm
	Up            Linear // Hidden -> Intermediate
	Down          Linear // Intermediate -> Hidden
	Norm          Norm
}

// Linear is a matrix and the bias added to its product.
type Linear struct {
	Weight Quantised
	Bias   []float32
}

// Norm is a layer norm: (x - mean)/sd * Scale + Shift.
type Norm struct {
	Scale, Shift []float32
}

// visitor meets every tensor of a model. Reading and writing are both one, so that the order
// and the shapes stand in one place.
type visitor interface {
	matrix(m *Quantised, rows, cols int)
	vector(v *[]float32, n int)
}

func (m *Model) visit(v visitor) {
	v.matrix(&m.Words, Vocabulary, Hidden)
	v.vector(&m.Positions, MaxTokens*Hidden)
	m.Norm.visit(v)
	for i := range m.Layers {
		l := &m.Layers[i]
		l.QKV.visit(v, 3*Hidden, Hidden)
		l.Attention.visit(v, Hidden, Hidden)
		l.AttentionNorm.visit(v)
		l.Up.visit(v, Intermediate, Hidden)
		l.Down.visit(v, Hidden, Intermediate)
		l.Norm.visit(v)
	}
}

func (l *Linear) visit(v visitor, outputs, inputs int) {
	v.matrix(&l.Weight, outputs, inputs)
	v.vector(&l.Bias, outputs)
}

func (n *Norm) visit(v visitor) {
	v.vector(&n.Scale, Hidden)
	v.vector(&n.Shift, Hidden)
}
