package web

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
)

// site is a router with routes to try the middleware on, and its log.
type site struct {
	*chi.Mux
	log     *bytes.Buffer
	metrics *Metrics
}

func newSite(origins ...string) site {
	s := site{log: new(bytes.Buffer), metrics: NewMetrics()}
	s.Mux = NewRouter(Config{Log: zerolog.New(s.log), Metrics: s.metrics, Origins: origins})
	s.Get("/hello", func(w http.ResponseWriter, r *http.Request) {
		Annotate(r.Context(), "username", "somebody")
		Annotate(r.Context(), "username", "ada")
		io.WriteString(w, "hello")
	})
	s.Get("/probe", func(_ http.ResponseWriter, r *http.Request) { Quiet(r.Context()) })
	s.Get("/broken-probe", func(w http.ResponseWriter, r *http.Request) {
		Quiet(r.Context())
		WriteProblem(w, http.StatusServiceUnavailable, "no data yet")
	})
	s.Get("/panic", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "999")
		w.Header().Set("Cache-Control", "max-age=60")
		panic("secret 7")
	})
	s.Get("/late-panic", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "half an ans")
		panic("secret 8")
	})
	s.Get("/post/{id}", func(http.ResponseWriter, *http.Request) {})
	s.Post("/echo", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			WriteProblem(w, http.StatusRequestEntityTooLarge, err.Error())
			return
		}
		w.Write(body)
	})
	return s
}

func (s site) ask(method, target string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// lines returns the log, one object a line, without the durations, whose presence it checks.
func (s site) lines(t *testing.T) []map[string]any {
	t.Helper()
	var lines []map[string]any
	for scan := bufio.NewScanner(bytes.NewReader(s.log.Bytes())); scan.Scan(); {
		line := map[string]any{}
		if err := json.Unmarshal(scan.Bytes(), &line); err != nil {
			t.Fatalf("log line %q: %v", scan.Text(), err)
		}
		if took, ok := line["duration_ms"].(float64); line["message"] == "request" && (!ok || took < 0) {
			t.Errorf("log line without a duration: %s", scan.Text())
		}
		delete(line, "duration_ms")
		lines = append(lines, line)
	}
	return lines
}

func TestOneLogLineARequest(t *testing.T) {
	tests := map[string]struct {
		method, target string
		want           map[string]any
	}{
		"answered": {"GET", "/hello?token=s3cret", map[string]any{
			"level": "info", "method": "GET", "path": "/hello", "status": 200., "bytes": 5., "username": "ada",
		}},
		"probe":        {"GET", "/probe", map[string]any{"level": "debug", "method": "GET", "path": "/probe", "status": 200., "bytes": 0.}},
		"broken probe": {"GET", "/broken-probe", map[string]any{"level": "error", "method": "GET", "path": "/broken-probe", "status": 503., "bytes": 67.}},
		"unknown path": {"GET", "/nowhere", map[string]any{"level": "info", "method": "GET", "path": "/nowhere", "status": 404., "bytes": 58.}},
		"long path": {"GET", "/" + strings.Repeat("é", 300), map[string]any{
			"level": "info", "method": "GET", "path": "/" + strings.Repeat("é", 127) + "…", "status": 404., "bytes": 58.,
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newSite()
			s.ask(test.method, test.target, RequestIDHeader, "id-1", "Authorization", "Bearer s3cret")
			test.want["message"], test.want["request_id"] = "request", "id-1"
			if diff := cmp.Diff([]map[string]any{test.want}, s.lines(t)); diff != "" {
				t.Errorf("log (-want +got):\n%s", diff)
			}
			if strings.Contains(s.log.String(), "s3cret") {
				t.Errorf("the log holds a secret: %s", s.log)
			}
		})
	}
}

func TestRequestID(t *testing.T) {
	kept := []string{"a", "0190-ab_c.d:e", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", strings.Repeat("x", 64)}
	for _, id := range kept {
		if got := newSite().ask("GET", "/hello", RequestIDHeader, id).Header().Get(RequestIDHeader); got != id {
			t.Errorf("id %q came back as %q", id, got)
		}
	}
	for _, id := range []string{"", " ", "a b", "a\tb", "ä", "<script>", strings.Repeat("x", 65)} {
		first := newSite().ask("GET", "/hello", RequestIDHeader, id).Header().Get(RequestIDHeader)
		second := newSite().ask("GET", "/hello", RequestIDHeader, id).Header().Get(RequestIDHeader)
		if !saneID(first) || first == id || first == second {
			t.Errorf("for id %q were made %q and %q", id, first, second)
		}
	}
}

func TestRequestIDReachesTheHandler(t *testing.T) {
	s := newSite()
	s.Get("/id", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, RequestID(r.Context())) })
	if got := s.ask("GET", "/id", RequestIDHeader, "abc").Body.String(); got != "abc" {
		t.Errorf("RequestID = %q, want abc", got)
	}
	outside := httptest.NewRequest(http.MethodGet, "/", nil).Context()
	Annotate(outside, "key", "value")
	Quiet(outside)
	if got := RequestID(outside); got != "" {
		t.Errorf("RequestID outside of a request = %q", got)
	}
}

func TestAPanicIsLoggedAndNotTold(t *testing.T) {
	s := newSite()
	w := s.ask("GET", "/panic", RequestIDHeader, "id-1")
	assertProblem(t, w, Problem{"Internal Server Error", 500, "internal error"})
	if length, cache := w.Header().Get("Content-Length"), w.Header().Get("Cache-Control"); length != "" || cache != "" {
		t.Errorf("headers of the answer that did not come: Content-Length %q, Cache-Control %q", length, cache)
	}
	lines := s.lines(t)
	if len(lines) != 2 {
		t.Fatalf("log has %d lines, want 2: %s", len(lines), s.log)
	}
	if l := lines[0]; l["level"] != "error" || l["request_id"] != "id-1" || l["panic"] != "secret 7" || !strings.Contains(l["stack"].(string), "web_test.go") {
		t.Errorf("panic was logged as %v", l)
	}
	if l := lines[1]; l["level"] != "error" || l["status"] != 500. {
		t.Errorf("request was logged as %v", l)
	}
}

