package minilm

import (
	"context"
	"math"
	"runtime"

	"resonance/internal/embedding/minilm/weights"
)

const (
	hidden       = weights.Hidden
	intermediate = weights.Intermediate
	headWidth    = hidden / weights.Heads

	// tile is how many tokens pass through a matrix at once: enough to use a block of weights
	// well, few enough that other goroutines get the processor after a millisecond or two.
	tile = 32

	scoreScale = 0.17677669529663687 // 1/√headWidth
)

// scratch holds the intermediate results of one text; it is reused for the next.
type scratch struct {
	x       matrix // tokens × hidden: the running state
	qkv     matrix // tokens × 3·hidden
	valuesT matrix // hidden × tokens
	context matrix // tokens × hidden: what each token gathered from the others
	scores  matrix // tile × tokens
	wide    matrix // tile × intermediate
	narrow  matrix // tile × hidden
	tails   matrix // 1 × intermediate
}

// fit lays the scratch out for a text of n tokens. What it held is lost.
func (s *scratch) fit(n int) {
	s.x.resize(n, hidden)
	s.qkv.resize(n, 3*hidden)
	s.valuesT.resize(hidden, n)
	s.context.resize(n, hidden)
	s.scores.resize(tile, n)
	s.wide.resize(tile, intermediate)
	s.narrow.resize(tile, hidden)
	s.tails.resize(1, intermediate)
}

// forward computes the unit vector of the text whose token ids are given into dst. It looks at
// ctx before each layer and yields the processor between tiles.
func (n *network) forward(ctx context.Context, k kernels, s *scratch, ids []int32, dst []float32) error {
	s.fit(len(ids))
	n.embed(s, ids)
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
func (n *network) embed(s *scratch, ids []int32) {
	for i, id := range ids {
		row := s.x.row(i)
		n.words.Row(row, int(id))
		add(row, n.positions.row(i))
		layerNorm(row, n.norm)
	}
}

// attend lets every token gather from all tokens, weighted by how well its query meets their
// keys, in 12 heads side by side.
func (l *layer) attend(k kernels, s *scratch) {
	for rows := range tiles(s.x.rows) {
		l.qkv.apply(k, rows.of(s.qkv), rows.of(s.x))
	}
	query, key, value := s.qkv.colsFrom(0, hidden), s.qkv.colsFrom(hidden, 2*hidden), s.qkv.colsFrom(2*hidden, 3*hidden)
	transpose(s.valuesT, value)
	for from := 0; from < hidden; from += headWidth {
		to := from + headWidth
		for rows := range tiles(s.x.rows) {
			scores := s.scores.rowsFrom(0, rows.to-rows.from)
			k.matmul(scores, rows.of(query).colsFrom(from, to), key.colsFrom(from, to))
			for i := range scores.rows {
				scale(scores.row(i), scoreScale)
				softmax(k, scores.row(i))
			}
			k.matmul(rows.of(s.context).colsFrom(from, to), scores, s.valuesT.rowsFrom(from, to))
		}
	}
	for rows := range tiles(s.x.rows) {
		out := s.narrow.rowsFrom(0, rows.to-rows.from)
		l.attention.apply(k, out, rows.of(s.context))
		addNormed(rows.of(s.x), out, l.attentionNorm)
	}
}

// feed passes every token alone through the wide middle of the layer.
func (l *layer) feed(k kernels, s *scratch) {
	for rows := range tiles(s.x.rows) {
		x := rows.of(s.x)
		wide, out := s.wide.rowsFrom(0, x.rows), s.narrow.rowsFrom(0, x.rows)
		l.up.apply(k, wide, x)
		for i := range wide.rows {
			gelu(k, wide.row(i), s.tails.row(0))
		}
		l.down.apply(k, out, wide)
		addNormed(x, out, l.norm)
	}
}

// addNormed adds y to x and norms the rows.
func addNormed(x, y matrix, n weights.Norm) {
	for i := range x.rows {
		add(x.row(i), y.row(i))
		layerNorm(x.row(i), n)
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

func transpose(dst, x matrix) {
	for i := range x.rows {
		for j, v := range x.row(i) {
			dst.data[j*dst.stride+i] = v
		}
	}
}

// span is the rows from..to of a matrix.
type span struct{ from, to int }

func (s span) of(m matrix) matrix { return m.rowsFrom(s.from, s.to) }

// tiles yields spans of at most tile rows that cover n, and the processor after each.
func tiles(n int) func(yield func(span) bool) {
	return func(yield func(span) bool) {
		for from := 0; from < n; from += tile {
			if !yield(span{from, min(from+tile, n)}) {
				return
			}
			runtime.Gosched()
		}
	}
}
