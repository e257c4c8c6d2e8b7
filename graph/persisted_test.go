package graph_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"

	"resonance/graph"
	"resonance/internal/errs"
)

// byHash asks for a document by the hash of one, with its text or without.
func byHash(t *testing.T, handler http.Handler, hashed, text string) answer {
	t.Helper()
	sum := sha256.Sum256([]byte(hashed))
	body, err := json.Marshal(map[string]any{"query": text, "extensions": map[string]any{
		"persistedQuery": map[string]any{"version": 1, "sha256Hash": hex.EncodeToString(sum[:])},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return send(t, handler, post(string(body)))
}

const topicsDocument = `query Topics { topics { name } }`

func TestAutomaticPersistedQueries(t *testing.T) {
	handler := newHandler(newWorld())
	if got := byHash(t, handler, topicsDocument, ""); got.code(t) != "PERSISTED_QUERY_NOT_FOUND" || got.Errors[0].Message != "PersistedQueryNotFound" {
		t.Errorf("before it was sent: %s", got.Body)
	}
	if got := byHash(t, handler, topicsDocument, topicsDocument); len(got.Errors) > 0 {
		t.Errorf("sent with its hash: %s", got.Body)
	}
	if got := byHash(t, handler, topicsDocument, ""); len(got.Errors) > 0 || !strings.Contains(got.Body, "Roses") {
		t.Errorf("by its hash: %s", got.Body)
	}
	if got := byHash(t, handler, topicsDocument, topicsDocument+" "); got.code(t) != "BAD_USER_INPUT" {
		t.Errorf("another document with its hash: %s", got.Body)
	}
	hash := sha256.Sum256([]byte(topicsDocument))
	target := "/graphql?" + url.Values{"extensions": {fmt.Sprintf(`{"persistedQuery":{"version":1,"sha256Hash":"%x"}}`, hash)}}.Encode()
	if got := send(t, handler, httptest.NewRequest(http.MethodGet, target, nil)); len(got.Errors) > 0 || !strings.Contains(got.Body, "Roses") {
		t.Errorf("by GET: %s", got.Body)
	}
	for _, extension := range []string{`1`, `{"version": 2}`, `{"version": "x"}`, `{"version": 1, "sha256Hash": 5}`, `[]`, `{}`} {
		if got := send(t, handler, post(`{"extensions": {"persistedQuery": `+extension+`}}`)); got.code(t) != "BAD_USER_INPUT" && got.code(t) != "PERSISTED_QUERY_NOT_FOUND" {
			t.Errorf("%s: %s", extension, got.Body)
		}
	}
}

func TestTooLongADocumentIsNotKept(t *testing.T) {
	handler := newHandler(newWorld())
	long := topicsDocument + strings.Repeat(" ", 32<<10)
	if got := byHash(t, handler, long, long); got.code(t) != "COMPLEXITY_LIMIT" {
		t.Errorf("%.200s", got.Body)
	}
	if got := byHash(t, handler, long, ""); got.code(t) != "PERSISTED_QUERY_NOT_FOUND" {
		t.Errorf("%.200s", got.Body)
	}
}

// The documents kept are the last 512.
func TestTheOldestDocumentGoes(t *testing.T) {
	handler := newHandler(newWorld())
	document := func(n int) string { return fmt.Sprintf("query Q%d { __typename }", n) }
	for n := range 513 {
		byHash(t, handler, document(n), document(n))
	}
	if got := byHash(t, handler, document(1), ""); len(got.Errors) > 0 {
		t.Errorf("the second: %s", got.Body)
	}
	if got := byHash(t, handler, document(0), ""); got.code(t) != "PERSISTED_QUERY_NOT_FOUND" {
		t.Errorf("the first: %s", got.Body)
	}
}

func TestOnlyTrustedDocumentsRun(t *testing.T) {
	trusted, err := graph.ReadTrusted(fstest.MapFS{
		"app/topics.graphql": {Data: []byte(topicsDocument + "\n")},
		"one.gql":            {Data: []byte(`query One($id: ID!) { post(id: $id) { databaseId } }`)},
		"README.md":          {Data: []byte("no document")},
	})
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld()
	handler := graph.NewHandler(w.services(), graph.Options{Introspection: true, Trusted: trusted})
	for name, got := range map[string]answer{
		"text":                      ask(t, handler, topicsDocument, ""),
		"text with its line break":  ask(t, handler, topicsDocument+"\n", ""),
		"hash":                      byHash(t, handler, topicsDocument, ""),
		"hash of the file":          byHash(t, handler, topicsDocument+"\n", ""),
		"hash and text":             byHash(t, handler, topicsDocument, topicsDocument),
		"variables are not part of": ask(t, handler, `query One($id: ID!) { post(id: $id) { databaseId } }`, `{"id": 1}`),
	} {
		if len(got.Errors) > 0 || got.Status != 200 {
			t.Errorf("%s: %s", name, got.Body)
		}
	}
	before := w.calls.Load()
	other := `query Topics { topics { name id } }`
	for name, got := range map[string]answer{
		"other text":                    ask(t, handler, other, ""),
		"introspection":                 ask(t, handler, `{ __schema { queryType { name } } }`, ""),
		"hash of another":               byHash(t, handler, other, ""),
		"another with a trusted hash":   byHash(t, handler, topicsDocument, other),
		"another, to be kept":           byHash(t, handler, other, other),
		"no hash":                       send(t, handler, post(`{"extensions": {"persistedQuery": {}}}`)),
		"the same but for a space":      ask(t, handler, strings.Replace(topicsDocument, " ", "  ", 1), ""),
		"a trusted one and another one": ask(t, handler, topicsDocument+other, ""),
	} {
		if got.code(t) != "FORBIDDEN" || got.Status != http.StatusForbidden || got.Data != nil {
			t.Errorf("%s: %d %s", name, got.Status, got.Body)
		}
	}
	if w.calls.Load() != before {
		t.Error("work was done for a document that is not trusted")
	}
}

func TestAWrongTrustedDocumentIsNamed(t *testing.T) {
	for want, files := range map[string]fstest.MapFS{
		"old.graphql":   {"new.graphql": {Data: []byte(topicsDocument)}, "old.graphql": {Data: []byte(`{ gone }`)}},
		"a/half.gql":    {"a/half.gql": {Data: []byte(`query {`)}},
		"holds no file": {"topics.txt": {Data: []byte(topicsDocument)}},
	} {
		if _, err := graph.ReadTrusted(files); !errors.Is(err, errs.Invalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %s named", err, want)
		}
	}
}
