package graph

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"resonance/internal/caller"
)

// newDoor is the handler over a schema with a mutation, which resolves every field to 1.
func newDoor() (door http.Handler, executed *int) {
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: `
		type Query { one(of: Int): Int }
		type Mutation { write: Int }`})
	executed = new(int)
	door = newServer(&graphql.ExecutableSchemaMock{
		SchemaFunc: func() *ast.Schema { return schema },
		ExecFunc: func(context.Context) graphql.ResponseHandler {
			*executed++
			return graphql.OneShot(&graphql.Response{Data: json.RawMessage(`{"one":1}`)})
		},
	}, Options{}.withDefaults())
	return door, executed
}

func do(door http.Handler, method, target, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	door.ServeHTTP(w, r.WithContext(caller.With(r.Context(), caller.Anyone())))
	return w
}

const executedBody = `{"data":{"one":1}}`

func TestPost(t *testing.T) {
	for _, test := range []struct {
		name, media, body string
		status            int
	}{
		{"plain", "application/json", `{"query": "{ one }"}`, 200},
		{"charset", "application/json; charset=UTF-8", `{"query": "{ one }"}`, 200},
		{"nulls", "application/json", `{"query": "{ one }", "variables": null, "operationName": null, "extensions": null}`, 200},
		{"unknown member", "application/json", `{"query": "{ one }", "more": 1}`, 200},
		{"mutation", "application/json", `{"query": "mutation { write }"}`, 200},
		{"operation name", "application/json", `{"query": "query A { one } query B { one }", "operationName": "B"}`, 200},
		{"no query", "application/json", `{"variables": {}}`, 400},
		{"null", "application/json", `null`, 400},
		{"number as query", "application/json", `{"query": 1}`, 400},
		{"text as variables", "application/json", `{"query": "{ one }", "variables": "{}"}`, 400},
		{"list as variables", "application/json", `{"query": "{ one }", "variables": []}`, 400},
		{"number as operation name", "application/json", `{"query": "{ one }", "operationName": 1}`, 400},
		{"list as extensions", "application/json", `{"query": "{ one }", "extensions": []}`, 400},
		{"no UTF-8", "application/json", "{\"query\": \"{ one }\", \"variables\": {\"x\": \"\xff\"}}", 400},
		{"batch", "application/json", `[{"query": "{ one }"}]`, 400},
		{"two values", "application/json", `{"query": "{ one }"}{}`, 400},
		{"garbage behind", "application/json", `{"query": "{ one }"}x`, 400},
		{"broken", "application/json", `{"query": "secret`, 400},
		{"empty", "application/json", ``, 400},
		{"text", "text/plain", `{"query": "{ one }"}`, 415},
		{"form", "application/x-www-form-urlencoded", `query={one}`, 415},
		{"no media type", "", `{"query": "{ one }"}`, 415},
		{"latin", "application/json; charset=latin1", `{"query": "{ one }"}`, 415},
	} {
		t.Run(test.name, func(t *testing.T) {
			door, executed := newDoor()
			w := do(door, "POST", "/graphql", test.body, "Content-Type", test.media)
			if w.Code != test.status {
				t.Errorf("status %d, want %d: %s", w.Code, test.status, w.Body)
			}
			if test.status == 200 && (w.Body.String() != executedBody || *executed != 1) {
				t.Errorf("body %s", w.Body)
			}
			if test.status != 200 {
				isRefusal(t, w)
			}
		})
	}
}

func isRefusal(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	body := w.Body.String()
	if !json.Valid(w.Body.Bytes()) || !strings.Contains(body, `"code":"BAD_REQUEST"`) || strings.Contains(body, "data") || strings.Contains(body, "secret") {
		t.Errorf("body %s", body)
	}
}

func TestTooLargeABody(t *testing.T) {
	door, _ := newDoor()
	r := httptest.NewRequest(http.MethodPost, "/graphql", nil)
	r = r.WithContext(caller.With(r.Context(), caller.Anyone()))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	r.Body = http.MaxBytesReader(w, io.NopCloser(strings.NewReader(`{"query": "{ one }"}`)), 10)
	door.ServeHTTP(w, r)
	if w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	isRefusal(t, w)
}

