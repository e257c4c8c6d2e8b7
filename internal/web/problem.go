package web

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"
)

// ProblemType is the media type of every error answer (RFC 9457).
const ProblemType = "application/problem+json"

// InternalError is all that a client is told of an error that is not its own.
const InternalError = "internal error"

// Problem is an error answer. Its type is "about:blank", which RFC 9457 lets out: the status says
// what kind of problem it is, and Title is that status in words.
type Problem struct {
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
}

// WriteProblem answers with a Problem. What headers there are stay, except those that describe a
// body.
func WriteProblem(w http.ResponseWriter, status int, detail string) {
	body, _ := json.Marshal(Problem{http.StatusText(status), status, detail}) // strings and a number: no error is possible
	WriteInstead(w, status, ProblemType, body)
}

// WriteInstead answers with body in place of an answer that may have been prepared: headers that
// describe that one's body go, the others stay.
func WriteInstead(w http.ResponseWriter, status int, contentType string, body []byte) {
	header := w.Header()
	for _, name := range []string{"Content-Length", "Content-Encoding", "Cache-Control", "Etag", "Last-Modified"} {
		header.Del(name)
	}
	header.Set("Content-Type", contentType)
	w.WriteHeader(status)
	w.Write(body) //nolint:errcheck // the client has gone: nobody is left to tell
}

func notFound(w http.ResponseWriter, _ *http.Request) {
	WriteProblem(w, http.StatusNotFound, "no such path")
}

// methodNotAllowed names the methods that the path does answer, as RFC 9110 demands of a 405.
func methodNotAllowed(w http.ResponseWriter, r *http.Request) {
	allowed := strings.Join(allowedMethods(r), ", ")
	if allowed == "" {
		notFound(w, r)
		return
	}
	w.Header().Set("Allow", allowed)
	WriteProblem(w, http.StatusMethodNotAllowed, "the path answers "+allowed)
}

func allowedMethods(r *http.Request) (allowed []string) {
	path := r.URL.RawPath
	if path == "" {
		path = r.URL.Path
	}
	routes := chi.RouteContext(r.Context()).Routes
	for _, method := range methods {
		asked := method
		if method == http.MethodHead {
			asked = http.MethodGet
		}
		if routes.Match(chi.NewRouteContext(), asked, path) {
			allowed = append(allowed, method)
		}
	}
	return allowed
}
