package lambdamart

// kernels are the loop that takes most of growing trees, for one kind of processor.
type kernels struct {
	name string

	// count adds each of rows, of which there is one at least, to the cell of its bin of every feature, and to sum: its slope,
	// and that it is one.
	count func(cells [][bins]cell, sum *cell, binned []uint8, slopes []slope, rows []int32)
}

// fastest are the kernels to use on this processor.
var fastest = available()[0]

func count(cells [][bins]cell, sum *cell, binned []uint8, slopes []slope, rows []int32) {
	if len(rows) > 0 && len(cells) > 0 {
		fastest.count(cells, sum, binned, slopes, rows)
	}
}

func portableCount(cells [][bins]cell, sum *cell, binned []uint8, slopes []slope, rows []int32) {
	features := len(cells)
	for _, row := range rows {
		s := slopes[row]
		sum.add(s)
		sum.rows++
		for f, b := range binned[int(row)*features:][:features] {
			c := &cells[f][b%bins]
			c.add(s)
			c.rows++
		}
	}
}
