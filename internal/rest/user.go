package rest

import (
	"context"
	"net/http"
	"net/url"

	"github.com/danielgtaylor/huma/v2"

	"resonance/internal/caller"
	"resonance/internal/web"
)

// userPath names a user in a path.
type userPath struct {
	Username string `path:"username" minLength:"1" example:"ada" doc:"The user's name."`
}

// Resolve undoes the escaping of a name that only its escaped form keeps apart from the path, as
// one with a slash: the router takes paths as they were sent then.
func (p *userPath) Resolve(ctx huma.Context) []error {
	if asked := ctx.URL(); asked.RawPath != "" {
		if name, err := url.PathUnescape(p.Username); err == nil {
			p.Username = name
		}
	}
	return nil
}

// forgotten is the answer of DELETE /users/{username}.
type forgotten struct {
	Interactions int64 `json:"deleted_interactions" minimum:"0" example:"57" doc:"How many interactions were deleted."`
}

func (a *api) addUsers(operations huma.API) {
	schemas := operations.OpenAPI().Components.Schemas
	huma.Register(operations, huma.Operation{
		OperationID: "getUser", Method: http.MethodGet, Path: "/users/{username}", Tags: []string{tagPosts},
		Summary:     "A person who watches, with history and interests",
		Description: "A key bound to a project sees what was done with that project's posts.",
		Responses: map[string]*huma.Response{
			"200": jsonResponse[person](schemas, "The person."), "401": unauthorizedResponse(schemas),
			"404": problemResponse(schemas, "There is no such user.", problemOf(http.StatusNotFound, "there is no such user")),
			"422": problemResponse(schemas, "The name is empty.", problemOf(http.StatusUnprocessableEntity, "validation failed")),
			"500": internalResponse(schemas), "503": unavailableResponse(schemas),
		},
	}, a.person)
	huma.Register(operations, huma.Operation{
		OperationID: "forgetUser",
		Method:      http.MethodDelete,
		Path:        "/users/{username}",
		Security:    needs(caller.Write),
		Tags:        []string{tagInteractions},
		Summary:     "Forget a user",
		Description: "Deletes everything about the user, for good: later interactions of this name are refused and later syncs don't bring it back, until an admin runs `resonance forget --undo`.",
		Responses: map[string]*huma.Response{
			"200": jsonResponse[forgotten](schemas, "The user is forgotten."),
			"401": unauthorizedResponse(schemas),
			"403": problemResponse(schemas, "The key has another scope or is bound to a project.",
				problemOf(http.StatusForbidden, "forbidden: the key is bound to a project")),
			"404": problemResponse(schemas, "There is no such user.", problemOf(http.StatusNotFound, "not found")),
			"422": problemResponse(schemas, "The name is empty.", problemOf(http.StatusUnprocessableEntity, "validation failed")),
			"500": internalResponse(schemas),
			"503": unavailableResponse(schemas),
		},
	}, func(ctx context.Context, path *userPath) (*jsonBody[forgotten], error) {
		if err := caller.Of(ctx).MayEverywhere(caller.Write); err != nil {
			return nil, a.problem(ctx, err)
		}
		deleted, err := a.Recorder.Forget(ctx, path.Username)
		if err != nil {
			return nil, a.problem(ctx, err)
		}
		web.Annotate(ctx, "forgotten", "user") // not whom
		return answer(forgotten{deleted}), nil
	})
}
