package rest

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"resonance/internal/errs"
	"resonance/internal/interaction"
	"resonance/internal/web"
)

// clientGone is the status that the log shows for a request whose client did not wait; nobody
// receives it.
const clientGone = 499

// problem is an error answer as the OpenAPI document shows it. huma.ErrorModel is what is written:
// the same keys, and two that are never set.
type problem struct {
	Title  string       `json:"title" example:"Unprocessable Entity" doc:"The status in words."`
	Status int          `json:"status" minimum:"400" maximum:"599" example:"422" doc:"The HTTP status."`
	Detail string       `json:"detail" example:"validation failed" doc:"What went wrong this time."`
	Errors []wrongInput `json:"errors,omitempty" nullable:"false" doc:"The parameters that are wrong, when any are."`
}

type wrongInput struct {
	Message  string `json:"message" example:"expected number >= 1" doc:"What is wrong, or what is accepted."`
	Location string `json:"location" example:"query.top_k" doc:"Which parameter: \"query.\" and its name, or \"body\" and the field."`
	Value    any    `json:"value,omitempty" example:"0" doc:"What was sent, where that is a number, true or false, or a short text."`
}

// problem turns an error into the answer that the client sees: the kind gives the status, and the
// text is told only for kinds that are about the request. What is not told is logged.
func (a *api) problem(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return problemOf(clientGone, "the client has gone")
	}
	status := statusOf(err)
	switch status {
	case http.StatusInternalServerError:
		a.Log.Error().Err(err).Str("request_id", web.RequestID(ctx)).Msg("request failed")
		return problemOf(status, web.InternalError)
	case http.StatusServiceUnavailable:
		a.Log.Warn().Err(err).Str("request_id", web.RequestID(ctx)).Msg("request failed for now")
		return problemOf(status, unavailable)
	}
	_, words := refusal(err)
	return problemOf(status, words)
}

const unavailable = "not available at the moment; the same request may succeed later"

// statusOf returns the status for an error's kind; an error of no kind is the server's own.
func statusOf(err error) int {
	switch {
	case errors.Is(err, interaction.ErrAhead): // right in form, and perhaps in fact a little later
		return http.StatusConflict
	case errors.Is(err, errs.Invalid):
		return http.StatusUnprocessableEntity
	case errors.Is(err, errs.NotFound):
		return http.StatusNotFound
	case errors.Is(err, errs.Conflict):
		return http.StatusConflict
	case errors.Is(err, errs.Unauthorized):
		return http.StatusUnauthorized
	case errors.Is(err, errs.Forbidden):
		return http.StatusForbidden
	case errors.Is(err, errs.Unavailable), errors.Is(err, context.DeadlineExceeded):
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

func problemOf(status int, detail string, wrong ...*huma.ErrorDetail) *huma.ErrorModel {
	return &huma.ErrorModel{Title: http.StatusText(status), Status: status, Detail: detail, Errors: wrong}
}
