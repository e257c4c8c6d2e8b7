// Package minilm embeds texts in process with all-MiniLM-L6-v2, a six-layer BERT encoder whose
// weights are part of the program.
//
// A text becomes word pieces (package wordpiece), their vectors pass through the network
// (forward.go) in kernels for the processor at hand (kernels.go), and the mean of the results,
// scaled to length 1, is the text's embedding. Texts with similar meaning have a high dot product.
package minilm

import (
	"context"
	_ "embed"
	"fmt"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"

	"resonance/internal/embedding/minilm/weights"
	"resonance/internal/embedding/minilm/wordpiece"
)

// file is written by ./convert.
//
//go:embed model/weights.bin
var file string

// Model embeds texts. It is immutable and safe for concurrent use.
type Model struct {
	tokenizer *wordpiece.Tokenizer
	network   *network
	kernels   kernels
	idle      *sync.Pool // of *worker
	regret    *regret
	workers   int
}

// Load lays the embedded weights out anew: 14 MB, in a few hundredths of a second. Embed uses
// up to GOMAXPROCS processors at once; see WithWorkers.
func Load() (*Model, error) { return load(fastest()) }

func load(k kernels) (*Model, error) {
	m, err := weights.Decode(file)
	if err != nil {
		return nil, fmt.Errorf("load model: %w", err)
	}
	tokenizer, err := wordpiece.New(m.Vocab)
	if err != nil {
		return nil, fmt.Errorf("load model: %w", err)
	}
	return &Model{
		tokenizer: tokenizer,
		network:   newNetwork(m),
		kernels:   k,
		idle:      &sync.Pool{New: func() any { return new(worker) }},
		regret:    new(regret),
		workers:   runtime.GOMAXPROCS(0),
	}, nil
}

// WithWorkers returns a model over the same weights of which each call of Embed uses at most n
// processors, 1 or more. Work in the background that leaves a processor free hardly slows
// the answers given meanwhile; see docs/embedding.md.
func (m *Model) WithWorkers(n int) *Model {
	limited := *m
	limited.workers = max(1, n)
	return &limited
}

// Model names the model and its arithmetic: weights in 8 bits with a scale for each 64,
// activations in fp32. Vectors of different names must not be compared. Those of one name are the
// same to the last bit on all processors with AVX2, and elsewhere but for the rounding of fp32.
func (m *Model) Model() string { return "all-MiniLM-L6-v2/int8g64-fp32" }

// Dim returns 384, the length of every vector.
func (m *Model) Dim() int { return hidden }

// Embed returns the unit vectors of texts, in their order. Of a text it reads the first 254
// word pieces; any string is accepted, and the empty one has a vector too. Each processor takes a text at a
// time, and those that find none left share the others' work, so one text alone has several too. The bits of a
// vector depend neither on what else is in texts nor on how many processors there are. Embed stops within a few
// hundredths of a second when ctx ends, with an error that wraps ctx's, and keeps nothing.
func (m *Model) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	vectors := make([][]float32, len(texts))
	c := m.gather(len(texts))
	defer m.dismiss(c)
	group, ctx := errgroup.WithContext(ctx)
	for _, w := range c.workers {
		group.Go(func() error {
			for i := c.take(); i < len(texts); i = c.take() {
				vectors[i] = make([]float32, hidden)
				ids := m.tokenizer.Encode(texts[i], weights.MaxTokens)
				if err := m.network.forward(ctx, m.kernels, w, ids, vectors[i]); err != nil {
					return fmt.Errorf("embed text: %w", err)
				}
				c.open.Add(-1)
			}
			c.help(ctx, &w.scratch)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return vectors, nil
}

// perText is how many workers share a text at most: a short one has no more to give.
const perText = 4

// gather returns workers for n texts.
func (m *Model) gather(n int) *crew {
	workers, apart := min(m.workers, n*perText), m.workers == 1 || m.regret.lasts()
	if apart {
		workers = min(m.workers, n)
	}
	c := &crew{regret: m.regret}
	for range workers {
		w := m.idle.Get().(*worker)
		w.crew = c
		c.workers = append(c.workers, w)
	}
	c.open.Store(int64(n))
	c.apart.Store(apart)
	return c
}

// dismiss lets the workers of c go, to be gathered again.
func (m *Model) dismiss(c *crew) {
	for _, w := range c.workers {
		w.crew = nil
		w.at.Store(nil)
		m.idle.Put(w)
	}
}
