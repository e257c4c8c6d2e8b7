package minilm

// matrix is a view of rows × cols numbers, each row stride numbers behind the one before.
type matrix struct {
	data               []float32
	rows, cols, stride int
}

func newMatrix(rows, cols int) matrix {
	return matrixOf(make([]float32, rows*cols), rows, cols)
}

// matrixOf lays rows × cols over the front of data.
func matrixOf(data []float32, rows, cols int) matrix {
	return matrix{data: data[:rows*cols], rows: rows, cols: cols, stride: cols}
}

// resize gives m another shape over the same memory, or over new memory where that is too
// small. What it held is lost.
func (m *matrix) resize(rows, cols int) {
	data := m.data[:cap(m.data)]
	if len(data) < rows*cols {
		data = make([]float32, rows*cols)
	}
	*m = matrixOf(data, rows, cols)
}

func (m matrix) row(i int) []float32 {
	start := i * m.stride
	return m.data[start : start+m.cols : start+m.cols]
}

// rowsFrom is the view of rows from..to.
func (m matrix) rowsFrom(from, to int) matrix {
	m.data = m.data[from*m.stride:]
	m.rows = to - from
	return m
}

// colsFrom is the view of columns from..to.
func (m matrix) colsFrom(from, to int) matrix {
	m.data = m.data[from:]
	m.cols = to - from
	return m
}
