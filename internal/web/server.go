package web

import (
	"bytes"
	"context"
	"fmt"
	stdlog "log"
	"net"
	"net/http"
	"time"

	"github.com/rs/zerolog"
)

// Server returns a server of handler with limits that keep slow and greedy clients from holding
// it: 5 s for the request's header, 15 s for the whole request, 30 s for the answer, 2 minutes of
// idleness, 32 KB of header, in which a cursor of 8 KB has room. A handler that streams longer
// moves its own deadline with http.ResponseController.
func Server(handler http.Handler, log zerolog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          stdlog.New(warnings{log}, "", 0),
	}
}

// warnings logs what net/http has to say.
type warnings struct{ log zerolog.Logger }

func (w warnings) Write(line []byte) (int, error) {
	w.log.Warn().Msg(string(bytes.TrimSpace(line)))
	return len(line), nil
}

// Serve serves on listener until ctx is cancelled, then takes no new connection and waits up to
// timeout for the requests in flight. It returns nil when all of them were answered; otherwise it
// cuts them off and the error wraps context.DeadlineExceeded. The contexts of requests outlive
// ctx and end when Serve returns, which also ends connections that were taken over, such as
// WebSockets. The listener is closed in every case.
func Serve(ctx context.Context, listener net.Listener, server *http.Server, timeout time.Duration) error {
	requests, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	server.BaseContext = func(net.Listener) context.Context { return requests }

	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve on %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}

	patience, cancel := context.WithTimeout(requests, timeout)
	defer cancel()
	if err := server.Shutdown(patience); err != nil {
		server.Close()
		return fmt.Errorf("wait for requests in flight: %w", err)
	}
	return nil
}
