package graph

import (
	"context"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"resonance/internal/web"
)

// What stays open is bounded. An app's key may stand for all its users, so one may have half of all.
const (
	maxSubscriptions     = 1000 // of a process
	maxSubscriptionsEach = 500  // of a key, or of an address without one
	maxConnections       = 1000 // that are WebSockets, of a process
	maxConnectionsEach   = 500

	sendTime  = 10 * time.Second // that a client has to take a message
	aliveTime = 15 * time.Second // between two signs of life
)

// streams is what the transports have in common that send more than one response.
type streams struct {
	Options
	subscriptions, connections *places
}

func newStreams(o Options) *streams {
	return &streams{o,
		newPlaces("subscriptions", maxSubscriptions, maxSubscriptionsEach),
		newPlaces("WebSockets", maxConnections, maxConnectionsEach),
	}
}

// admit takes a place for an operation, which a subscription holds for as long as it runs.
func (s *streams) admit(r *http.Request, kind ast.Operation) (leave func(), why *refusal) {
	if kind == ast.Subscription {
		return s.subscriptions.take(web.Asker(r))
	}
	leave, ok := web.Enter(r.Context())
	if !ok {
		return nil, &refusal{http.StatusServiceUnavailable, codeUnavailable, "too many requests at the moment; the same one may succeed later"}
	}
	return leave, nil
}

// run executes an operation and sends its responses, in order, until there are no more, ctx ends or
// send fails. The last response of an operation that is cut short says why.
func run(ctx context.Context, exec graphql.GraphExecutor, operation *graphql.OperationContext, send func(*graphql.Response) error) {
	defer func() {
		if cause := recover(); cause != nil {
			err := gqlerror.Wrap(&panicError{value: cause, stack: debug.Stack()})
			_ = send(exec.DispatchError(ctx, gqlerror.List{err})) // nothing comes after it
		}
	}()
	until := ctx
	if operation.Operation.Operation != ast.Subscription {
		var cancel context.CancelFunc
		until, cancel = context.WithTimeout(ctx, maxTime)
		defer cancel()
	}
	respond, until := exec.DispatchOperation(until, operation)
	response := respond(until)
	if response == nil && until.Err() != nil && ctx.Err() == nil {
		response = tooSlow().response(ctx, exec)
	}
	for response != nil && send(response) == nil {
		response = respond(until)
	}
}
