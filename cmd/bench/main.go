// Command bench measures how fast resonance is.
//
// It starts the product and what the product is compared with, asks both the same things in turn, prints a
// table for each measurement, and writes them into docs/benchmarks.md. Machines are shared and noisy, so nearly every
// figure that something is asked of is a ratio within one run: the median over rounds A B A B.
//
//	go run ./cmd/bench                   everything but pgo and build, into docs/benchmarks.md
//	go run ./cmd/bench --short           a minute of it; fails where a figure is far from what it should be
//	go run ./cmd/bench --only rest,graphql --posts 100000
//	go run ./cmd/bench --soak 10m        fails when the heap grows under load
//	go run ./cmd/bench --profile FILE    a profile to guide the compiler with
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 2 {
		if role := roles()[args[0]]; role != nil {
			return role(ctx, out, args[1])
		}
	}
	b, err := newBench(args, out)
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(b.work) }()
	if err := b.build(ctx); err != nil {
		return err
	}
	switch {
	case b.profile != "":
		return makeProfile(ctx, b, b.profile)
	case b.soak > 0:
		return soak(ctx, b, b.soak)
	}
	return b.measureAll(ctx)
}

// measurement is one section of the report.
type measurement struct {
	name string
	when occasion
	run  func(context.Context, *bench) (section, error)
}

// occasion is when a measurement is made, unless --only says.
type occasion int

const (
	always   occasion = iota // also with --short
	normally                 // not with --short
	asked                    // only where --only names it: it compiles everything anew
)

// measurements in the order of the report.
func measurements() []measurement {
	return []measurement{
		{"driver", always, driver},
		{"rest", always, rest},
		{"graphql", always, graphql},
		{"background", always, background},
		{"writes", always, writes},
		{"import", always, importing},
		{"scale", normally, scale},
		{"embedding", normally, embedding},
		{"stages", normally, shareOfStages},
		{"start", normally, coldStart},
		{"memory", normally, memory},
		{"pgo", asked, guided},
		{"build", asked, buildCosts},
	}
}

// bench is what measurements share.
type bench struct {
	out               io.Writer
	began             time.Time
	shared, yardstick string // folders
	cache, work       string // what is kept, and what goes away in the end
	binary            string // the product
	posts             int    // of a synthetic catalogue to serve; 0: the captured or demo one
	short             bool
	soak              time.Duration // 0: none
	profile           string        // file to write one into; "": none
	only              []string
	document          string // to write into; "" for none
	fresh             bool   // make kept stores anew
	made              map[string]bool
	stores            int // made in work so far
	rounds            int
	roundTime         time.Duration
}

func newBench(args []string, out io.Writer) (*bench, error) {
	b := &bench{out: out, began: time.Now(), made: map[string]bool{}}
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	b.cache = filepath.Join(cache, "resonance-bench")
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	only := flags.String("only", "", "measure these, separated by commas: "+strings.Join(names(measurements()), ", "))
	flags.BoolVar(&b.fresh, "fresh", false, "make the stores anew that were kept")
	flags.IntVar(&b.posts, "posts", 0, "serve a synthetic catalogue of so many posts")
	flags.DurationVar(&b.soak, "soak", 0, "instead, load the product for so long, and fail when its heap grows")
	flags.StringVar(&b.profile, "profile", "", "instead, write a CPU profile of a mixed load into this file")
	flags.BoolVar(&b.short, "short", false, "measure for a minute and write nothing")
	flags.StringVar(&b.document, "write", "docs/benchmarks.md", "document to write into; empty for none")
	flags.StringVar(&b.shared, "shared", "../shared", "folder of the captured rows and the yardstick")
	flags.StringVar(&b.yardstick, "yardstick", filepath.Join(b.cache, "yardstick"), "python environment with fastapi, uvicorn and numpy, and where wished sentence-transformers")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if *only != "" {
		b.only = strings.Split(*only, ",")
	}
	for _, name := range b.only {
		if !slices.Contains(names(measurements()), name) {
			return nil, fmt.Errorf("there is no measurement %q", name)
		}
	}
	b.rounds, b.roundTime = 5, 2*time.Second
	if b.short {
		b.rounds, b.roundTime, b.document = 3, time.Second, ""
	}
	if b.posts > 0 {
		b.document = ""
	}
	b.work, err = os.MkdirTemp("", "resonance-bench-")
	return b, err
}

func names(all []measurement) (names []string) {
	for _, m := range all {
		names = append(names, m.name)
	}
	return names
}

// measureAll runs the measurements that were asked for.
func (b *bench) measureAll(ctx context.Context) error {
	var broken []string
	for _, m := range measurements() {
		if !b.wants(m) {
			continue
		}
		s, err := m.run(ctx, b)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		if err := s.print(b.out); err != nil {
			return err
		}
		if b.document != "" {
			if err := s.write(b.document, m.name, "go run ./cmd/bench --only "+m.name); err != nil {
				return err
			}
		}
		broken = append(broken, s.broken()...)
	}
	b.say("took %.0f s", time.Since(b.began).Seconds())
	if len(broken) > 0 {
		return errors.New(strings.Join(broken, "\n"))
	}
	return nil
}

// wants reports whether a measurement is to be made.
func (b *bench) wants(m measurement) bool {
	switch {
	case len(b.only) > 0:
		return slices.Contains(b.only, m.name)
	case b.short:
		return m.when == always
	}
	return m.when != asked
}

// say tells what goes on.
func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(b.out, "\n"+format+"\n", args...)
}

// overConnections writes a number of connections.
func overConnections(n int) string {
	if n == 1 {
		return "1 connection"
	}
	return fmt.Sprintf("%d connections", n)
}
