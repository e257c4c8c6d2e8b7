package dense

// kernels are the loops that take most of a fit, for one kind of processor.
type kernels struct {
	name string

	// addTile adds the product of x, tileRows x panel, and y, panel x tileWidth, to the rows of a tile, stride numbers from
	// one to the next.
	addTile func(tile []float64, stride int, x, y []float64)
	// mul is Mul where the length of v is a multiple of tileWidth and not 0.
	mul func(out, a, v []float64)
	// addAlong is AddAlong where the length of v is a multiple of lanes and not 0, and there is a place.
	addAlong func(out, rows []float64, places []int32, v []float64, scale, offset float64)
	// addScaled is AddScaled where the length is a multiple of tileWidth and not 0.
	addScaled func(x []float64, w float64, y []float64)
}

// lanes is how many sums of a dot product are added up side by side.
const lanes = 4

// fastest are the kernels to use on this processor.
var fastest = available()[0]

func portable() kernels {
	return kernels{"portable", portableAddTile, portableMul, portableAddAlong, portableAddScaled}
}

func portableAddTile(tile []float64, stride int, x, y []float64) {
	for r := range tileRows {
		var sums [tileWidth]float64
		for c, factor := range x[r*panel:][:panel] {
			for i, v := range y[c*tileWidth:][:tileWidth] {
				sums[i] += float64(factor * v)
			}
		}
		for i, sum := range sums {
			tile[r*stride+i] += sum
		}
	}
}

func portableMul(out, a, v []float64) {
	out = out[:len(v)]
	clear(out)
	for i, x := range v {
		portableAddScaled(out, x, a[i*len(v):][:len(v)])
	}
}

func portableAddAlong(out, rows []float64, places []int32, v []float64, scale, offset float64) {
	out = out[:len(v)]
	for _, place := range places {
		row := rows[int(place)*len(v):][:len(v)]
		portableAddScaled(out, offset+float64(scale*Dot(row, v)), row)
	}
}

func portableAddScaled(x []float64, w float64, y []float64) {
	y = y[:len(x)]
	for i := range x {
		x[i] += float64(w * y[i])
	}
}
