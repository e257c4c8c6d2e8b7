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

// text holds the intermediate results of a text in the making; its memory is reused for the next.
type text struct {
	x       matrix    // tokens × hidden: the running state
	qkv     matrix    // tokens × 3·hidden
	mask    []float32 // columns: added to scores, 0 for a token, -∞ behind the last
	context matrix    // tokens × hidden: what each token gathered from the others
	wide    matrix    // tokens × intermediate
	narrow  matrix    // tokens × hidden
}

// fit lays t out for n tokens, to be used with k. What it held is lost.
func (t *text) fit(k kernels, n int) {
	columns := k.columns(n)
	t.x.resize(n, hidden)
	t.qkv.resize(n, 3*hidden)
	t.mask = slices.Grow(t.mask[:0], columns)[:columns]
	for i := range t.mask {
		if t.mask[i] = 0; i >= n {
			t.mask[i] = float32(math.Inf(-1))
		}
	}
	t.context.resize(n, hidden)
	t.wide.resize(n, intermediate)
	t.narrow.resize(n, hidden)
}

// scratch holds what a worker needs for itself, whichever text it works on.
type scratch struct {
	keys   matrix    // headWidth × columns: one head's keys, transposed
	scores matrix    // block × columns
	panel  []float32 // some columns of weights, dequantised

	work int // multiply-adds since the processor was last offered to others
}

// room is memory for k.cols columns of weights.
func (s *scratch) room(k kernels) []float32 {
	if s.panel == nil {
		s.panel = make([]float32, k.cols*intermediate)
	}
	return s.panel
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
func (n *network) forward(ctx context.Context, k kernels, w *worker, ids []int32, dst []float32) error {
	t := &w.text
	t.fit(k, len(ids))
	n.embed(k, t, ids)
	for i := range n.layers {
		if err := ctx.Err(); err != nil {
			return err
		}
		n.layers[i].attend(k, w, t)
		n.layers[i].feed(k, w, t)
	}
	pool(t.x, dst)
	return nil
}

// embed sets each token's state to its word embedding plus that of its position, normed.
func (n *network) embed(k kernels, t *text, ids []int32) {
	for i, id := range ids {
		row := t.x.row(i)
		n.words.Row(row, int(id))
		k.addNorm(row, n.positions.row(i), n.norm)
	}
}

// attend lets every token gather from all tokens, weighted by how well its query meets their
// keys, in 12 heads side by side.
func (l *layer) attend(k kernels, w *worker, t *text) {
	l.qkv.apply(k, w, t.qkv, t.x)
	query, key, value := t.qkv.colsFrom(0, hidden), t.qkv.colsFrom(hidden, 2*hidden), t.qkv.colsFrom(2*hidden, 3*hidden)
	w.share(weights.Heads, func(head int, s *scratch) {
		from, to := head*headWidth, (head+1)*headWidth
		s.setKeys(k, key.colsFrom(from, to))
		for rows := range blocks(t.x.rows, k.rows) {
			s.gather(k, rows.of(t.context).colsFrom(from, to), rows.of(query).colsFrom(from, to), value.colsFrom(from, to), t.mask)
		}
	})
	l.attention.apply(k, w, t.narrow, t.context)
	addNorm(k, w, t.x, t.narrow, l.attentionNorm)
}

// setKeys sets s.keys to a head's keys, which are rows of x, with zeros behind them.
func (s *scratch) setKeys(k kernels, x matrix) {
	s.keys.resize(headWidth, k.columns(x.rows))
	clear(s.keys.data)
	transpose(s.keys, x)
}

// gather sets dst, some tokens' part for one head, to the mean of values weighted by how well their
// queries meet s.keys.
func (s *scratch) gather(k kernels, dst, query, value matrix, mask []float32) {
	s.scores.resize(query.rows, s.keys.cols)
	for from := 0; from < s.scores.cols; from += k.cols {
		k.multiply(s.scores.colsFrom(from, from+k.cols), query, panelOf(s.keys.colsFrom(from, from+k.cols)), mask[from:])
	}
	for i := range s.scores.rows {
		k.softmax(s.scores.row(i), scoreScale)
	}
	shares := s.scores.colsFrom(0, value.rows)
	for from := 0; from < headWidth; from += k.cols {
		k.multiply(dst.colsFrom(from, from+k.cols), shares, panelOf(value.colsFrom(from, from+k.cols)), noBias[:])
	}
	s.worked(2 * headWidth * query.rows * s.scores.cols)
}

var noBias [headWidth]float32

// feed passes every token alone through the wide middle of the layer.
func (l *layer) feed(k kernels, w *worker, t *text) {
	l.up.apply(k, w, t.wide, t.x)
	w.shareRows(t.wide.rows, func(i int) { k.gelu(t.wide.row(i)) })
	l.down.apply(k, w, t.narrow, t.wide)
	addNorm(k, w, t.x, t.narrow, l.norm)
}

// addNorm adds y to x and norms the rows.
func addNorm(k kernels, w *worker, x, y matrix, n weights.Norm) {
	w.shareRows(x.rows, func(i int) { k.addNorm(x.row(i), y.row(i), n) })
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
