package graph

import (
	"cmp"
	"context"
	"fmt"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"resonance/internal/caller"
	"resonance/internal/web"
)

// transport speaks GraphQL over HTTP as its specification says
// (https://graphql.github.io/graphql-over-http/draft/), where gqlgen's own transports do not: it
// leaves data out of answers to requests that were not executed, answers 405 and 415, gives every
// error a code, and never sends a body back. It also copies an answer once, where they encode the
// encoded data again. Who asks for a stream of events gets one, see events.
type transport struct{ *streams }

// Supports accepts every request: it is the last transport.
func (transport) Supports(*http.Request) bool { return true }

// Do answers a request.
func (t transport) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	if r.Method == http.MethodOptions {
		w.Header().Set("Allow", allowedMethods)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	accept := r.Header.Get("Accept")
	media := acceptedMedia(accept, mediaJSON, mediaResponse)
	w.Header().Set("Content-Type", media+"; charset=utf-8")
	if err := caller.Of(r.Context()).May(caller.Read); err != nil {
		refuse(w, r, exec, denial(err))
		return
	}
	request, why := readRequest(r)
	if why != nil {
		refuse(w, r, exec, why)
		return
	}
	streams := acceptedMedia(accept, mediaJSON, mediaResponse, mediaEvents) == mediaEvents
	operation, invalid := exec.CreateOperationContext(r.Context(), request)
	if invalid != nil {
		response := exec.DispatchError(graphql.WithOperationContext(r.Context(), operation), invalid)
		if streams {
			t.oneEvent(w, response)
			return
		}
		writeResponse(w, statusOfInvalid(media, invalid), response)
		return
	}
	kind := operation.Operation.Operation
	switch why := mayRun(r, kind); {
	case why != nil:
		refuse(w, r, exec, why)
	case kind == ast.Subscription && !accepts(accept, mediaEvents):
		refuse(w, r, exec, refusef(http.StatusNotAcceptable, "a subscription takes a WebSocket, or the header Accept: %s", mediaEvents))
	case kind == ast.Subscription, streams:
		t.stream(w, r, exec, operation)
	default:
		t.answer(w, r, exec, operation)
	}
}

// answer executes a query or mutation and sends its one response.
func (transport) answer(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor, operation *graphql.OperationContext) {
	ctx, cancel := context.WithTimeout(r.Context(), maxTime)
	defer cancel()
	respond, ctx := exec.DispatchOperation(ctx, operation)
	response := respond(ctx)
	if response == nil && r.Context().Err() == nil { // the time was over before anything was answered
		refuse(w, r, exec, tooSlow())
		return
	}
	writeResponse(w, http.StatusOK, response)
}

// mayRun returns nil, or why a request may not run an operation of this kind.
func mayRun(r *http.Request, kind ast.Operation) *refusal {
	if r.Method == http.MethodGet && kind == ast.Mutation {
		return refusef(http.StatusMethodNotAllowed, "a GET request can only read: send a %s by POST", kind)
	}
	if err := caller.Of(r.Context()).May(rightFor(kind)); err != nil {
		return denial(err)
	}
	return nil
}

// statusOfInvalid returns the status for a document or variables that are wrong: clients that ask
// for plain JSON take anything but 200 for a failure of the network.
func statusOfInvalid(media string, errors gqlerror.List) int {
	switch {
	case errors[0].Extensions["code"] == codeForbidden:
		return http.StatusForbidden
	case media == mediaJSON:
		return http.StatusOK
	}
	return http.StatusBadRequest
}

// rightFor returns what an operation takes; a mutation may ask for more than that itself.
func rightFor(kind ast.Operation) caller.Right {
	if kind == ast.Mutation {
		return caller.Write
	}
	return caller.Read
}

// refusal says why a request is not executed.
type refusal struct {
	status        int
	code, message string
}

func tooSlow() *refusal {
	return &refusal{http.StatusServiceUnavailable, codeUnavailable, fmt.Sprintf("the operation took longer than %s", maxTime)}
}

// tooMany is the refusal of one more of what somebody has many of.
func tooMany(format string, args ...any) *refusal {
	return &refusal{http.StatusTooManyRequests, codeRateLimited, fmt.Sprintf(format, args...)}
}

func refusef(status int, format string, args ...any) *refusal {
	return &refusal{status, codeBadRequest, fmt.Sprintf(format, args...)}
}

// denial is the refusal of a caller who may not ask this.
func denial(err error) *refusal {
	code, message := classify(err)
	if code == codeUnauthenticated {
		return &refusal{http.StatusUnauthorized, code, message}
	}
	return &refusal{http.StatusForbidden, code, message}
}

// codes are the codes of what is refused before the door has seen it, by HTTP status.
var codes = map[int]string{
	http.StatusTooManyRequests:     codeRateLimited,
	http.StatusServiceUnavailable:  codeUnavailable,
	http.StatusInternalServerError: codeInternal,
}

// Refuse answers a request to this door in its language, where the server around it refuses it.
func Refuse(w http.ResponseWriter, r *http.Request, status int, detail string) {
	err := &gqlerror.Error{Message: detail}
	errcode.Set(err, cmp.Or(codes[status], codeBadRequest))
	media := acceptedMedia(r.Header.Get("Accept"), mediaJSON, mediaResponse) + "; charset=utf-8"
	web.WriteInstead(w, status, media, encode(&graphql.Response{Errors: gqlerror.List{err}}))
}

func refuse(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor, why *refusal) {
	if why.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", allowedMethods)
	}
	if why.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	writeResponse(w, why.status, why.response(r.Context(), exec))
}

// response returns what a client reads of the refusal.
func (why *refusal) response(ctx context.Context, exec graphql.GraphExecutor) *graphql.Response {
	err := &gqlerror.Error{Message: why.message}
	errcode.Set(err, why.code)
	return exec.DispatchError(ctx, gqlerror.List{err})
}
