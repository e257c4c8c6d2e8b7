package graph

import (
	"context"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"resonance/internal/web"
)

// events sends the responses of one operation as server-sent events: GraphQL over SSE in distinct
// connections mode (https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md). An event is
// called next, the last one complete; what is wrong with a document comes as next, because
// EventSource tells a page nothing of other answers. A stream that ends without complete was cut, by
// the server's stop or by the network: whoever asks again gets the newest state.
type events struct {
	w  http.ResponseWriter
	on *http.ResponseController

	mu     sync.Mutex
	failed error // of the last write
}

const comment = ":\n\n"

// begin sends the header.
func begin(w http.ResponseWriter) *events {
	header := w.Header()
	header.Set("Content-Type", mediaEvents+"; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no") // what nginx understands
	e := &events{w: w, on: http.NewResponseController(w)}
	_ = e.on.SetReadDeadline(time.Time{}) // a recorder in a test has none
	_ = e.write(comment)                  // the next write fails too
	return e
}

// write sends text, for which the client has sendTime.
func (e *events) write(text string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.failed == nil {
		_ = e.on.SetWriteDeadline(time.Now().Add(sendTime)) // the same
		_, e.failed = io.WriteString(e.w, text)
	}
	if e.failed == nil {
		e.failed = e.on.Flush()
	}
	return e.failed
}

func (e *events) next(response *graphql.Response) error {
	return e.write("event: next\ndata: " + string(encode(response)) + "\n\n")
}

// complete needs its empty data, or EventSource would not pass it on.
func (e *events) complete() { _ = e.write("event: complete\ndata:\n\n") } // a client that has gone cannot be told

// keepAlive sends a comment now and again, so that nobody in between takes the connection for dead, until
// ctx ends, stopping is closed or the client has gone.
func (e *events) keepAlive(ctx context.Context, stopping <-chan struct{}) {
	ticker := time.NewTicker(aliveTime)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-stopping:
			return
		case <-ticker.C:
			if e.write(comment) != nil {
				return
			}
		}
	}
}

// oneEvent sends a response as the only one.
func (s *streams) oneEvent(w http.ResponseWriter, response *graphql.Response) {
	e := begin(w)
	_ = e.next(response) // a client that has gone cannot be told
	e.complete()
}

// stream executes an operation and sends all its responses.
func (s *streams) stream(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor, operation *graphql.OperationContext) {
	if !s.CheckOrigin(r) {
		refuse(w, r, exec, foreign())
		return
	}
	web.Linger(r.Context())
	leave, why := s.admit(r, operation.Operation.Operation)
	if why != nil {
		refuse(w, r, exec, why)
		return
	}
	defer leave()
	ctx, cancel := context.WithCancel(r.Context())
	e := begin(w)
	var alive sync.WaitGroup
	alive.Go(func() {
		defer cancel()
		e.keepAlive(ctx, s.Stopping)
	})
	run(ctx, exec, operation, e.next)
	if ctx.Err() == nil {
		e.complete()
	}
	cancel()
	alive.Wait()
}

func foreign() *refusal {
	return &refusal{http.StatusForbidden, codeForbidden, "pages of this origin may not open a stream here"}
}
