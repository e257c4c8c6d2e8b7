package minilm

import (
	"context"
	"math"
	"runtime"
	"slices"

	"resonance/internal/embedding/minilm/weights"
)

const (
	hidden       = weights.Hidden
	intermediate = weights.Intermediate
	headWidth    = hidden / weights.Heads

	scoreScale = 0.17677669529663687 // 1/√headWidth
)

// scratch holds the intermediate results of one text; it is reused for the next.
type scratch struct {
	x       matrix    // tokens × hidden: the running state
	qkv     matrix    // tokens × 3·hidden
	keys    matrix    // headWidth × columns: one head's keys, transposed
	mask    []float32 // columns: added to scores, 0 for a token, -∞ behind the last
	scores  matrix    // block × columns
	context matrix    // tokens × hidden: what each token gathered from the others
	wide    matrix    // tokens × intermediate
	narrow  matrix    // tokens × hidden
	panel   []float32 // some columns of weights, dequantised

	work int // multiply-adds since the processor was last offered to others
}

// fit lays the scratch out for a text of n tokens, to be used with k. What it held is lost.
func (s *scratch) fit(k kernels, n int) {
	columns := (n + k.cols - 1) / k.cols * k.cols
	s.x.resize(n, hidden)
	s.qkv.resize(n, 3*hidden)
	s.keys.resize(headWidth, columns)
	clear(s.keys.data)
	s.mask = slices.Grow(s.mask[:0], columns)[:columns]
	for i := range s.mask {
		if s.mask[i] = 0; i >= n {
			s.mask[i] = float32(math.Inf(-1))
		}
	}
	s.scores.resize(k.rows, columns)
	s.context.resize(n, hidden)
	s.wide.resize(n, intermediate)
	s.narrow.resize(n, hidden)
	if s.panel == nil {
		s.panel = make([]float32, k.cols*intermediate)
	}
}

// mostWork is how many multiply-adds may pass before others get a turn: about a tenth of a
// millisecond with AVX2, one or two milliseconds in plain Go. A single call of a kernel does less
// than a quarter of it.
const mostWork = 4 << 20

// worked counts n multiply-adds, and yields the processor when it is time.
func (s *scratch) worked(n int) {
	if s.work += n; s.work >= mostWork {
		s.work = 0
		runtime.Gosched()
	}
}

// forward computes the unit vector of the text whose token ids are given into dst. It looks at
// ctx before each layer.
func (n *network) forward(ctx context.Context, k kernels, s *scratch, ids []int32, dst []float32) error {
	s.fit(k, len(ids))
	n.embed(k, s, ids)
	for i := range n.layers {
		if err := ctx.Err(); err != nil {
			return err
		}
		n.layers[i].attend(k, s)
		n.layers[i].feed(k, s)
	}
	pool(s.x, dst)
	return nil
}

// embed sets each token's state to its word embedding plus that of its position, normed.
func (n *network) embed(k kernels, s *scratch, ids []int32) {
	for i, id := range ids {
		row := s.x.row(i)
		n.words.Row(row, int(id))
		k.addNorm(row, n.positions.row(i), n.norm)
	}
}

// attend lets every token gather from all tokens, weighted by how well its query meets their
// keys, in 12 heads side by side.
func (l *layer) attend(k kernels, s *scratch) {
	l.qkv.apply(k, s, s.qkv, s.x)
	query, key, value := s.qkv.colsFrom(0, hidden), s.qkv.colsFrom(hidden, 2*hidden), s.qkv.colsFrom(2*hidden, 3*hidden)
	for from := 0; from < hidden; from += headWidth {
		to := from + headWidth
		transpose(s.keys, key.colsFrom(from, to))
		for rows := range blocks(s.x.rows, k.rows) {
			s.gather(k, rows.of(s.context).colsFrom(from, to), rows.of(query).colsFrom(from, to), value.colsFrom(from, to))
		}
	}
	l.attention.apply(k, s, s.narrow, s.context)
	addNorm(k, s.x, s.narrow, l.attentionNorm)
}

// gather sets dst, some tokens' part for one head, to the mean of values weighted by how well their
// queries meet s.keys.
func (s *scratch) gather(k kernels, dst, query, value matrix) {
	scores := s.scores.rowsFrom(0, query.rows)
	for from := 0; from < scores.cols; from += k.cols {
		k.multiply(scores.colsFrom(from, from+k.cols), query, panelOf(s.keys.colsFrom(from, from+k.cols)), s.mask[from:])
	}
	for i := range scores.rows {
		k.softmax(scores.row(i), scoreScale)
	}
	shares := scores.colsFrom(0, value.rows)
	for from := 0; from < headWidth; from += k.cols {
		k.multiply(dst.colsFrom(from, from+k.cols), shares, panelOf(value.colsFrom(from, from+k.cols)), noBias[:])
	}
	s.worked(2 * headWidth * query.rows * scores.cols)
}

var noBias [headWidth]float32

// feed passes every token alone through the wide middle of the layer.
func (l *layer) feed(k kernels, s *scratch) {
	l.up.apply(k, s, s.wide, s.x)
	for i := range s.wide.rows {
		k.gelu(s.wide.row(i))
	}
	l.down.apply(k, s, s.narrow, s.wide)
	addNorm(k, s.x, s.narrow, l.norm)
}

// addNorm adds y to x and norms the rows.
func addNorm(k kernels, x, y matrix, n weights.Norm) {
	for i := range x.rows {
		k.addNorm(x.row(i), y.row(i), n)
	}
}

// pool sets dst to the mean of the rows, scaled to length 1.
func pool(x matrix, dst []float32) {
	clear(dst)
	for i := range x.rows {
		add(dst, x.row(i))
	}
	var squares float64
	for _, v := range dst {
		squares += float64(v) * float64(v)
	}
	scale(dst, float32(1/math.Sqrt(squares)))
}

func scale(x []float32, by float32) {
	for i := range x {
		x[i] *= by
	}
}

// transpose sets the columns of dst to the rows of x, 16 of them at a time to stay in the cache.
func transpose(dst, x matrix) {
	for from := 0; from < x.rows; from += strip {
		to := min(from+strip, x.rows)
		for j := range x.cols {
			for i, out := from, dst.row(j); i < to; i++ {
				out[i] = x.data[i*x.stride+j]
			}
		}
	}
}

// span is the rows from..to of a matrix.
type span struct{ from, to int }

func (s span) of(m matrix) matrix { return m.rowsFrom(s.from, s.to) }

// blocks yields spans of at most the given number of rows that cover n, of nearly equal size.
func blocks(n, most int) func(yield func(span) bool) {
	return func(yield func(span) bool) {
		count := (n + most - 1) / most
		for i := range count {
			if !yield(span{i * n / count, (i + 1) * n / count}) {
				return
			}
		}
	}
}
