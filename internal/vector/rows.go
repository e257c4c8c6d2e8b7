package vector

import "resonance/internal/catalog"

// rowsAtOnce is how many embeddings lie side by side in memory, so that a walk through many is quick.
const rowsAtOnce = 256

// rows hold whole embeddings. One that was handed out never changes: another one takes its place.
type rows struct {
	at   [][]float32 // by ordinal
	free []float32
}

func (r *rows) put(o catalog.Ordinal, v []float32) {
	if n := int(o) + 1; n > len(r.at) {
		r.at = append(r.at, make([][]float32, n-len(r.at))...)
	}
	if len(r.free) < len(v) {
		r.free = make([]float32, rowsAtOnce*len(v))
	}
	r.at[o], r.free = r.free[:len(v):len(v)], r.free[len(v):]
	copy(r.at[o], v)
}

func (r *rows) remove(o catalog.Ordinal) {
	if int(o) < len(r.at) {
		r.at[o] = nil
	}
}
