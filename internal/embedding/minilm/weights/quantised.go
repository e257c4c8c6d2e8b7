package weights

import "math"

// Group is how many neighbours in a row share a scale. 64 costs half a bit a weight and keeps
// embeddings within cosine .9994 of those of the fp32 weights; see docs/embedding.md.
const Group = 64

// Quantised is a matrix of 8-bit codes: entry (i, j) is code · scale of its group.
type Quantised struct {
	Rows, Cols int    // Cols is a multiple of 64
	codes      string // Rows × Cols int8
	scales     []float32
}

// Quantise returns the nearest codes for a rows × cols matrix given row by row. Each group's
// scale maps its largest magnitude to 127.
func Quantise(values []float32, rows, cols int) Quantised {
	codes := make([]byte, len(values))
	scales := make([]float32, 0, len(values)/Group)
	for start := 0; start < len(values); start += Group {
		var largest float32
		for _, v := range values[start : start+Group] {
			largest = max(largest, v, -v)
		}
		scale := largest / 127
		scales = append(scales, scale)
		if scale == 0 {
			continue
		}
		for i, v := range values[start : start+Group] {
			codes[start+i] = byte(int8(math.RoundToEven(float64(v / scale))))
		}
	}
	return Quantised{Rows: rows, Cols: cols, codes: string(codes), scales: scales}
}

// Row writes row i to dst, which has length q.Cols.
func (q *Quantised) Row(dst []float32, i int) {
	codes := q.codes[i*q.Cols : (i+1)*q.Cols]
	scales := q.scales[i*q.Cols/Group : (i+1)*q.Cols/Group]
	for g, scale := range scales {
		out := dst[g*Group : (g+1)*Group]
		in := codes[g*Group : (g+1)*Group]
		for j := range out {
			out[j] = scale * float32(int8(in[j]))
		}
	}
}

// Strips returns the matrix transposed and in strips of width rows, of which Rows is a multiple: the
// codes ordered by strip, column and row in the strip, the scales by strip, group of columns and row.
func (q *Quantised) Strips(width int) (codes []int8, scales []float32) {
	codes, scales = make([]int8, len(q.codes)), make([]float32, len(q.scales))
	groups := q.Cols / Group
	for i := range q.Rows {
		first, lane := i/width*width, i%width
		out := codes[first*q.Cols:]
		for j, code := range []byte(q.codes[i*q.Cols : (i+1)*q.Cols]) {
			out[j*width+lane] = int8(code)
		}
		for j, scale := range q.scales[i*groups : (i+1)*groups] {
			scales[first*groups+j*width+lane] = scale
		}
	}
	return codes, scales
}
