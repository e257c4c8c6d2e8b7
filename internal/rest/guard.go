package rest

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"

	"resonance/internal/caller"
	"resonance/internal/errs"
	"resonance/internal/web"
)

// keyScheme is the name of the one security scheme in the OpenAPI document.
const keyScheme = "key"

func securitySchemes() map[string]*huma.SecurityScheme {
	return map[string]*huma.SecurityScheme{keyScheme: {
		Type: "http", Scheme: "bearer",
		Description: "A key that `resonance key new` made.",
	}}
}

// needs returns the security of operations that take a right; what the document says of an
// operation is what guard enforces. An operation that says nothing takes caller.Read.
func needs(right caller.Right) []map[string][]string {
	return []map[string][]string{{keyScheme: {right.String()}}}
}

// open returns the security of operations that take no key.
func open() []map[string][]string { return []map[string][]string{{}} }

// maxTime is how long an operation may take; what is not done by then answers 503.
const maxTime = 10 * time.Second

// withoutKeys returns a document without what it says of keys: where none are asked for, every
// caller has every right. The operations themselves, which guard reads, stay as they are.
func withoutKeys(document *huma.OpenAPI) *huma.OpenAPI {
	bare, components := *document, *document.Components
	bare.Security, bare.Components, components.SecuritySchemes = nil, &components, nil
	bare.Paths = make(map[string]*huma.PathItem, len(document.Paths))
	for path, item := range document.Paths {
		bareItem := *item
		for _, operation := range []**huma.Operation{&bareItem.Get, &bareItem.Put, &bareItem.Post, &bareItem.Delete, &bareItem.Patch} {
			if *operation == nil {
				continue
			}
			bareOperation := **operation
			bareOperation.Security, bareOperation.Responses = nil, maps.Clone(bareOperation.Responses)
			delete(bareOperation.Responses, "401")
			*operation = &bareOperation
		}
		bare.Paths[path] = &bareItem
	}
	return &bare
}

// guard refuses callers without the right that the operation takes, and what the form of another
// site could send; what it lets pass has maxTime.
func guard(ctx huma.Context, next func(huma.Context)) {
	r, w := humachi.Unwrap(ctx)
	if err := caller.Of(r.Context()).May(rightFor(ctx.Operation())); err != nil {
		refuse(w, err)
		return
	}
	if r.Method == http.MethodPost && !web.IsJSON(r) {
		web.WriteProblem(w, http.StatusUnsupportedMediaType, "the body must be application/json in UTF-8")
		return
	}
	within, cancel := context.WithTimeout(ctx.Context(), maxTime)
	defer cancel()
	next(huma.WithContext(ctx, within))
}

func rightFor(operation *huma.Operation) caller.Right {
	for _, scheme := range operation.Security {
		if len(scheme) == 0 {
			return caller.None
		}
		for _, scope := range scheme[keyScheme] {
			return caller.RightOf(scope)
		}
	}
	return caller.Read
}

// refuse answers a caller who may not ask this.
func refuse(w http.ResponseWriter, err error) {
	if errors.Is(err, errs.Unauthorized) {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	web.WriteProblem(w, statusOf(err), err.Error())
}

func unauthorizedResponse(schemas huma.Registry) *huma.Response {
	return problemResponse(schemas, "The server asks for a key, and there is none or a wrong one.",
		problemOf(http.StatusUnauthorized, caller.Caller{}.May(caller.Read).Error()))
}

func forbiddenResponse(schemas huma.Registry) *huma.Response {
	return problemResponse(schemas, "The key has another scope or is bound to another project.",
		problemOf(http.StatusForbidden, "forbidden: project_code: the key is bound to another project"))
}
