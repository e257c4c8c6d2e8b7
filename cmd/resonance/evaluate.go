package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/rs/zerolog"
	"github.com/schollz/progressbar/v3"
	"github.com/urfave/cli/v3"

	"resonance/internal/errs"
	"resonance/internal/evaluate"
	"resonance/internal/evaluate/dataset"
	"resonance/internal/evaluate/vectors"
	"resonance/internal/recommend"
)

// evaluateCommand describes resonance evaluate.
func evaluateCommand(action cli.ActionFunc) *cli.Command {
	return &cli.Command{
		Name: "evaluate", Usage: "measure the engine on events of the past that it may not see", Action: action,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "protocol", Usage: "one of " + strings.Join(protocols(), ", "), Value: evaluate.TimeSplit},
			&cli.IntFlag{Name: "k", Usage: "length of the lists", Value: recommend.DefaultTopK},
			&cli.StringFlag{Name: "data", Usage: "a folder in import format, in place of the store"},
			&cli.StringFlag{Name: "format", Usage: "table or json", Value: "table"},
			&cli.StringFlag{Name: "plot", Usage: "a file to draw nDCG with its intervals into, as SVG"},
			&cli.StringFlag{Name: "log", Usage: "for replay: a file that FEED_LOG made serve record feeds in"},
			&cli.BoolFlag{Name: "ablate", Usage: "measure the engine without each of its signals too"},
			&cli.StringSliceFlag{Name: "only", Usage: "measure only these, separated by commas: " + strings.Join(evaluate.Names(), ", ")},
			&cli.StringFlag{Name: "cache", Usage: "where answers, to go on after an interruption, and embeddings that the store lacks are kept (default: resonance in the user's cache folder)"},
		},
	}
}

// protocols returns what --protocol accepts.
func protocols() []string { return append(evaluate.Protocols(), replayName) }

// evaluateEngine measures the engine that serves, with baselines beside it.
func evaluateEngine(ctx context.Context, p *program, command *cli.Command) error {
	protocol, format := command.String("protocol"), command.String("format")
	if err := checkEvaluation(command, protocol, format); err != nil {
		return err
	}
	if protocol == replayName {
		return p.replay(ctx, command)
	}
	cache, err := cacheFolder(command)
	if err != nil {
		return err
	}
	data, embeddings, err := p.measurable(ctx, command.String("data"), cache)
	if err != nil {
		return err
	}
	// A measurement holds several models at a time: memory is worth more here than a little time.
	defer debug.SetGCPercent(debug.SetGCPercent(50))
	bar := p.newSteps("evaluating " + protocol)
	result, err := evaluate.Run(ctx, evaluate.Options{
		Protocol: protocol, K: command.Int("k"), Data: data, Vectors: embeddings, Progress: bar.show,
		Serve: evaluate.Real, Ablate: command.Bool("ablate"), Only: command.StringSlice("only"), Cache: cache,
	})
	bar.finish()
	if err != nil {
		return err
	}
	if path := command.String("plot"); path != "" {
		if err := draw(path, result); err != nil {
			return err
		}
	}
	return report(p.std.out, result, format)
}

// checkEvaluation reports the first flag that is wrong, on its own or beside the others.
func checkEvaluation(command *cli.Command, protocol, format string) error {
	replays := protocol == replayName
	switch k := command.Int("k"); {
	case format != "table" && format != "json":
		return fmt.Errorf("%w: format: %q is neither table nor json", errs.Invalid, format)
	case k < 1 || k > recommend.MaxTopK:
		return fmt.Errorf("%w: k: %d is not in 1..%d", errs.Invalid, k, recommend.MaxTopK)
	case command.Args().Present():
		return fmt.Errorf("%w: resonance evaluate takes flags only; a folder is given as --data DIR", errs.Invalid)
	case replays != (command.String("log") != ""):
		return fmt.Errorf("%w: log: --protocol replay takes --log FILE, what FEED_LOG made serve record; no other protocol does", errs.Invalid)
	case replays && (command.Bool("ablate") || command.IsSet("only") || command.String("plot") != ""):
		return fmt.Errorf("%w: --protocol replay takes neither --ablate nor --only nor --plot", errs.Invalid)
	}
	return errs.OneOf("protocol", protocol, protocols())
}

