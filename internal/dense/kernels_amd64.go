package dense

import "golang.org/x/sys/cpu"

//go:generate go run ./asm -out avx_amd64.s -stubs avx_amd64.go -pkg dense

// available returns the kernels that this processor can run, the fastest first.
func available() []kernels {
	if !cpu.X86.HasAVX2 {
		return []kernels{portable()}
	}
	return []kernels{{
		name: "AVX2",
		addTile: func(tile []float64, stride int, x, y []float64) {
			_, _, _ = tile[(tileRows-1)*stride+tileWidth-1], x[tileRows*panel-1], y[panel*tileWidth-1]
			addTileAVX2(&tile[0], stride, &x[0], &y[0])
		},
		mul: func(out, a, v []float64) {
			_, _ = out[len(v)-1], a[len(v)*len(v)-1]
			mulAVX2(&out[0], &a[0], &v[0], len(v)&^(tileWidth-1))
		},
		addAlong: func(out, rows []float64, places []int32, v []float64, scale, offset float64) {
			_ = out[len(v)-1]
			for _, place := range places {
				_ = rows[int(place)*len(v):][:len(v)]
			}
			for len(places) > 0 {
				n := min(len(places), longest)
				addAlongAVX2(&out[0], &rows[0], &places[0], n, &v[0], len(v)&^(lanes-1), scale, offset)
				places = places[n:]
			}
		},
		addScaled: func(x []float64, w float64, y []float64) {
			_ = y[len(x)-1]
			addScaledAVX2(&x[0], w, &y[0], len(x)&^(tileWidth-1))
		},
	}, portable()}
}

// longest is how many rows one call goes through: it can't be preempted, and takes a tenth of a millisecond where rows of 64 come
// from afar.
const longest = 512
