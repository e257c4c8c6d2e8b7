// Package rest is the REST door: the documented JSON of GET /feed, the recording of interactions,
// the health of the process, its metrics, and the OpenAPI document that describes them. It holds no
// rule of its own about feeds or interactions.
package rest

import (
	"context"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"
	"github.com/rs/zerolog"

	"resonance/internal/cursor"
	"resonance/internal/recommend"
	"resonance/internal/web"
)

// Feeder makes feeds; recommend.Engine is one. Errors are of the kinds in errs.
type Feeder interface {
	Feed(ctx context.Context, request recommend.Request) (recommend.Feed, error)
}

// Config is what the routes need from outside. The functions are called for each request that
// needs them and must be safe for concurrent use.
type Config struct {
	Feeds    Feeder
	Lists    Lists
	Library  Library
	Cursors  cursor.Signer
	Recorder Recorder
	Health   func(context.Context) (Health, error)
	Ready    func(context.Context) error // nil: feeds can be served; the client sees the text of an error
	Gauges   func(context.Context) (Gauges, error)
	Metrics  *web.Metrics
	Log      zerolog.Logger
	Version  string // of the program
	Keys     bool   // whether keys are asked for, so that the document says so
}

// api serves the routes.
type api struct {
	Config
	buffers buffers
	rows    rowReader
}

// Mount adds the routes GET /, /feed, /posts/{id}, /posts/{id}/similar, /trending, /search, /users/{username}, /livez, /readyz, /metrics and /openapi.json, POST and DELETE
// /interactions, and DELETE /users/{username} to router.
func Mount(router chi.Router, c Config) {
	a := &api{Config: c}
	operations := humachi.New(router, describe(c.Version))
	operations.UseMiddleware(guard, readIntegers)
	a.addFeed(operations)
	a.addPosts(operations)
	a.addSearch(operations)
	a.addInteractions(operations)
	a.addUsers(operations)
	a.addHealth(operations)
	a.addProbes(operations)
	a.addMetrics(router, operations)
	document := operations.OpenAPI()
	if !c.Keys {
		document = withoutKeys(document)
	}
	serveDocument(router, document)
}

// jsonBody is an answer with a body of type T. It names its content type itself: huma would
// otherwise let the client's Accept header call it something else.
type jsonBody[T any] struct {
	ContentType string `header:"Content-Type" hidden:"true"`
	Body        T
}

func answer[T any](body T) *jsonBody[T] {
	return &jsonBody[T]{ContentType: "application/json", Body: body}
}

// formats are the media types of answers that huma writes. JSON is plain UTF-8: no character is
// escaped that JSON does not demand.
func formats() map[string]huma.Format {
	return map[string]huma.Format{
		"application/json": huma.DefaultJSONFormat,
		web.ProblemType:    huma.DefaultJSONFormat,
	}
}
