package graph_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"resonance/graph"
	"resonance/internal/caller"
)

// answer is what a client reads.
type answer struct {
	Status int             `json:"-"`
	Header http.Header     `json:"-"`
	Body   string          `json:"-"`
	Data   json.RawMessage `json:"data"`
	Errors []struct {
		Message    string `json:"message"`
		Path       []any  `json:"path"`
		Extensions struct {
			Code string `json:"code"`
		} `json:"extensions"`
	} `json:"errors"`
}

// code returns the code of the only error, "" without errors.
func (a answer) code(t *testing.T) string {
	t.Helper()
	switch len(a.Errors) {
	case 0:
		return ""
	case 1:
		return a.Errors[0].Extensions.Code
	}
	t.Fatalf("more than one error: %s", a.Body)
	return ""
}

// read decodes the data, which must have come without errors.
func (a answer) read(t *testing.T, into any) {
	t.Helper()
	if len(a.Errors) > 0 {
		t.Fatalf("errors: %s", a.Body)
	}
	if err := json.Unmarshal(a.Data, into); err != nil {
		t.Fatal(err)
	}
}

func send(t *testing.T, handler http.Handler, r *http.Request) answer {
	t.Helper()
	w := httptest.NewRecorder()
	if !caller.Of(r.Context()).Read {
		r = r.WithContext(caller.With(r.Context(), caller.Anyone()))
	}
	handler.ServeHTTP(w, r)
	a := answer{Status: w.Code, Header: w.Result().Header, Body: w.Body.String()}
	if a.Body != "" {
		if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
			t.Fatalf("body %q: %v", a.Body, err)
		}
	}
	return a
}

// ask posts a document with variables, a JSON object or "".
func ask(t *testing.T, handler http.Handler, query, variables string) answer {
	t.Helper()
	body := map[string]any{"query": query}
	if variables != "" {
		body["variables"] = json.RawMessage(variables)
	}
	encoded, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return send(t, handler, post(string(encoded)))
}

func post(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return r
}

func newHandler(w *world) http.Handler {
	return graph.NewHandler(w.services(), graph.Options{Introspection: true})
}

func schema() *ast.Schema {
	return graph.NewExecutableSchema(graph.Config{}).Schema()
}

// everyField selects all there is below a type.
func everyField(schema *ast.Schema, typeName string) string {
	var b strings.Builder
	b.WriteString("{ ")
	for _, field := range schema.Types[typeName].Fields {
		if strings.HasPrefix(field.Name, "__") {
			continue
		}
		b.WriteString(field.Name + " ")
		if of := schema.Types[field.Type.Name()]; of.IsCompositeType() {
			b.WriteString(everyField(schema, of.Name))
		}
	}
	b.WriteString("} ")
	return b.String()
}
