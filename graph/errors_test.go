package graph_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"resonance/graph"
	"resonance/internal/errs"
)

// observed is a handler with everything it says to the outside.
type observed struct {
	http.Handler
	log   bytes.Buffer
	notes map[string]string
}

func observe(w *world) *observed {
	o := &observed{notes: map[string]string{}}
	o.Handler = graph.NewHandler(w.services(), graph.Options{
		Log:       zerolog.New(&o.log),
		RequestID: func(context.Context) string { return "request-7" },
		Annotate:  func(_ context.Context, k, v string) { o.notes[k] = v },
	})
	return o
}

func TestErrorKindsBecomeCodes(t *testing.T) {
	for _, test := range []struct {
		err           error
		code, message string
		logged        bool
	}{
		{fmt.Errorf("make feed: %w: topK: too odd", errs.Invalid), "BAD_USER_INPUT", "topK: too odd", false},
		{fmt.Errorf("read /secret: %w", errs.NotFound), "NOT_FOUND", "not found", false},
		{fmt.Errorf("read /secret: %w: there is no post 7", errs.NotFound), "NOT_FOUND", "there is no post 7", false},
		{fmt.Errorf("read /secret: %w", errs.Conflict), "CONFLICT", "conflict", false},
		{fmt.Errorf("read /secret: %w: other body", errs.Conflict), "CONFLICT", "other body", false},
		{fmt.Errorf("read /secret: %w: was forgotten", errs.Forbidden), "FORBIDDEN", "was forgotten", false},
		{fmt.Errorf("read /secret: %w: open /secret", errs.Unavailable), "UNAVAILABLE", "unavailable", true},
		{fmt.Errorf("read /secret: %w", errs.Unauthorized), "UNAUTHENTICATED", "unauthorized", false},
		{fmt.Errorf("read /secret: %w", errs.Forbidden), "FORBIDDEN", "forbidden", false},
		{fmt.Errorf("read /secret: %w", errs.Unavailable), "UNAVAILABLE", "unavailable", true},
		{fmt.Errorf("read /secret: %w", context.DeadlineExceeded), "UNAVAILABLE", "unavailable", true},
		{errors.New("read /secret: SELECT failed"), "INTERNAL", "internal error", true},
	} {
		t.Run(test.err.Error(), func(t *testing.T) {
			w := newWorld()
			w.fail = test.err
			o := observe(w)
			got := ask(t, o, `query Wall { feed(username: "ann") { id } }`, "")
			if got.code(t) != test.code || got.Errors[0].Message != test.message || string(got.Data) != "null" || got.Status != http.StatusOK {
				t.Errorf("got %d %s", got.Status, got.Body)
			}
			if o.notes["error"] != test.code {
				t.Errorf("access log is told %v", o.notes)
			}
			line := o.log.String()
			if logged := strings.Contains(line, "/secret") && strings.Contains(line, `"request_id":"request-7"`); logged != test.logged {
				t.Errorf("logged: %q", line)
			}
		})
	}
}

func TestPanicIsAnInternalErrorLoggedOnce(t *testing.T) {
	w := newWorld()
	w.panic = "index out of range in /secret"
	o := observe(w)
	got := ask(t, o, `{ feed(username: "ann") { id } }`, "")
	if got.code(t) != "INTERNAL" || got.Errors[0].Message != "internal error" || strings.Contains(got.Body, "secret") {
		t.Errorf("got %s", got.Body)
	}
	line := o.log.String()
	if strings.Count(line, "\n") != 1 || !strings.Contains(line, "/secret") || !strings.Contains(line, "world_test.go") || !strings.Contains(line, "request-7") {
		t.Errorf("logged: %s", line)
	}
}

func TestAccessLogIsToldTheOperation(t *testing.T) {
	o := observe(newWorld())
	ask(t, o, `query Wall { categories { id } }`, "")
	if o.notes["operation"] != "Wall" || o.notes["operation_kind"] != "query" || o.notes["error"] != "" {
		t.Errorf("told %v", o.notes)
	}
}

func TestWrongDocuments(t *testing.T) {
	for query, code := range map[string]string{
		`{`:                               "GRAPHQL_PARSE_FAILED",
		`{ nothing }`:                     "GRAPHQL_VALIDATION_FAILED",
		`{ feed { id } }`:                 "GRAPHQL_VALIDATION_FAILED",
		`{ feed(username: null) { id } }`: "GRAPHQL_VALIDATION_FAILED",
		`mutation { x }`:                  "GRAPHQL_VALIDATION_FAILED",
		`query A { topics { id } } query B { topics { id } }`: "GRAPHQL_VALIDATION_FAILED",
		`query ($u: String!) { feed(username: $u) { id } }`:   "BAD_USER_INPUT",
	} {
		got := ask(t, newHandler(newWorld()), query, "")
		if len(got.Errors) == 0 || got.Errors[0].Extensions.Code != code || got.Data != nil {
			t.Errorf("%s: %s", query, got.Body)
		}
	}
}

func TestAnOperationThatIsNotThereIsNamedByItsParameter(t *testing.T) {
	for _, body := range []string{
		`{"query": "query A { topics { id } } query B { topics { id } }"}`,
		`{"query": "query A { topics { id } }", "operationName": "operation not found"}`,
	} {
		want := `{"errors":[{"message":"operationName: must be the name of one of the document's operations, unless there is only one","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}`
		if got := send(t, newHandler(newWorld()), post(body)); got.Body != want {
			t.Errorf("%s: %s", body, got.Body)
		}
	}
}
