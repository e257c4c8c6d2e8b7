package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// build makes the product.
func (b *bench) build(ctx context.Context) error {
	b.binary = filepath.Join(b.work, "resonance")
	return buildProduct(ctx, b.binary)
}

// buildProduct builds the product with more flags.
func buildProduct(ctx context.Context, binary string, flags ...string) error {
	command := exec.CommandContext(ctx, "go", append(append([]string{"build", "-o", binary}, flags...), "./cmd/resonance")...)
	command.Stderr = os.Stderr
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if err := command.Run(); err != nil {
		return fmt.Errorf("build the product, from the root of the repository: %w", err)
	}
	return nil
}

// serve starts the product on a store, with more settings.
func (b *bench) serve(ctx context.Context, store string, environ ...string) (*process, error) {
	return b.serveBinary(ctx, b.binary, store, environ...)
}

func (b *bench) serveBinary(ctx context.Context, binary, store string, environ ...string) (*process, error) {
	environ = append([]string{"DATABASE_URL=sqlite:" + store, "LISTEN_ADDR=127.0.0.1:0", "LOG_LEVEL=warn"}, environ...)
	return b.launch(ctx, "serve", environ, binary)
}

// command runs a command of the product to its end.
func (b *bench) command(ctx context.Context, store string, environ []string, args ...string) error {
	command := exec.CommandContext(ctx, b.binary, args...)
	command.Dir = b.work
	command.Env = append(append(bare(), "DATABASE_URL=sqlite:"+store, "LOG_LEVEL=warn"), environ...)
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("resonance %v: %w\n%s", args, err, out)
	}
	return nil
}

// health is what measurements read of GET /.
type health struct {
	Posts     int64
	Sync      struct{ State string }
	Embedding struct{ Done, Queued int64 }
	Model     struct {
		Version int64
		Stale   bool
	}
}

func (p *process) health(ctx context.Context) (h health, err error) {
	body, err := p.fetch(ctx, "/")
	if err == nil {
		err = json.Unmarshal(body, &h)
	}
	return h, err
}

// until waits until the health of the product is as wished, at most three minutes.
func (p *process) until(ctx context.Context, wished func(health) bool) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	for {
		h, err := p.health(ctx)
		if err != nil {
			return err
		}
		if wished(h) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waited in vain: %+v: %w", h, ctx.Err())
		case <-p.ended:
			return p.failed("ended by itself")
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// idle reports whether nothing runs in the background.
func idle(h health) bool { return h.Embedding.Queued == 0 && !h.Model.Stale && h.Model.Version > 0 }