func draw(path string, result *evaluate.Result) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("plot: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return result.Plot(file)
}

// writer is a result in both formats.
type writer interface {
	WriteJSON(w io.Writer) error
	WriteTable(w io.Writer) error
}

func report(w io.Writer, result writer, format string) error {
	if format == "json" {
		return result.WriteJSON(w)
	}
	return result.WriteTable(w)
}

// cacheFolder returns where a measurement keeps things.
func cacheFolder(command *cli.Command) (string, error) {
	if cache := command.String("cache"); cache != "" {
		return cache, nil
	}
	base, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("%w: cache: give --cache DIR, for there is no cache folder: %w", errs.Invalid, err)
	}
	return filepath.Join(base, "resonance"), nil
}

// measurable reads the data to measure on, and the embeddings of its posts.
func (p *program) measurable(ctx context.Context, dir, cache string) (data *dataset.Dataset, embeddings [][]float32, err error) {
	embedder, err := p.newEmbedder()
	if err != nil {
		return nil, nil, err
	}
	data, stored, err := p.rows(ctx, dir, embedder.Model())
	if err != nil {
		return nil, nil, err
	}
	embeddings, err = p.embedMissing(ctx, cache, embedder, data, stored)
	return data, embeddings, err
}

// rows reads the folder dir or, where that is "", the store, which has embeddings of the model too.
func (p *program) rows(ctx context.Context, dir, model string) (*dataset.Dataset, map[int64][]float32, error) {
	if dir == "" {
		return p.stored(ctx, model)
	}
	data, err := dataset.FromFolder(ctx, dir, nil)
	return data, map[int64][]float32{}, err
}

// stored reads everything in the store.
func (p *program) stored(ctx context.Context, model string) (data *dataset.Dataset, embeddings map[int64][]float32, err error) {
	db, err := p.openStore(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if data, err = dataset.FromStore(ctx, db); err != nil {
		return nil, nil, err
	}
	ids := make([]int64, len(data.Posts))
	for i := range data.Posts {
		ids[i] = data.Posts[i].ID
	}
	embeddings, err = db.Embeddings(ctx, model, ids)
	return data, embeddings, err
}

// embedMissing returns the embeddings of the data's posts, in their order: the stored ones, and
// for the others those of the cache, which is completed.
func (p *program) embedMissing(ctx context.Context, cache string, e embedder, data *dataset.Dataset, stored map[int64][]float32) ([][]float32, error) {
	texts := make([]string, len(data.Posts))
	for i := range data.Posts {
		if stored[data.Posts[i].ID] == nil {
			texts[i] = data.Posts[i].Text()
		}
	}
	bar := p.newSteps("embedding posts")
	defer bar.finish()
	embeddings, err := vectors.Of(ctx, cache, e, texts, bar.show)
	if err != nil {
		return nil, err
	}
	for i := range data.Posts {
		if v := stored[data.Posts[i].ID]; v != nil {
			embeddings[i] = v
		}
	}
	runtime.GC() // the texts are not needed any more
	return embeddings, nil
}

// steps shows how many steps of a known number are done: a bar on a terminal, elsewhere a line
// of the log for every tenth of them.
type steps struct {
	log      zerolog.Logger
	name     string
	terminal *progressbar.ProgressBar // nil: not a terminal

	mu   sync.Mutex
	done int // of all that were shown, the most
	line int // the tenth of which the last line told
}

func (p *program) newSteps(name string) *steps {
	s := &steps{log: p.log, name: name}
	if isTerminal(p.std.err) {
		s.terminal = progressbar.NewOptions(1, progressbar.OptionSetWriter(p.std.err), progressbar.OptionSetDescription(name),
			progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish())
	}
	return s
}

// show may be called from any goroutine. Of calls that overtake each other the furthest counts.
func (s *steps) show(done, total int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if done < s.done {
		return
	}
	s.done = done
	if s.terminal != nil {
		s.terminal.ChangeMax(total)
		_ = s.terminal.Set(done) // a bar that can't be drawn is no reason to stop
		return
	}
	if now := 10 * done / max(1, total); now != s.line {
		s.line = now
		s.log.Info().Int("done", done).Int("total", total).Msg(s.name)
	}
}

func (s *steps) finish() {
	if s.terminal != nil {
		_ = s.terminal.Finish()
	}
}
