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
// encoded data again.
type transport struct{}

// Supports reports whether the request is for this transport: any that does not change protocol.
func (transport) Supports(r *http.Request) bool { return r.Header.Get("Upgrade") == "" }

// Do answers a request.
func (transport) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	if r.Method == http.MethodOptions {
		w.Header().Set("Allow", allowedMethods)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	media := acceptedMedia(r.Header.Get("Accept"))
	w.Header().Set("Content-Type", media+"; charset=utf-8")
	ctx := r.Context()
	asks := caller.Of(ctx)
	if err := asks.May(caller.Read); err != nil {
		refuse(w, r, exec, denial(err))
		return
	}
	request, why := readRequest(r)
	if why != nil {
		refuse(w, r, exec, why)
		return
	}
	operation, invalid := exec.CreateOperationContext(ctx, request)
	if invalid != nil {
		writeResponse(w, statusOfInvalid(media, invalid), exec.DispatchError(graphql.WithOperationContext(ctx, operation), invalid))
		return
	}
	kind := operation.Operation.Operation
	if r.Method == http.MethodGet && kind != ast.Query {
		refuse(w, r, exec, refusef(http.StatusMethodNotAllowed, "a GET request can only run a query: send a %s by POST", kind))
		return
	}
	if err := asks.May(rightFor(kind)); err != nil {
		refuse(w, r, exec, denial(err))
		return
	}
	ctx, cancel := context.WithTimeout(ctx, maxTime)
	defer cancel()
	respond, ctx := exec.DispatchOperation(ctx, operation)
	response := respond(ctx)
	if response == nil && r.Context().Err() == nil { // the time was over before anything was answered
		refuse(w, r, exec, &refusal{http.StatusServiceUnavailable, codeUnavailable, fmt.Sprintf("the operation took longer than %s", maxTime)})
		return
	}
	writeResponse(w, http.StatusOK, response)
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
	media := acceptedMedia(r.Header.Get("Accept")) + "; charset=utf-8"
	web.WriteInstead(w, status, media, encode(&graphql.Response{Errors: gqlerror.List{err}}))
}

func refuse(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor, why *refusal) {
	if why.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", allowedMethods)
	}
	if why.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	err := &gqlerror.Error{Message: why.message}
	errcode.Set(err, why.code)
	writeResponse(w, why.status, exec.DispatchError(r.Context(), gqlerror.List{err}))
}
