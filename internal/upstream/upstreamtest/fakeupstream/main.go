// Command fakeupstream serves a folder of rows as the upstream API does, for runs of the whole
// program against it.
//
// It prints the address it listens on as its first line, so that -addr may end in :0.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"resonance/internal/upstream/upstreamtest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "fakeupstream:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("fakeupstream", flag.ContinueOnError)
	dir := flags.String("dir", ".", "folder of posts.json, users.json, views.json, likes.json, inspires.json, ratings.json")
	addr := flags.String("addr", "127.0.0.1:9000", "address to listen on")
	token := flags.String("token", upstreamtest.Token, "Flic-Token that callers must send")
	algorithm := flags.String("algorithm", upstreamtest.Algorithm, "resonance_algorithm that unlocks other users' interactions")
	latency := flags.Duration("latency", 0, "wait before each answer")
	failures := flags.Float64("failures", 0, "share of answers that go wrong, 0 to 1")
	seed := flags.Uint64("seed", 1, "seed of the failures")
	if err := flags.Parse(args); err != nil {
		return err
	}
	rows, err := upstreamtest.ReadDir(*dir)
	if err != nil {
		return err
	}
	fake := upstreamtest.NewFake(rows, *token, *algorithm)
	fake.OnRequest(misbehave(*latency, *failures, *seed))
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", *addr)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "http://%s\n", listener.Addr())
	server := &http.Server{Handler: fake, ReadHeaderTimeout: 10 * time.Second}
	unhook := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer unhook()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// misbehave returns a hook that delays every answer by latency and spoils a share of them.
func misbehave(latency time.Duration, share float64, seed uint64) func(upstreamtest.Request) upstreamtest.Fault {
	faults := []upstreamtest.Fault{
		upstreamtest.Status(http.StatusInternalServerError), upstreamtest.Status(http.StatusBadGateway),
		upstreamtest.TooMany("1"), upstreamtest.CutBody(), upstreamtest.BrokenJSON(), upstreamtest.HTMLPage(),
	}
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(seed, 0))
	return func(upstreamtest.Request) upstreamtest.Fault {
		time.Sleep(latency)
		mu.Lock()
		defer mu.Unlock()
		if random.Float64() >= share {
			return nil
		}
		return faults[random.IntN(len(faults))]
	}
}
