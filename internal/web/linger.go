package web

import (
	"context"
	"net/http"
	"sync"
)

// A WebSocket or a stream is one request that stays open, over which much can be asked. What is asked
// over it meets the limits of requests all the same: the middlewares that hold these limits leave the
// functions of this file in the request's record.

// Linger says that the request that ctx belongs to stays open: its place among those in flight is free
// for another, and how long it lasts says nothing of how fast requests are answered. Outside of a request
// it does nothing.
func Linger(ctx context.Context) {
	rec := recordOf(ctx)
	if rec == nil {
		return
	}
	rec.lingers = true
	if rec.leave != nil {
		rec.leave()
	}
}

// Enter takes a place among the requests in flight for something that is asked over the open request
// that ctx belongs to. ok is false when all are taken; otherwise leave gives it back. Outside of a
// request there are places enough.
func Enter(ctx context.Context) (leave func(), ok bool) {
	if rec := recordOf(ctx); rec != nil && rec.enter != nil {
		return rec.enter()
	}
	return func() {}, true
}

// Spend counts something that is asked over an open request as one more request of its caller, and
// reports whether the rate limit admits it. Outside of a request it does.
func Spend(r *http.Request) bool {
	if rec := recordOf(r.Context()); rec != nil && rec.spend != nil {
		return rec.spend(r)
	}
	return true
}

// enter takes one of the places, if there is one.
func enter(places chan struct{}) (leave func(), ok bool) {
	select {
	case places <- struct{}{}:
		return sync.OnceFunc(func() { <-places }), true
	default:
		return nil, false
	}
}

// headers is a ResponseWriter for those who write headers only, which nobody reads.
type headers http.Header

func (h headers) Header() http.Header       { return http.Header(h) }
func (headers) Write(p []byte) (int, error) { return len(p), nil }
func (headers) WriteHeader(int)             {}
