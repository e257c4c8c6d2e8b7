package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

// What this program measures with besides the product are copies of itself in these roles.
const (
	constantRole = "constant"
	graphRole    = "constant-graphql"
	upstreamRole = "upstream"
)

// roles returns what a child process does, by the role that is its first argument.
func roles() map[string]func(ctx context.Context, out io.Writer, argument string) error {
	return map[string]func(context.Context, io.Writer, string) error{
		constantRole: serveConstant, graphRole: serveGraph, upstreamRole: serveUpstream,
	}
}

func (b *bench) launchSelf(ctx context.Context, role, argument string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return b.launch(ctx, role, nil, self, role, argument)
}

// serveOn prints the address it serves a handler on, until ctx ends.
func serveOn(ctx context.Context, out io.Writer, handler http.Handler) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "http://%s\n", listener.Addr())
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// serveConstant answers every request with as many bytes as a feed of ten posts has: what is left to a server
// that does nothing is the bench's own ceiling.
func serveConstant(ctx context.Context, out io.Writer, _ string) error {
	answer := make([]byte, 12<<10)
	return serveOn(ctx, out, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(answer) // whoever asked has gone
	}))
}
