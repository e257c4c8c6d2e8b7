package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"resonance/internal/web"
)

// readyPatience is how long GET /readyz waits for a store that hangs before it says "not ready":
// shorter than the time-outs that probes usually have.
const readyPatience = 800 * time.Millisecond

// probe is the answer of a probe that succeeds.
type probe struct {
	Status string `json:"status" enum:"ok" example:"ok" doc:"Always \"ok\"; a failed probe is problem+json with status 503."`
}

func (a *api) addProbes(operations huma.API) {
	schemas := operations.OpenAPI().Components.Schemas
	huma.Register(operations, huma.Operation{
		OperationID: "getLiveness",
		Method:      http.MethodGet,
		Path:        "/livez",
		Tags:        []string{tagProcess},
		Security:    open(),
		Summary:     "Whether the process is alive",
		Description: "Answers as long as the process can answer at all; restart it when it does not.",
		Responses: map[string]*huma.Response{
			"200": jsonResponse[probe](schemas, "Alive."),
			"500": internalResponse(schemas),
		},
	}, func(ctx context.Context, _ *struct{}) (*jsonBody[probe], error) {
		web.Quiet(ctx)
		return answer(probe{"ok"}), nil
	})
	huma.Register(operations, huma.Operation{
		OperationID: "getReadiness",
		Method:      http.MethodGet,
		Path:        "/readyz",
		Tags:        []string{tagProcess},
		Security:    open(),
		Summary:     "Whether feeds can be served",
		Description: "Send requests only while this succeeds: it fails until the first load is done, and while the store does not answer.",
		Responses: map[string]*huma.Response{
			"200": jsonResponse[probe](schemas, "Ready."),
			"500": internalResponse(schemas),
			"503": problemResponse(schemas, "Not ready; `detail` says why.", problemOf(http.StatusServiceUnavailable, "the first load is not done")),
		},
	}, a.ready)
}

func (a *api) ready(ctx context.Context, _ *struct{}) (*jsonBody[probe], error) {
	web.Quiet(ctx)
	ctx, cancel := context.WithTimeout(ctx, readyPatience)
	defer cancel()
	if err := a.Ready(ctx); err != nil {
		return nil, problemOf(http.StatusServiceUnavailable, err.Error())
	}
	return answer(probe{"ok"}), nil
}
