package main

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"resonance/internal/vector"
)

// torchEmbed is the side that resonance is compared with.
//
//go:embed torch_embed.py
var torchEmbed string

// modelFile holds the weights, which both sides embed with.
const modelFile = "internal/embedding/minilm/model/weights.bin"

// queries are of 8 to 16 tokens, as the model counts them.
var queries = []string{
	"how to throw a bowl on the wheel",
	"sourdough bread without a dutch oven",
	"swimming in a cold sea in winter",
	"repair of an old wooden boat on the beach",
	"what to plant in a shady garden in october",
	"quiet piano music for reading late in the evening",
	"first steps in film photography with a cheap camera",
	"long distance cycling with a tent through the mountains",
}

// longTexts are so many different texts of more than 256 tokens, of which both sides read the first 256.
func longTexts(n int) []string {
	texts := make([]string, n)
	for i := range texts {
		for j := range 32 {
			texts[i] += queries[(i+j*(i+3))%len(queries)] + ". "
		}
	}
	return texts
}

// embedBatch is how many long texts wait at a time; so many go into one batch of either side.
const embedBatch = 8

// embedding compares the built-in model with sentence-transformers, where that is installed.
func embedding(ctx context.Context, b *bench) (s section, err error) {
	s = section{
		title:  "Embedding",
		header: []string{"", "texts/s at 256 tokens", "its CPU for one", "a query of 8 to 16 tokens, p50", "its CPU for one", "resident"},
		intro: fmt.Sprintf("texts go into a process line by line and vectors come out, %d long texts at a time or one short one. `resonance embed` has all processors, and so has sentence-transformers on torch, which computes with the same weights in fp32; both give the same vectors. "+
			"Where other programs use the processors, torch's threads wait for each other; it is measured with one thread too, whose processor time has no waiting in it.", embedBatch),
	}
	sides, err := b.embedders(ctx)
	defer func() {
		for _, e := range sides {
			err = errors.Join(err, e.close())
		}
	}()
	if err != nil {
		return s, err
	}
	if len(sides) == 1 {
		s.intro += " Torch was not measured: it is not installed (`.ci/torch` does that)."
	}
	if err := sameVectors(sides); err != nil {
		return s, err
	}
	long, short, err := b.embedInTurn(sides)
	if err != nil {
		return s, err
	}
	for i, e := range sides {
		l, q := long[i].all(), short[i].all()
		s.rows = append(s.rows, []string{
			e.name, figure(l.perSecond()*embedBatch, ""), milliseconds(l.cpuPerRequest() / embedBatch), milliseconds(q.p50()), milliseconds(q.cpuPerRequest()), megabytes(e.resident()),
		})
	}
	if len(sides) > 1 {
		s.claims = []claim{
			{what: "texts/s at 256 tokens in proportion to torch's", value: ratio(long[0], long[1], result.perSecond), asked: 1, floor: .3},
			{what: "processor time of such a text in proportion to torch's with one thread", value: ratio(long[0], long[2], cpuSeconds), asked: 1, floor: 3, atMost: true},
			{what: "p50 of a query in proportion to torch's", value: ratio(short[0], short[1], p50Seconds), asked: .5, floor: 2, atMost: true},
			{what: "p50 of a query in proportion to torch's with one thread", value: ratio(short[0], short[2], p50Seconds), asked: .5, floor: 2, atMost: true},
		}
	}
	return s, nil
}

// embedInTurn lets each side embed long texts and queries, in turn. A round is a call or more of each.
func (b *bench) embedInTurn(sides []*embedder) (long, short []rounds, err error) {
	long, short = make([]rounds, len(sides)), make([]rounds, len(sides))
	for range b.rounds {
		for i, e := range sides {
			r, err := e.round(b.roundTime/4, [][]string{longTexts(embedBatch)})
			if err != nil {
				return nil, nil, err
			}
			long[i] = append(long[i], r)
		}
		for i, e := range sides {
			r, err := e.round(b.roundTime/4, slices.Collect(slices.Chunk(queries, 1)))
			if err != nil {
				return nil, nil, err
			}
			short[i] = append(short[i], r)
		}
	}
	return long, short, nil
}

