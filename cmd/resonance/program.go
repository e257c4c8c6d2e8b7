package main

import (
	"context"
	"io"
	"os"
	"runtime"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/term"

	"resonance/internal/config"
	"resonance/internal/embedding/minilm"
	"resonance/internal/embedding/openai"
	"resonance/internal/store/sqlite"
)

// program is what every command needs.
type program struct {
	settings config.Config
	log      zerolog.Logger
	std      streams
}

// newLogger returns a logger to w: lines for people on a terminal, JSON elsewhere.
func newLogger(settings config.Config, w io.Writer) zerolog.Logger {
	format := settings.LogFormat
	if format == "" && isTerminal(w) {
		format = "console"
	}
	if format == "console" {
		w = zerolog.ConsoleWriter{Out: w, TimeFormat: time.TimeOnly, NoColor: !isTerminal(w)}
	}
	return zerolog.New(w).Level(zerolog.Level(settings.LogLevel)).With().Timestamp().Logger()
}

func isTerminal(w any) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// openStore opens the store and brings its schema up to date.
func (p *program) openStore(ctx context.Context) (*sqlite.DB, error) {
	return sqlite.Open(ctx, p.settings.DatabaseURL.Path(), sqlite.Options{})
}

// embedder turns texts into embeddings.
type embedder interface {
	Model() string
	Dim() int
	Embed(ctx context.Context, texts []string) ([][]float32, error)
}

// newEmbedder returns the built-in model, or the server that EMBEDDING_URL names.
func (p *program) newEmbedder() (embedder, error) {
	s := p.settings
	if s.EmbeddingURL == "" {
		return minilm.Load()
	}
	return openai.New(openai.Config{URL: string(s.EmbeddingURL), Model: s.EmbeddingModel, Key: string(s.EmbeddingKey)})
}

// sparing returns e as it is to be used in the background: one processor is left to answers.
func sparing(e embedder) embedder {
	if model, ok := e.(*minilm.Model); ok {
		return model.WithWorkers(runtime.GOMAXPROCS(0) - 1)
	}
	return e
}
