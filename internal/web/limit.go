package web

import (
	"fmt"
	"net/http"
)

// MaxBody is the largest request body in bytes that a handler can read.
const MaxBody = 1 << 20

// limitBody refuses a body that says it is too large, and cuts off one that turns out to be: a
// handler that reads on gets an *http.MaxBytesError.
func limitBody(refuse Refusal) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.ContentLength > MaxBody {
				refuse(w, r, http.StatusRequestEntityTooLarge, fmt.Sprintf("a body may have at most %d bytes", MaxBody))
				return
			}
			if r.Body != nil && r.Body != http.NoBody {
				r.Body = http.MaxBytesReader(w, r.Body, MaxBody)
			}
			next.ServeHTTP(w, r)
		})
	}
}
