// Package dense is linear algebra with the dense matrices that models are fitted by: the inverse of a symmetric one, and
// products with small ones. Its bits are the same on every processor: additions have a fixed order and every step is rounded.
package dense

// Mul sets out to the product of a, symmetric, n x n and row-major, and v. n = len(out) = len(v), some hundreds at most: it can't be
// preempted.
func Mul(out, a, v []float64) {
	if len(v) == 0 || len(v)%tileWidth != 0 {
		portableMul(out, a, v)
		return
	}
	fastest.mul(out, a, v)
}

// AddAlong adds to out, for each of the rows at places, row · (offset + scale (row · v)). Rows of the length of out and v follow one
// another.
func AddAlong(out, rows []float64, places []int32, v []float64, scale, offset float64) {
	if len(v) == 0 || len(v)%lanes != 0 || len(places) == 0 {
		portableAddAlong(out, rows, places, v, scale, offset)
		return
	}
	fastest.addAlong(out, rows, places, v, scale, offset)
}

// AddScaled adds w times y to x, of one length.
func AddScaled(x []float64, w float64, y []float64) {
	whole := len(x) &^ (tileWidth - 1)
	if whole > 0 {
		fastest.addScaled(x[:whole], w, y[:whole])
	}
	portableAddScaled(x[whole:], w, y[whole:])
}

// Dot returns the product of x and y, of one length.
func Dot(x, y []float64) float64 {
	y = y[:len(x)]
	var sums [lanes]float64
	for len(x) >= lanes {
		sums[0] += float64(x[0] * y[0])
		sums[1] += float64(x[1] * y[1])
		sums[2] += float64(x[2] * y[2])
		sums[3] += float64(x[3] * y[3])
		x, y = x[lanes:], y[lanes:]
	}
	for i, v := range x {
		sums[i] += float64(v * y[i])
	}
	return (sums[0] + sums[1]) + (sums[2] + sums[3])
}
