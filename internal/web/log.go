package web

import (
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5/middleware"
	"github.com/rs/zerolog"
)

// maxLogged is how many bytes of a text that a client chose are logged.
const maxLogged = 256

// logRequests writes one line a request when it is over: method, path, status, bytes, duration in
// milliseconds, request id and the annotations. Query strings and headers may hold tokens and are
// never written. A 5xx is an error, a quiet request is at level debug, any other at level info.
func logRequests(log zerolog.Logger) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			start, wrapped := time.Now(), wrap(w, r)
			defer func() { logRequest(log, wrapped, r, time.Since(start)) }()
			next.ServeHTTP(wrapped, r)
		})
	}
}

func logRequest(log zerolog.Logger, w middleware.WrapResponseWriter, r *http.Request, took time.Duration) {
	rec, status := recordOf(r.Context()), statusOf(w, r)
	line := log.WithLevel(lineLevel(rec, status)) // nil, and so are the calls on it, when the level is off
	line.Str("method", clip(r.Method)).Str("path", clip(r.URL.Path)).Int("status", status).
		Int("bytes", w.BytesWritten()).Dur("duration_ms", took).Str("request_id", rec.id)
	rec.appendTo(line)
	line.Msg("request")
}

func lineLevel(rec *record, status int) zerolog.Level {
	switch {
	case status >= http.StatusInternalServerError:
		return zerolog.ErrorLevel
	case rec.isQuiet():
		return zerolog.DebugLevel
	}
	return zerolog.InfoLevel
}

func clip(s string) string {
	if len(s) <= maxLogged {
		return s
	}
	return strings.ToValidUTF8(s[:maxLogged], "") + "…"
}
