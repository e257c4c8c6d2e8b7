package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/urfave/cli/v3"

	"resonance/internal/errs"
)

// embedAhead is how many lines that wait already are embedded together.
const embedAhead = 32

// embedLines answers each line of standard input, a JSON string, with its embedding. Lines are
// answered as they come, and together where several wait.
func embedLines(ctx context.Context, p *program, _ *cli.Command) error {
	embedder, err := p.newEmbedder()
	if err != nil {
		return err
	}
	lines := make(chan line, embedAhead)
	go readLines(ctx, p.std.in, lines)
	out := bufio.NewWriter(p.std.out)
	for first := range lines {
		batch, failed := gather(first, lines)
		vectors, err := embedder.Embed(ctx, batch)
		if err != nil {
			return fmt.Errorf("embed %d lines: %w", len(batch), err)
		}
		for _, vector := range vectors {
			encoded, err := json.Marshal(vector)
			if err != nil {
				return fmt.Errorf("encode embedding: %w", err)
			}
			out.Write(encoded)  //nolint:errcheck // Flush reports it
			out.WriteByte('\n') //nolint:errcheck // Flush reports it
		}
		if err := errors.Join(out.Flush(), failed); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// line is a text to embed, or what is wrong with it.
type line struct {
	text string
	err  error
}

// gather returns the texts of first and of what waits behind it, up to the first wrong line.
func gather(first line, more <-chan line) (batch []string, err error) {
	for next := first; ; {
		if next.err != nil {
			return batch, next.err
		}
		batch = append(batch, next.text)
		if len(batch) == embedAhead {
			return batch, nil
		}
		var open bool
		select {
		case next, open = <-more:
			if !open {
				return batch, nil
			}
		default:
			return batch, nil
		}
	}
}

// readLines sends the lines of r until it ends or one is wrong.
func readLines(ctx context.Context, r io.Reader, lines chan<- line) {
	defer close(lines)
	decoder := json.NewDecoder(bufio.NewReader(r))
	for number := 1; ; number++ {
		var next line
		err := decoder.Decode(&next.text)
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			next.err = fmt.Errorf("%w: line %d: is not a JSON string: %w", errs.Invalid, number, err)
		}
		select {
		case lines <- next:
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}
