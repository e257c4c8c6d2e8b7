package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"resonance/internal/caller"
	"resonance/internal/web"
)

// Health says what the process holds and how far its background work is. Times are nil for what
// has not happened yet.
type Health struct {
	Posts        int64     `json:"posts" required:"false" minimum:"0" example:"2136" doc:"Posts in the store."`
	Users        int64     `json:"users" required:"false" minimum:"0" example:"1268" doc:"Users with a username in the store."`
	Interactions int64     `json:"interactions" required:"false" minimum:"0" example:"11130" doc:"Interactions in the store."`
	Sync         Sync      `json:"sync" required:"false" doc:"The copying of the upstream catalogue."`
	Embedding    Embedding `json:"embedding" required:"false" doc:"The embedding of posts' texts."`
	Model        Model     `json:"model" required:"false" doc:"The model fitted to interactions."`
}

// States of a Sync.
const (
	SyncOff     = "off"     // there is no upstream
	SyncWaiting = "waiting" // for its next start
	SyncRunning = "running"
	SyncFailing = "failing" // the last pass ended early; it will be tried again
)

// Sync says how the copying of the upstream catalogue stands.
type Sync struct {
	State      string     `json:"state" enum:"off,waiting,running,failing" example:"running" doc:"off: there is no upstream. waiting: for the next start. failing: the last pass ended early and will be tried again."`
	Endpoint   string     `json:"endpoint" example:"posts" doc:"What is being read, or empty."`
	Page       int        `json:"page" minimum:"0" example:"12" doc:"The last page of it that was stored."`
	Rows       int64      `json:"rows" minimum:"0" example:"5500" doc:"Rows read in this pass, or in the last one."`
	StartedAt  *time.Time `json:"started_at" example:"2026-01-02T03:04:05Z" doc:"When this pass, or the last one, started; null before the first."`
	FinishedAt *time.Time `json:"finished_at" example:"2026-01-02T03:04:25Z" doc:"When the last complete pass ended; null before it."`
	Error      *string    `json:"error" example:"upstream answers 503" doc:"What ended the last pass early; null when nothing did."`
}

// Embedding says how the embedding of posts' texts stands.
type Embedding struct {
	Done   int64 `json:"done" minimum:"0" example:"2100" doc:"Posts whose present text is embedded."`
	Queued int64 `json:"queued" minimum:"0" example:"36" doc:"Posts whose text waits to be embedded."`
}

// Model says which model answers. Its zero value is no model yet.
type Model struct {
	Version  int64      `json:"version" minimum:"0" example:"7" doc:"Number of the model, growing; 0 before the first."`
	FittedAt *time.Time `json:"fitted_at" example:"2026-01-02T03:04:05Z" doc:"When it was fitted; null before the first."`
	Events   int64      `json:"events" minimum:"0" example:"11130" doc:"How many interactions it was fitted to."`
	Stale    bool       `json:"stale" example:"false" doc:"Whether interactions have come since."`
}

// health is the answer of GET /.
type health struct {
	Status  string `json:"status" enum:"ok" example:"ok" doc:"Always \"ok\"; a store that does not answer is problem+json with status 503."`
	Version string `json:"version" example:"1.0.0" doc:"The program's version."`
	*Health        // nil for callers who may not see counts
}

func (a *api) addHealth(operations huma.API) {
	schemas := operations.OpenAPI().Components.Schemas
	huma.Register(operations, huma.Operation{
		OperationID: "getHealth",
		Method:      http.MethodGet,
		Path:        "/",
		Tags:        []string{tagProcess},
		Security:    open(),
		Summary:     "What the service holds and how far it is",
		Description: "Counts of what is in the store, and the progress of sync, embedding and model fitting: for callers with a key that is bound to no project. " +
			"Others see status and version. Cheap enough to poll every second.",
		Responses: map[string]*huma.Response{
			"200": jsonResponse[health](schemas, "The state of things."),
			"500": internalResponse(schemas),
			"503": unavailableResponse(schemas),
		},
	}, a.health)
}

func (a *api) health(ctx context.Context, _ *struct{}) (*jsonBody[health], error) {
	web.Quiet(ctx)
	state, err := a.Health(ctx)
	if err != nil {
		return nil, a.problem(ctx, err)
	}
	shown := health{Status: "ok", Version: a.Version}
	if caller.Of(ctx).MayEverywhere(caller.Read) == nil {
		shown.Health = &state
	}
	return answer(shown), nil
}
