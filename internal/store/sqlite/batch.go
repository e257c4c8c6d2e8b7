package sqlite

import (
	"context"
	"strings"
)

// batchSizes are the numbers of rows that one statement takes. Rows travel in as few statements
// as these allow: one row costs about half as much in a statement of 64 as in its own.
var batchSizes = [...]int{64, 8, 1}

// batchText is a statement that takes many rows of values, in the forms for every batch size.
type batchText struct {
	width int // values in a row
	forms [len(batchSizes)]string
}

// batch puts "(?, ...), (?, ...)" between head and tail.
func batch(head string, width int, tail string) batchText {
	row := "(" + strings.TrimSuffix(strings.Repeat("?, ", width), ", ") + ")"
	b := batchText{width: width}
	for i, size := range batchSizes {
		b.forms[i] = head + strings.TrimSuffix(strings.Repeat(row+", ", size), ", ") + tail
	}
	return b
}

// pieces calls do with a statement and its part of args until all of args was given out.
func (b *batchText) pieces(args []any, do func(query string, args []any) error) error {
	for i, size := range batchSizes {
		for n := size * b.width; len(args) >= n; args = args[n:] {
			if err := do(b.forms[i], args[:n]); err != nil {
				return err
			}
		}
	}
	return nil
}

// execBatch runs b over all rows in args.
func (c *conn) execBatch(ctx context.Context, b *batchText, args []any) error {
	return b.pieces(args, func(query string, args []any) error {
		_, err := c.exec(ctx, query, args...)
		return err
	})
}

// eachBatch queries b over all rows in args.
func (c *conn) eachBatch(ctx context.Context, b *batchText, args []any, visit func(scan func(dest ...any) error) error) error {
	return b.pieces(args, func(query string, args []any) error { return c.each(ctx, query, args, visit) })
}
