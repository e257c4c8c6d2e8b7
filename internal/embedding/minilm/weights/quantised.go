package weights

import "math"

// group is how many neighbours in a row share a scale. 64 costs half a bit a weight and keeps
// embeddings within cosine .9994 of those of the fp32 weights; see docs/embedding.md.
const group = 64

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
	scales := make([]float32, 0, len(values)/group)
	for start := 0; start < len(values); start += group {
		var largest float32
		for _, v := range values[start : start+group] {
			largest = max(largest, v, -v)
		}
		scale := largest / 127
		scales = append(scales, scale)
		if scale == 0 {
			continue
		}
		for i, v := range values[start : start+group] {
			codes[start+i] = byte(int8(math.RoundToEven(float64(v / scale))))
		}
	}
	return Quantised{Rows: rows, Cols: cols, codes: string(codes), scales: scales}
}

// Row writes row i to dst, which has length q.Cols.
func (q *Quantised) Row(dst []float32, i int) {
	codes := q.codes[i*q.Cols : (i+1)*q.Cols]
	scales := q.scales[i*q.Cols/group : (i+1)*q.Cols/group]
	for g, scale := range scales {
		out := dst[g*group : (g+1)*group]
		in := codes[g*group : (g+1)*group]
		for j := range out {
			out[j] = scale * float32(int8(in[j]))
		}
	}
}

// Values returns the whole matrix row by row.
func (q *Quantised) Values() []float32 {
	values := make([]float32, q.Rows*q.Cols)
	for i := range q.Rows {
		q.Row(values[i*q.Cols:(i+1)*q.Cols], i)
	}
	return values
}
