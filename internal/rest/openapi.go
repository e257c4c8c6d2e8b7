package rest

import (
	"encoding/json"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"
	"github.com/go-chi/chi/v5"

	"resonance/internal/caller"
	"resonance/internal/web"
)

const (
	tagFeed         = "feed"
	tagPosts        = "posts"
	tagInteractions = "interactions"
	tagProcess      = "process"
)

// The largest number of a parameter is a whole one, and shown as such: huma would show 2147483647 as 2.147483647e+09.
func init() { validation.MsgExpectedMaximumNumber = "expected number <= %.0f" }

// describe returns huma's configuration: an OpenAPI document that waits for its operations, and
// none of the pages, schema links and fields that huma adds by default.
func describe(version string) huma.Config {
	schemas := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	schemas.RegisterTypeAlias(reflect.TypeFor[huma.ErrorModel](), reflect.TypeFor[problem]())
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			Info: &huma.Info{
				Title:   "resonance",
				Version: version,
				Description: "Personal feeds of short videos. The same feeds are served over GraphQL at /graphql.\n\n" +
					"Every error is problem+json (RFC 9457). Every answer carries `" + web.RequestIDHeader + "`; a client may send its own.",
				License: &huma.License{Name: "MIT", Identifier: "MIT"},
			},
			Tags: []*huma.Tag{
				{Name: tagFeed, Description: "What to watch next."},
				{Name: tagPosts, Description: "Posts and people."},
				{Name: tagInteractions, Description: "What users do."},
				{Name: tagProcess, Description: "How the service is doing."},
			},
			Servers:    []*huma.Server{{URL: "/", Description: "This server."}},
			Components: &huma.Components{Schemas: schemas, SecuritySchemes: securitySchemes()},
			Security:   needs(caller.Read),
		},
		Formats:       formats(),
		DefaultFormat: "application/json",
	}
}

// serveDocument serves the document as it is now: every operation must have been added.
func serveDocument(router chi.Router, document *huma.OpenAPI) {
	body, err := json.Marshal(document)
	if err != nil {
		panic(err) // the document is the same in every process: a test finds it first
	}
	router.Get("/openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write(body) //nolint:errcheck // the client has gone: nobody is left to tell
	})
}

// jsonResponse describes an answer of type T; its examples are those of the fields.
func jsonResponse[T any](schemas huma.Registry, description string) *huma.Response {
	return &huma.Response{
		Description: description,
		Content: map[string]*huma.MediaType{
			"application/json": {Schema: schemas.Schema(reflect.TypeFor[T](), true, "")},
		},
	}
}

func problemResponse(schemas huma.Registry, description string, example *huma.ErrorModel) *huma.Response {
	return &huma.Response{
		Description: description,
		Content: map[string]*huma.MediaType{
			web.ProblemType: {Schema: schemas.Schema(reflect.TypeFor[problem](), true, ""), Example: example},
		},
	}
}

func internalResponse(schemas huma.Registry) *huma.Response {
	return problemResponse(schemas, "The server failed; its log says why under the request id.",
		problemOf(http.StatusInternalServerError, web.InternalError))
}

func unavailableResponse(schemas huma.Registry) *huma.Response {
	return problemResponse(schemas, "The store does not answer; the same request may succeed later.",
		problemOf(http.StatusServiceUnavailable, unavailable))
}

func wrongTopK() *huma.ErrorModel {
	return problemOf(http.StatusUnprocessableEntity, "validation failed",
		&huma.ErrorDetail{Message: "expected number >= 1", Location: "query.top_k", Value: 0})
}
