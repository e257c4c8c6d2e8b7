package web

import (
	"fmt"
	"net/http"
	"runtime/debug"

	"github.com/go-chi/chi/v5/middleware"
	"github.com/rs/zerolog"
)

// recoverPanics logs a handler's panic with its stack and answers 500, without a word of it to the
// client. When an answer has begun, the connection is cut instead, so that the client can tell.
func recoverPanics(log zerolog.Logger, refuse Refusal) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			wrapped := wrap(w, r)
			defer answerPanic(log, refuse, wrapped, r)
			next.ServeHTTP(wrapped, r)
		})
	}
}

// answerPanic must be deferred, else there is nothing to recover.
func answerPanic(log zerolog.Logger, refuse Refusal, w middleware.WrapResponseWriter, r *http.Request) {
	cause := recover()
	if cause == nil {
		return
	}
	if cause == http.ErrAbortHandler { //nolint:errorlint // net/http panics with this very value
		panic(cause)
	}
	log.Error().Str("request_id", RequestID(r.Context())).Str("panic", fmt.Sprint(cause)).
		Str("stack", string(debug.Stack())).Msg("handler panicked")
	if w.Status() != 0 {
		panic(http.ErrAbortHandler)
	}
	refuse(w, r, http.StatusInternalServerError, InternalError)
}
