package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"

	"resonance/internal/web"
)

const (
	allowedMethods = "GET, POST, OPTIONS"
	mediaJSON      = "application/json"
	mediaResponse  = "application/graphql-response+json"
	mediaEvents    = "text/event-stream"
)

// readRequest reads what is asked, or says why it is not a GraphQL request.
func readRequest(r *http.Request) (request *graphql.RawParams, why *refusal) {
	switch r.Method {
	case http.MethodGet:
		request, why = readURL(r.URL)
	case http.MethodPost:
		request, why = readBody(r)
	default:
		why = refusef(http.StatusMethodNotAllowed, "the method must be one of %s", allowedMethods)
	}
	if why != nil {
		return nil, why
	}
	request.Headers = r.Header
	return request, holdsDocument(request)
}

// holdsDocument returns nil if a request holds a document or names one.
func holdsDocument(request *graphql.RawParams) *refusal {
	if request.Query == "" && request.Extensions["persistedQuery"] == nil {
		return refusef(http.StatusBadRequest, "query: must hold a GraphQL document")
	}
	return nil
}

func readURL(u *url.URL) (*graphql.RawParams, *refusal) {
	values, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, refusef(http.StatusBadRequest, "the query string is malformed")
	}
	request := &graphql.RawParams{Query: values.Get("query"), OperationName: values.Get("operationName")}
	for _, member := range []struct {
		name string
		into *map[string]any
	}{{"variables", &request.Variables}, {"extensions", &request.Extensions}} {
		if text := values.Get(member.name); text != "" && decode(strings.NewReader(text), member.into) != nil {
			return nil, refusef(http.StatusBadRequest, "%s: must be a JSON object", member.name)
		}
	}
	return request, nil
}

func readBody(r *http.Request) (*graphql.RawParams, *refusal) {
	if !web.IsJSON(r) {
		return nil, refusef(http.StatusUnsupportedMediaType, "the body must be %s in UTF-8", mediaJSON)
	}
	request := new(graphql.RawParams)
	err := decode(r.Body, request)
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, refusef(http.StatusRequestEntityTooLarge, "the body is too large")
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field == "" && wrong.Value == "array" {
		return nil, refusef(http.StatusBadRequest, "the body is a batch: send one operation a request")
	}
	if errors.Is(err, errEncoding) {
		return nil, refusef(http.StatusBadRequest, "the body must be %s in UTF-8", mediaJSON)
	}
	if err != nil {
		return nil, refusef(http.StatusBadRequest,
			"the body must be one JSON object: query, a string, and where needed variables, operationName and extensions")
	}
	return request, nil
}

// errEncoding is what decode returns for what is not UTF-8: encoding/json would make one name of all that
// differ there only.
var errEncoding = errors.New("not UTF-8")

// decode reads one JSON value and nothing after it; numbers keep their digits.
func decode(from io.Reader, into any) error {
	text, err := io.ReadAll(from)
	if err != nil {
		return err
	}
	if !utf8.Valid(text) {
		return errEncoding
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	switch _, err := decoder.Token(); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	}
	return errors.New("more than one JSON value")
}
