package graph

import (
	"context"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/rs/zerolog"
	"github.com/vektah/gqlparser/v2/ast"

	"resonance/internal/caller"
	"resonance/internal/web"
)

// Options says how the door behaves.
type Options struct {
	Introspection bool           // whether clients may ask for the schema, and errors suggest names of it
	Trusted       *Trusted       // the documents that may be run; nil: any
	Log           zerolog.Logger // receives errors that are not the client's

	Keys caller.Keyring // tells who opens a WebSocket, by its connection_init
	// CheckOrigin returns whether the page that sends a request may open a WebSocket or a stream. nil:
	// pages of this server only.
	CheckOrigin func(r *http.Request) bool
	Stopping    <-chan struct{} // closed when the server is told to stop: what is open ends. nil: never

	// RequestID returns the id of the request that ctx belongs to. nil: requests have none.
	RequestID func(ctx context.Context) string
	// Annotate adds to the request's line in the access log: operation_kind, operation (its name)
	// and error (a code). It is called concurrently. nil: nowhere.
	Annotate func(ctx context.Context, key, value string)
}

func (o Options) withDefaults() Options {
	if o.RequestID == nil {
		o.RequestID = func(context.Context) string { return "" }
	}
	if o.Annotate == nil {
		o.Annotate = func(context.Context, string, string) {}
	}
	if o.CheckOrigin == nil {
		o.CheckOrigin = web.CheckOrigin(nil)
	}
	return o
}

// parsedDocuments is how many documents are kept parsed and validated: front ends send the same
// few again and again, and a document may take a megabyte once it is parsed.
const parsedDocuments = 128

// NewHandler returns the handler that answers GraphQL over HTTP: POST, GET (no mutations), OPTIONS, with
// a JSON answer or a stream of events; and over WebSockets.
// A request body that is too large is for the server around it to cut off.
func NewHandler(services Services, o Options) http.Handler {
	server := newServer(NewExecutableSchema(Config{Resolvers: resolver{services}}), o.withDefaults())
	server.AroundRootFields(services.load)
	return server
}

func newServer(schema graphql.ExecutableSchema, o Options) *handler.Server {
	server := handler.New(schema)
	streams := newStreams(o)
	server.AddTransport(sockets{streams})
	server.AddTransport(transport{streams})
	server.SetQueryCache(lru.New[*ast.QueryDocument](parsedDocuments))
	server.SetParserTokenLimit(maxTokens)
	server.SetErrorPresenter(o.presentError)
	server.SetRecoverFunc(recovered)
	server.AroundOperations(o.annotateOperation)
	server.Use(limits{}) // first: it bounds what the next keeps
	server.Use(oneField{})
	server.Use(federated{o.Introspection})
	if o.Trusted != nil {
		server.Use(o.Trusted)
	} else {
		server.Use(newAutomatic())
	}
	if o.Introspection {
		server.Use(extension.Introspection{})
	} else {
		server.SetDisableSuggestion(true)
		server.SetValidationRulesFn(secretive)
	}
	return server
}

// annotateOperation tells the access log what was asked: its path is the same for all.
func (o Options) annotateOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	operation := graphql.GetOperationContext(ctx).Operation
	o.Annotate(ctx, "operation_kind", string(operation.Operation))
	if operation.Name != "" {
		o.Annotate(ctx, "operation", operation.Name)
	}
	return next(ctx)
}
