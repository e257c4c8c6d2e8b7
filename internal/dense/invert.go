package dense

import "context"

// panel is how many columns one step of Invert eliminates: 64 rows of a panel are 32 KB and stay in the nearest caches.
// A tile is what the kernel changes of a matrix at once; rowsAtOnce rows are changed between two looks at a context.
const (
	panel      = 64
	tileRows   = 4
	tileWidth  = 8
	rowsAtOnce = 64
)

// Invert replaces a symmetric positive definite n x n matrix, row-major, of which only the lower triangle is read, by
// its inverse, both triangles filled. Its error is that of ctx.
//
// It is Gauss-Jordan elimination (the sweep operator, Goodnight 1979) a panel of columns at a time. With
// V = a[:, panel], P = V[panel]^-1 and W = -V P, one step is
//
//	a[i][j] += W[i] · V[j]     outside the panel
//	a[:, panel] = -W,  a[panel][panel] = -P
//
// and -a is the inverse after the last.
func Invert(ctx context.Context, a []float64, n int) error {
	rows := (n + tileWidth - 1) / tileWidth * tileWidth // those beyond n hold zeros
	v, packed, w := make([]float64, rows*panel), make([]float64, rows*panel), make([]float64, rows*panel)
	p, packedP := make([]float64, panel*panel), make([]float64, panel*panel)
	for k := 0; k < n; k += panel {
		b := min(panel, n-k)
		readPanel(a, n, k, b, v)
		pack(packed, v, rows)
		clear(p)
		for i := range panel {
			p[i*panel+i] = 1
		}
		for i := range b {
			copy(p[i*panel:][:b], v[(k+i)*panel:])
		}
		sweep(p, panel)
		pack(packedP, p, panel)
		clear(w)
		for i := 0; i < rows; i += tileRows {
			for c := 0; c < panel; c += tileWidth {
				fastest.addTile(w[i*panel+c:], panel, v[i*panel:], packedP[c*panel:])
			}
		}
		if err := addProduct(ctx, a, n, w, packed); err != nil {
			return err
		}
		for i := range w {
			w[i] = -w[i]
		}
		copy(w[k*panel:], p[:b*panel])
		writePanel(a, n, k, b, w)
	}
	for i := range n {
		for j := range i + 1 {
			x := -a[i*n+j]
			a[i*n+j], a[j*n+i] = x, x
		}
	}
	return nil
}

// readPanel copies columns k .. k+b-1 of the matrix whose lower triangle is a into v, rows x panel. Columns of v from b on are 0.
func readPanel(a []float64, n, k, b int, v []float64) {
	for i := range n {
		row := v[i*panel:][:panel]
		clear(row[b:])
		if i >= k+b {
			copy(row[:b], a[i*n+k:])
			continue
		}
		for c := range b {
			row[c] = a[max(i, k+c)*n+min(i, k+c)]
		}
	}
}

// writePanel is the inverse of readPanel.
func writePanel(a []float64, n, k, b int, v []float64) {
	for i := range n {
		row := v[i*panel:][:b]
		if i >= k+b {
			copy(a[i*n+k:], row)
			continue
		}
		for c, x := range row {
			a[max(i, k+c)*n+min(i, k+c)] = x
		}
	}
}

// pack copies v, rows x panel, in the order in which tiles read it as columns: tileWidth rows side by side, one number of
// each after the other.
func pack(packed, v []float64, rows int) {
	for first := 0; first < rows; first += tileWidth {
		strip := packed[first*panel:][:tileWidth*panel]
		for r := range tileWidth {
			for c, x := range v[(first+r)*panel:][:panel] {
				strip[c*tileWidth+r] = x
			}
		}
	}
}

// addProduct adds w v' to the lower triangle of a, n x n; packed is v.
func addProduct(ctx context.Context, a []float64, n int, w, packed []float64) error {
	var edge [tileRows * tileWidth]float64
	for top := 0; top < n; top += rowsAtOnce {
		if err := ctx.Err(); err != nil {
			return err
		}
		bottom := min(n, top+rowsAtOnce)
		for left := 0; left < bottom; left += tileWidth {
			y := packed[left*panel:]
			for i := max(top, left); i < bottom; i += tileRows {
				if i+tileRows <= n && left+tileWidth <= n {
					fastest.addTile(a[i*n+left:], n, w[i*panel:], y)
					continue
				}
				clear(edge[:])
				fastest.addTile(edge[:], tileWidth, w[i*panel:], y)
				for r := range min(tileRows, n-i) {
					for c := range min(tileWidth, n-left) {
						a[(i+r)*n+left+c] += edge[r*tileWidth+c]
					}
				}
			}
		}
	}
	return nil
}

// sweep replaces a full symmetric positive definite n x n matrix by minus its inverse, one column at a time.
func sweep(a []float64, n int) {
	pivot := make([]float64, n)
	for k := range n {
		copy(pivot, a[k*n:(k+1)*n])
		d := 1 / pivot[k]
		for i := range n {
			row, f := a[i*n:(i+1)*n], pivot[i]*d
			for j := range row {
				row[j] -= float64(f * pivot[j])
			}
			row[k] = f
		}
		for j := range n {
			a[k*n+j] = pivot[j] * d
		}
		a[k*n+k] = -d
	}
}
