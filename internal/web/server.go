package web

import (
	"bytes"
	"context"
	"fmt"
	stdlog "log"
	"net"
	"net/http"
	"sync"
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
// ctx and end when there are no more in flight but those that have taken their connection over, such as
// WebSockets; Serve waits for these too. The listener is closed in every case.
func Serve(ctx context.Context, listener net.Listener, server *http.Server, timeout time.Duration) error {
	requests, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	server.BaseContext = func(net.Listener) context.Context { return requests }
	var inFlight sync.WaitGroup
	server.Handler = counted(server.Handler, &inFlight)

	failed := make(chan error, 1)
	go func() { failed <- server.Serve(gathering(listener, server)) }()
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
	cut()
	over := make(chan struct{})
	go func() { inFlight.Wait(); close(over) }()
	select {
	case <-over:
		return nil
	case <-time.After(timeout):
		return fmt.Errorf("wait for connections that were taken over: %w", context.DeadlineExceeded)
	}
}

// counted counts the requests that are being answered.
func counted(handler http.Handler, inFlight *sync.WaitGroup) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inFlight.Add(1)
		defer inFlight.Done()
		handler.ServeHTTP(w, r)
	})
}
