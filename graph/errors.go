package graph

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"resonance/internal/errs"
)

// The codes that extensions.code of an error may hold, besides gqlgen's GRAPHQL_PARSE_FAILED and
// GRAPHQL_VALIDATION_FAILED.
const (
	codeBadRequest      = "BAD_REQUEST"      // the HTTP request is no GraphQL request
	codeBadUserInput    = "BAD_USER_INPUT"   // the message names the argument and what it accepts
	codeComplexityLimit = "COMPLEXITY_LIMIT" // the document asks for too much at once
	codeNotFound        = "NOT_FOUND"
	codeConflict        = "CONFLICT" // with what was accepted before
	codeUnauthenticated = "UNAUTHENTICATED"
	codeForbidden       = "FORBIDDEN"
	codeRateLimited     = "RATE_LIMITED"
	codeUnavailable     = "UNAVAILABLE" // the same request may succeed later
	codeInternal        = "INTERNAL"
)

// classify returns the code of an error and what a client is told of it. What follows the kind's
// own words is written for clients, by the contract of errs.Detail; all else may name tables and hosts.
func classify(err error) (code, message string) {
	switch {
	case errors.Is(err, errs.Invalid):
		return codeBadUserInput, detail(err, errs.Invalid, err.Error())
	case errors.Is(err, errs.NotFound):
		return codeNotFound, detail(err, errs.NotFound, errs.NotFound.Error())
	case errors.Is(err, errs.Conflict):
		return codeConflict, detail(err, errs.Conflict, errs.Conflict.Error())
	case errors.Is(err, errs.Forbidden):
		return codeForbidden, detail(err, errs.Forbidden, errs.Forbidden.Error())
	case errors.Is(err, errs.Unauthorized):
		return codeUnauthenticated, detail(err, errs.Unauthorized, errs.Unauthorized.Error())
	case errors.Is(err, errs.Unavailable), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return codeUnavailable, errs.Unavailable.Error()
	}
	return codeInternal, "internal error"
}

func detail(err, kind error, otherwise string) string {
	if text, ok := errs.Detail(err, kind); ok {
		return text
	}
	return otherwise
}

// presentError gives an error its code and the message that a client may read. It is the one place
// where errors are logged: those that are nobody's input, with the request's id.
func (o Options) presentError(ctx context.Context, err error) *gqlerror.Error {
	presented := graphql.DefaultErrorPresenter(ctx, err)
	code, given := presented.Extensions["code"].(string)
	switch argument := argumentPath(ctx, presented); {
	case code == errcode.ParseFailed && strings.HasPrefix(presented.Message, "exceeded token limit"):
		code, presented.Message = codeComplexityLimit, fmt.Sprintf("the document has more than %d tokens", maxTokens)
	case code == errcode.ValidationFailed && isNoOperation(presented):
		presented.Message = "operationName: must be the name of one of the document's operations, unless there is only one"
	case given && isVariable(code, presented.Path):
		code, presented.Message = codeBadUserInput, "$"+presented.Path[1:].String()+": "+variableMessage(presented.Message)
		presented.Path = nil
	case given:
	case argument != nil:
		code, presented.Message = codeBadUserInput, argument.String()+": "+presented.Message
		presented.Path = graphql.GetFieldContext(ctx).Path()
	default:
		text := presented.Message
		code, presented.Message = classify(err)
		o.logError(ctx, code, presented, text)
	}
	errcode.Set(presented, code)
	o.Annotate(ctx, "error", code)
	return presented
}

// isNoOperation reports whether an error says that there is none of the name that was sent, which it repeats.
func isNoOperation(err *gqlerror.Error) bool {
	return err.Locations == nil && strings.HasPrefix(err.Message, "operation ") && strings.HasSuffix(err.Message, " not found")
}

// isVariable reports whether an error is about the value of a variable: wrong input to a right
// document, though gqlgen calls both invalid.
func isVariable(code string, path ast.Path) bool {
	return code == errcode.ValidationFailed && len(path) > 1 && path[0] == ast.PathName("variable")
}

// variableMessage says what a variable must be where the message is what its JSON was decoded into.
func variableMessage(message string) string {
	if _, wanted, found := strings.Cut(message, " as "); found && strings.HasPrefix(message, "cannot use ") {
		return "must be of type " + wanted
	}
	return message
}

// argumentPath returns the path of the argument whose value could not be read, or nil: gqlgen
// appends it to the path of the field.
func argumentPath(ctx context.Context, err *gqlerror.Error) ast.Path {
	field := graphql.GetFieldContext(ctx)
	if field == nil {
		return nil
	}
	if own := field.Path(); len(err.Path) > len(own) {
		return err.Path[len(own):]
	}
	return nil
}

// logError logs what is not the client's doing. When the client has gone every call fails, which
// says nothing, but a panic is always a bug.
func (o Options) logError(ctx context.Context, code string, err *gqlerror.Error, text string) {
	panicked, isPanic := errors.AsType[*panicError](err)
	if (code != codeInternal && code != codeUnavailable) || (ctx.Err() != nil && !isPanic) {
		return
	}
	line := o.Log.Error().Str("request_id", o.RequestID(ctx)).Stringer("path", err.Path).Str("error", text)
	if isPanic {
		line.Bytes("stack", panicked.stack)
	}
	line.Msg("GraphQL field failed")
}

// panicError is a panic that a resolver recovered from.
type panicError struct {
	value any
	stack []byte
}

// Error describes the panic without its stack.
func (p *panicError) Error() string { return fmt.Sprintf("panic: %v", p.value) }

func recovered(_ context.Context, value any) error {
	return &panicError{value: value, stack: debug.Stack()}
}
