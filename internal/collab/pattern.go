package collab

import (
	"context"
	"slices"
)

// pattern is a sparse matrix of zeros and ones: row i holds to[at[i]:at[i+1]].
type pattern struct {
	at []int
	to []int32
}

func (p pattern) rows() int         { return len(p.at) - 1 }
func (p pattern) row(i int) []int32 { return p.to[p.at[i]:p.at[i+1]] }

// patterns returns users x items, every row in the order of time, and items x users.
func (d *Data) patterns(ctx context.Context) (items, users pattern, err error) {
	items.at = make([]int, 1, len(d.rows)+1)
	for _, row := range d.rows {
		if err := ctx.Err(); err != nil {
			return pattern{}, pattern{}, err
		}
		for _, t := range row {
			items.to = append(items.to, t.Item)
		}
		items.at = append(items.at, len(items.to))
	}
	users, err = items.transposed(ctx, d.items)
	return items, users, err
}

// transposed returns the matrix with rows and columns exchanged; its rows ascend.
func (p pattern) transposed(ctx context.Context, columns int) (pattern, error) {
	t := pattern{at: make([]int, columns+1), to: make([]int32, len(p.to))}
	for _, c := range p.to {
		t.at[c+1]++
	}
	for c := range columns {
		t.at[c+1] += t.at[c]
	}
	next := slices.Clone(t.at)
	for r := range p.rows() {
		if err := ctx.Err(); err != nil {
			return pattern{}, err
		}
		for _, c := range p.row(r) {
			t.to[next[c]] = int32(r)
			next[c]++
		}
	}
	return t, nil
}

// gram returns p p' as a dense row-major matrix, only the lower triangle filled; columns is p
// transposed.
func (p pattern) gram(ctx context.Context, columns pattern) ([]float64, error) {
	n := p.rows()
	g := make([]float64, n*n)
	for i := range n {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for _, c := range p.row(i) {
			for _, j := range columns.row(int(c)) {
				if int(j) > i {
					break
				}
				g[i*n+int(j)]++
			}
		}
	}
	return g, nil
}
