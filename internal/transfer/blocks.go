package transfer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"

	"golang.org/x/sync/errgroup"

	"resonance/internal/errs"
)

const (
	blockBytes = 1 << 20  // of a file that are decoded, and written, at a time
	maxLine    = 16 << 20 // bytes of one line
)

// block is some whole lines of a file.
type block struct {
	line int // number of the first, from 1
	data []byte
}

var byteOrderMark = []byte("\xef\xbb\xbf")

// readBlocks calls visit for consecutive blocks of r, whose data are the visitor's.
func readBlocks(r io.Reader, visit func(block) error) error {
	line, rest := 1, []byte(nil)
	for {
		data := make([]byte, len(rest)+blockBytes)
		n, err := io.ReadFull(r, data[copy(data, rest):])
		data = data[:len(rest)+n]
		if line == 1 && len(rest) == 0 {
			data = bytes.TrimPrefix(data, byteOrderMark)
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return visit(block{line, data})
		}
		if err != nil {
			return err
		}
		end := bytes.LastIndexByte(data, '\n') + 1
		rest = data[end:]
		if len(rest) > 2*maxLine { // white space around the row does not count, but there is an end to it
			return fmt.Errorf("%d: %w", line+bytes.Count(data[:end], newline), errTooLong)
		}
		if end == 0 {
			continue
		}
		if err := visit(block{line, data[:end]}); err != nil {
			return err
		}
		line += bytes.Count(data[:end], newline)
	}
}

var errTooLong = fmt.Errorf("%w: the line is longer than %d MiB", errs.Invalid, maxLine>>20)

var newline = []byte{'\n'}

// rows are the rows of one block.
type rows[T any] struct {
	all   []T
	bytes int
	wrong []error // of lines that are not rows, each with its line number; at most maxErrors
}

// maxErrors is how many wrong lines are reported before a file is given up.
const maxErrors = 10

// decode returns the rows of a block; blank lines are none.
func decode[T any](b block, row func(line []byte, into *T) error) rows[T] {
	r := rows[T]{bytes: len(b.data)}
	for n, data := b.line, b.data; len(data) > 0; n++ {
		var line []byte
		line, data, _ = bytes.Cut(data, newline)
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		var into T
		err := errTooLong
		if len(line) <= maxLine {
			err = row(line, &into)
		}
		if err != nil {
			if len(r.wrong) < maxErrors {
				r.wrong = append(r.wrong, fmt.Errorf("%d: %w", n, err))
			}
			continue
		}
		r.all = append(r.all, into)
	}
	return r
}

// readFile decodes the file at path on all cores and calls visit with the rows of each block,
// in the order of the file. It stops soon after the first error of visit, which it returns.
func readFile[T any](ctx context.Context, path string, row func(line []byte, into *T) error, visit func(rows[T]) error) (err error) {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	workers := runtime.GOMAXPROCS(0)
	order := make(chan chan rows[T], workers) // bounds what is decoded and not visited
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(order)
		return readBlocks(file, func(b block) error {
			decoded := make(chan rows[T], 1)
			select {
			case order <- decoded:
			case <-ctx.Done():
				return ctx.Err()
			}
			g.Go(func() error {
				decoded <- decode(b, row)
				return nil
			})
			return nil
		})
	})
	g.Go(func() error {
		for decoded := range order {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := visit(<-decoded); err != nil {
				return err
			}
		}
		return nil
	})
	return g.Wait()
}