func TestGet(t *testing.T) {
	for _, test := range []struct {
		name   string
		values url.Values
		status int
	}{
		{"query", url.Values{"query": {"{ one }"}}, 200},
		{"variables", url.Values{"query": {"query ($n: Int) { one(of: $n) }"}, "variables": {`{"n": 1}`}, "extensions": {"{}"}}, 200},
		{"operation name", url.Values{"query": {"query A { one } mutation B { write }"}, "operationName": {"A"}}, 200},
		{"empty variables", url.Values{"query": {"{ one }"}, "variables": {""}}, 200},
		{"nothing", url.Values{}, 400},
		{"list as variables", url.Values{"query": {"{ one }"}, "variables": {"[]"}}, 400},
		{"broken extensions", url.Values{"query": {"{ one }"}, "extensions": {"{"}}, 400},
		{"mutation", url.Values{"query": {"mutation { write }"}}, 405},
		{"mutation by name", url.Values{"query": {"query A { one } mutation B { write }"}, "operationName": {"B"}}, 405},
	} {
		t.Run(test.name, func(t *testing.T) {
			door, executed := newDoor()
			w := do(door, "GET", "/graphql?"+test.values.Encode(), "")
			if w.Code != test.status {
				t.Errorf("status %d, want %d: %s", w.Code, test.status, w.Body)
			}
			if test.status != 200 {
				isRefusal(t, w)
				if *executed != 0 {
					t.Error("it was executed")
				}
			}
			if test.status == 405 && w.Header().Get("Allow") == "" {
				t.Error("Allow is missing")
			}
		})
	}
	door, _ := newDoor()
	if w := do(door, "GET", "/graphql?query=%zz", ""); w.Code != 400 {
		t.Errorf("malformed query string: status %d", w.Code)
	}
}

func TestOtherMethods(t *testing.T) {
	door, _ := newDoor()
	if w := do(door, "OPTIONS", "/graphql", ""); w.Code != 204 || w.Header().Get("Allow") != "GET, POST, OPTIONS" || w.Body.Len() > 0 {
		t.Errorf("OPTIONS: %d %v %s", w.Code, w.Header(), w.Body)
	}
	for _, method := range []string{"PUT", "DELETE", "PATCH", "HEAD"} {
		if w := do(door, method, "/graphql", ""); w.Code != 405 || w.Header().Get("Allow") != "GET, POST, OPTIONS" {
			t.Errorf("%s: %d %v", method, w.Code, w.Header())
		}
	}
}

func TestMediaTypeOfTheAnswer(t *testing.T) {
	for accept, want := range map[string]string{
		"":                                  mediaJSON,
		"*/*":                               mediaJSON,
		"application/*":                     mediaJSON,
		"text/html":                         mediaJSON,
		"application/json":                  mediaJSON,
		"application/graphql-response+json": mediaResponse,
		"application/graphql-response+json; charset=utf-8, application/json; charset=utf-8": mediaResponse,
		"application/json, application/graphql-response+json":                               mediaJSON,
		"application/json;q=.5, application/graphql-response+json;q=.9":                     mediaResponse,
		"application/graphql-response+json;q=0":                                             mediaJSON,
		"*/*, application/graphql-response+json":                                            mediaResponse,
		";;,,application/graphql-response+json":                                             mediaResponse,
	} {
		door, _ := newDoor()
		w := do(door, "POST", "/graphql", `{"query": "{ one }"}`, "Content-Type", mediaJSON, "Accept", accept)
		if got := w.Header().Get("Content-Type"); got != want+"; charset=utf-8" || w.Code != 200 {
			t.Errorf("Accept %q: %q", accept, got)
		}
	}
}

func TestStatusOfAWrongDocument(t *testing.T) {
	for _, body := range []string{
		`{"query": "{"}`, `{"query": "{ two }"}`, `{"query": "query ($n: Int!) { one(of: $n) }"}`, `{"query": "{ one }", "operationName": "B"}`,
	} {
		for media, status := range map[string]int{mediaJSON: 200, mediaResponse: 400} {
			door, executed := newDoor()
			w := do(door, "POST", "/graphql", body, "Content-Type", mediaJSON, "Accept", media)
			if w.Code != status || strings.Contains(w.Body.String(), `"data"`) || *executed != 0 {
				t.Errorf("%s as %s: %d %s", body, media, w.Code, w.Body)
			}
		}
	}
}

func TestNoAnswerToAClientThatHasGone(t *testing.T) {
	door, _ := newDoor()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r := httptest.NewRequest(http.MethodGet, "/graphql?query={one}", nil).WithContext(caller.With(ctx, caller.Anyone()))
	w := httptest.NewRecorder()
	door.ServeHTTP(w, r)
	if w.Body.Len() > 0 {
		t.Errorf("body %s", w.Body)
	}
}