// embedder is a process that reads texts and writes their vectors, one a line.
type embedder struct {
	name    string
	lists   bool // a line that it reads is a list of texts; else it is one text
	command *exec.Cmd
	environ []string

	*process
	in    io.WriteCloser
	out   io.ReadCloser
	lines *bufio.Reader
}

// embedders starts the product and, where it is installed, torch: with as many threads as it likes, and with one.
func (b *bench) embedders(ctx context.Context) (sides []*embedder, err error) {
	all := []*embedder{{name: "resonance", command: exec.CommandContext(ctx, b.binary, "embed")}}
	installed, err := filepath.Glob(filepath.Join(b.yardstick, "lib", "python*", "site-packages", "sentence_transformers"))
	if err != nil {
		return nil, err
	}
	weights, err := filepath.Abs(modelFile)
	if err != nil {
		return nil, err
	}
	if len(installed) > 0 {
		for _, name := range []string{"sentence-transformers", "sentence-transformers, one thread"} {
			all = append(all, &embedder{name: name, lists: true, command: exec.CommandContext(ctx, filepath.Join(b.yardstick, "bin", "python"), "-c", torchEmbed, weights)})
		}
		all[2].environ = []string{"OMP_NUM_THREADS=1"}
	}
	for _, e := range all {
		if err := b.startEmbedder(e); err != nil {
			return sides, err
		}
		sides = append(sides, e)
	}
	return sides, nil
}

func (b *bench) startEmbedder(e *embedder) (err error) {
	e.command.Dir, e.command.Env = b.work, append(bare(), e.environ...)
	if e.in, err = e.command.StdinPipe(); err != nil {
		return err
	}
	if e.out, err = e.command.StdoutPipe(); err != nil {
		return err
	}
	e.lines = bufio.NewReaderSize(e.out, 64<<10)
	e.process, err = b.begin("embed", e.command)
	return err
}

// embed returns the vectors of texts as the process writes them.
func (e *embedder) embed(texts []string) (vectors [][]byte, err error) {
	asked := make([]any, len(texts))
	for i, text := range texts {
		asked[i] = text
	}
	if e.lists {
		asked = []any{texts}
	}
	var lines bytes.Buffer
	for _, line := range asked {
		if err := json.NewEncoder(&lines).Encode(line); err != nil {
			return nil, err
		}
	}
	if _, err := e.in.Write(lines.Bytes()); err != nil {
		return nil, e.failed("reads no more: " + err.Error())
	}
	for range texts {
		vector, err := e.lines.ReadBytes('\n')
		if err != nil {
			return nil, e.failed("writes no more: " + err.Error())
		}
		vectors = append(vectors, vector)
	}
	return vectors, nil
}

// round embeds batch after batch for a time, each of them as often as the others, and times each.
func (e *embedder) round(duration time.Duration, batches [][]string) (result, error) {
	var took []time.Duration
	before, began := e.cpu(), time.Now()
	for time.Since(began) < duration {
		for _, batch := range batches {
			asked := time.Now()
			if _, err := e.embed(batch); err != nil {
				return result{}, err
			}
			took = append(took, time.Since(asked))
		}
	}
	r := newResult([][]time.Duration{took}, time.Since(began))
	r.cpu = e.cpu() - before
	return r, nil
}

// close lets the process end.
func (e *embedder) close() error {
	err := e.in.Close()
	e.await(e.out)
	if e.err != nil {
		return errors.Join(e.failed("ended with "+e.err.Error()), err)
	}
	return err
}

// sameVectors fails unless all sides embed alike; it waits until they have started, and warms them up.
func sameVectors(sides []*embedder) error {
	texts := append(longTexts(embedBatch), queries...)
	var first [][]float32
	for _, e := range sides {
		lines, err := e.embed(texts)
		if err != nil {
			return err
		}
		vectors := make([][]float32, len(lines))
		for i, line := range lines {
			if err := json.Unmarshal(line, &vectors[i]); err != nil {
				return e.failed("writes what is no vector: " + err.Error())
			}
			if first == nil {
				continue
			}
			if c := vector.Dot(vectors[i], first[i]); c < .9999 {
				return fmt.Errorf("%s and %s differ on %.40q: cosine %g", sides[0].name, e.name, texts[i], c)
			}
		}
		if first == nil {
			first = vectors
		}
	}
	return nil
}