func TestAPanicAmidTheAnswerCutsTheConnection(t *testing.T) {
	s := newSite()
	server := httptest.NewServer(s)
	defer server.Close()
	answer, err := http.Get(server.URL + "/late-panic")
	if err == nil {
		_, err = io.ReadAll(answer.Body)
		answer.Body.Close()
	}
	if err == nil {
		t.Error("the client took half an answer for a whole one")
	}
}

func TestProblems(t *testing.T) {
	tests := map[string]struct {
		method, target string
		want           Problem
		allow          string
	}{
		"unknown path":                {"GET", "/nowhere", Problem{"Not Found", 404, "no such path"}, ""},
		"unknown path, odd method":    {"BREW", "/nowhere", Problem{"Not Found", 404, "no such path"}, ""},
		"wrong method":                {"POST", "/hello", Problem{"Method Not Allowed", 405, "the path answers GET, HEAD"}, "GET, HEAD"},
		"odd method":                  {"BREW", "/hello", Problem{"Method Not Allowed", 405, "the path answers GET, HEAD"}, "GET, HEAD"},
		"wrong method on a parameter": {"DELETE", "/post/a%2Fb", Problem{"Method Not Allowed", 405, "the path answers GET, HEAD"}, "GET, HEAD"},
		"HEAD where only POST is":     {"HEAD", "/echo", Problem{"Method Not Allowed", 405, "the path answers POST"}, "POST"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newSite().ask(test.method, test.target)
			assertProblem(t, w, test.want)
			if got := w.Header().Get("Allow"); got != test.allow {
				t.Errorf("Allow = %q, want %q", got, test.allow)
			}
		})
	}
}

func assertProblem(t *testing.T, w *httptest.ResponseRecorder, want Problem) {
	t.Helper()
	var got Problem
	decoder := json.NewDecoder(w.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" || w.Code != want.Status {
		t.Errorf("status %d, problem (-want +got):\n%s", w.Code, diff)
	}
	if got := w.Header().Get("Content-Type"); got != ProblemType {
		t.Errorf("Content-Type = %q", got)
	}
}

func TestHeadWorksWhereGetDoes(t *testing.T) {
	server := httptest.NewServer(newSite())
	defer server.Close()
	answer, err := http.Head(server.URL + "/hello")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if body, _ := io.ReadAll(answer.Body); answer.StatusCode != http.StatusOK || answer.ContentLength != 5 || len(body) != 0 {
		t.Errorf("HEAD = %d, length %d, body %q", answer.StatusCode, answer.ContentLength, body)
	}
}

func TestBodyLimit(t *testing.T) {
	tests := map[string]struct {
		size    int
		chunked bool
		want    int
	}{
		"at the limit":               {MaxBody, false, 200},
		"over the limit":             {MaxBody + 1, false, 413},
		"at the limit, no length":    {MaxBody, true, 200},
		"over the limit, no length":  {MaxBody + 1, true, 413},
		"empty body":                 {0, false, 200},
		"twice the limit, no length": {2 * MaxBody, true, 413},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var body io.Reader = strings.NewReader(strings.Repeat("x", test.size))
			if test.chunked {
				body = io.MultiReader(body) // hides the length
			}
			w := httptest.NewRecorder()
			newSite().ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/echo", body))
			if w.Code != test.want {
				t.Errorf("status = %d, want %d", w.Code, test.want)
			}
			if w.Code == 200 && w.Body.Len() != test.size {
				t.Errorf("%d bytes came back of %d", w.Body.Len(), test.size)
			}
		})
	}
}

func TestCORS(t *testing.T) {
	tests := map[string]struct {
		origins []string
		origin  string
		want    string
	}{
		"listed":      {[]string{"https://app.example"}, "https://app.example", "https://app.example"},
		"another":     {[]string{"https://app.example"}, "https://evil.example", ""},
		"all":         {[]string{"*"}, "https://any.example", "*"},
		"none listed": {nil, "https://app.example", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newSite(test.origins...)
			simple := s.ask("GET", "/hello", "Origin", test.origin)
			if got := simple.Header().Get("Access-Control-Allow-Origin"); got != test.want || simple.Body.String() != "hello" {
				t.Errorf("GET: allowed origin %q, want %q; body %q", got, test.want, simple.Body)
			}
			preflight := s.ask("OPTIONS", "/echo", "Origin", test.origin,
				"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization,content-type")
			if got := preflight.Header().Get("Access-Control-Allow-Headers"); test.want != "" && got != "authorization,content-type" {
				t.Errorf("preflight: allowed headers %q", got)
			}
			if got := preflight.Header().Get("Access-Control-Allow-Origin"); got != test.want {
				t.Errorf("preflight: allowed origin %q, want %q", got, test.want)
			}
			if got := simple.Header().Get("Access-Control-Allow-Credentials"); got != "" {
				t.Errorf("credentials are allowed: %q", got)
			}
		})
	}
}

func TestATakenOverConnectionIsLoggedAs101(t *testing.T) {
	s := newSite()
	s.ask("GET", "/post/7", "Upgrade", "websocket")
	if lines := s.lines(t); len(lines) != 1 || lines[0]["status"] != 101. {
		t.Errorf("log = %v", lines)
	}
}