func TestEncode(t *testing.T) {
	response := &graphql.Response{Data: json.RawMessage(`null`), Extensions: map[string]any{"a": 1}}
	if got := string(encode(response)); got != `{"data":null,"extensions":{"a":1}}` {
		t.Error(got)
	}
	failed := graphql.ErrorResponse(context.Background(), "no")
	failed.Data = json.RawMessage(`{}`)
	if got := string(encode(failed)); got != `{"errors":[{"message":"no"}],"data":{}}` {
		t.Error(got)
	}
}

func FuzzPost(f *testing.F) {
	for _, seed := range []string{`{"query": "{ one }"}`, `{"query": "query ($n: Int) { one(of: $n) }", "variables": {"n": 1}}`, `[]`, `{"query": 1}`, ``} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		door, _ := newDoor()
		w := do(door, "POST", "/graphql", body, "Content-Type", mediaJSON)
		if !json.Valid(w.Body.Bytes()) || w.Code >= 500 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		if strings.Contains(w.Body.String(), "INTERNAL") {
			t.Error(errors.New(w.Body.String()))
		}
	})
}

// Whatever comes over a WebSocket is read, or the WebSocket closed with the code for it.
func FuzzMessage(f *testing.F) {
	for _, seed := range []string{
		`{"type":"connection_init","payload":{"Authorization":"Bearer x"}}`, `{"type":"connection_init","payload":{"authorization":1}}`,
		`{"id":"1","type":"subscribe","payload":{"query":"{ one }","variables":{"n":1}}}`, `{"id":"1","type":"complete"}`, `{"type":"ping","payload":null}`, `[]`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := readMessage(data)
		errs := []error{err}
		if err == nil {
			_, init := readAuthorization(m.Payload)
			request, subscribe := readSubscribe(m)
			errs = append(errs, init, subscribe)
			if subscribe == nil && (request == nil || m.ID == "" || len(m.ID) > maxID) {
				t.Errorf("%q is taken for a subscription", data)
			}
			again, err := json.Marshal(m)
			if err != nil || !json.Valid(again) {
				t.Errorf("%q is read as %+v, which is no message: %v", data, m, err)
			}
		}
		for _, err := range errs {
			if why, ok := errors.AsType[*closing](err); err != nil && (!ok || why.code != closeBadMessage || len(why.reason) > 123) {
				t.Errorf("%q: %v", data, err)
			}
		}
	})
}

func TestAMutationTakesTheScopeWrite(t *testing.T) {
	for _, test := range []struct {
		scope  string
		status int
	}{{"read", 403}, {"write", 200}, {"admin", 200}} {
		door, executed := newDoor()
		key, line, _ := caller.NewKey([]string{test.scope}, nil)
		keys, err := caller.ParseKeyring(line)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(`{"query": "mutation { write }"}`))
		r.Header.Set("Content-Type", mediaJSON)
		w := httptest.NewRecorder()
		door.ServeHTTP(w, r.WithContext(caller.With(r.Context(), keys.Authorized("Bearer "+key))))
		if forbidden := strings.Contains(w.Body.String(), `"code":"FORBIDDEN"`); w.Code != test.status || forbidden != (test.status == 403) || *executed > 0 == forbidden {
			t.Errorf("%s: %d %s", test.scope, w.Code, w.Body)
		}
	}
}

func TestNoAnswerInTimeIsUnavailable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		door := newServer(&graphql.ExecutableSchemaMock{
			SchemaFunc: func() *ast.Schema {
				return gqlparser.MustLoadSchema(&ast.Source{Input: `type Query { one: Int }`})
			},
			ExecFunc: func(ctx context.Context) graphql.ResponseHandler {
				<-ctx.Done()
				return graphql.OneShot(&graphql.Response{Data: json.RawMessage(`{"one":1}`)})
			},
		}, Options{}.withDefaults())
		w := do(door, "POST", "/graphql", `{"query": "{ one }"}`, "Content-Type", mediaJSON)
		if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), `"code":"UNAVAILABLE"`) {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}

func TestABatchIsNamed(t *testing.T) {
	for _, body := range []string{`[{"query": "{ one }"}]`, `[{"query": "{ one }"}, {"query": "{ one }"}]`, `[]`} {
		door, executed := newDoor()
		w := do(door, "POST", "/graphql", body, "Content-Type", mediaJSON)
		if w.Code != 400 || !strings.Contains(w.Body.String(), "batch") || *executed != 0 {
			t.Errorf("%s: %d %s", body, w.Code, w.Body)
		}
	}
}
