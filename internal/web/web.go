// Package web is what every HTTP door of the service has in common: request ids, who asks, one log line a
// request, recovery from panics, limits, metrics, CORS, problem+json for what no route answers,
// and a server that stops gracefully. It knows nothing of feeds.
package web

import (
	"cmp"
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/rs/cors"
	"github.com/rs/zerolog"

	"resonance/internal/caller"
)

// Config is what a router needs from outside.
type Config struct {
	Log     zerolog.Logger
	Metrics *Metrics // receives every request
	Keys    caller.Keyring
	Origins []string // origins of other sites whose pages may call, "*" for all; empty: none
	Here    bool     // whether only this machine may ask, so that the server answers to no other name
	Rate    int      // requests a minute that one key or address may make; 0: any number

	InFlight int                // requests that are answered at the same time; 0: MaxInFlight
	Refusals map[string]Refusal // by path: how doors that don't speak problem+json refuse a request
}

// Refusal answers a request that is refused before its door has seen it, or that its door failed
// to answer. detail is for the client.
type Refusal func(w http.ResponseWriter, r *http.Request, status int, detail string)

func (c Config) refuse(w http.ResponseWriter, r *http.Request, status int, detail string) {
	if refuse, ok := c.Refusals[r.URL.Path]; ok {
		refuse(w, r, status, detail)
		return
	}
	WriteProblem(w, status, detail)
}

// NewRouter returns a router without routes. Every request through it, whether a route answers it
// or not, has a request id, is logged and measured, and meets the limits; unknown paths and
// methods get problem+json, and HEAD works wherever GET does.
func NewRouter(c Config) *chi.Mux {
	router := chi.NewRouter()
	router.Use(identify, logRequests(c.Log), c.Metrics.observe, recoverPanics(c.Log, c.refuse), protect)
	if len(c.Origins) > 0 {
		router.Use(crossOrigin(c.Origins))
	}
	if c.Here {
		router.Use(onlyHere(c.refuse))
	}
	router.Use(recognise(c.Keys), limitRate(c.Rate, c.refuse), limitInFlight(cmp.Or(c.InFlight, MaxInFlight), c.refuse))
	router.Use(limitBody(c.refuse), middleware.GetHead)
	router.NotFound(notFound)
	router.MethodNotAllowed(methodNotAllowed)
	return router
}

func crossOrigin(origins []string) func(http.Handler) http.Handler {
	return cors.New(cors.Options{
		AllowedOrigins: origins,
		AllowedMethods: []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodDelete},
		AllowedHeaders: []string{"*"}, // safe: credentials that a browser adds by itself are not allowed
		ExposedHeaders: []string{RequestIDHeader, "Link", "Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "RateLimit-Policy"},
		MaxAge:         600,
	}).Handler
}

// wrap returns w as a writer that remembers its status and size; it wraps a writer only once.
func wrap(w http.ResponseWriter, r *http.Request) middleware.WrapResponseWriter {
	if wrapped, ok := w.(middleware.WrapResponseWriter); ok {
		return wrapped
	}
	return middleware.NewWrapResponseWriter(w, r.ProtoMajor)
}

// statusOf returns the status of a finished request. Nothing written means 200 to net/http,
// unless the handler has taken the connection over for a WebSocket.
func statusOf(w middleware.WrapResponseWriter, r *http.Request) int {
	switch {
	case w.Status() != 0:
		return w.Status()
	case r.Header.Get("Upgrade") != "":
		return http.StatusSwitchingProtocols
	}
	return http.StatusOK
}
