package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/errs"
	"resonance/internal/recommend"
)

func TestFeedIsTheDocumentedJSON(t *testing.T) {
	d := newDoor(nil)
	d.feeds.feed = recommend.Feed{Items: []recommend.Item{fullItem(), plainItem(), bareItem()}}
	w := d.get("/feed?username=ada")
	if w.Code != 200 || w.Header().Get("Content-Type") != "application/json" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("status %d, headers %v", w.Code, w.Header())
	}
	if got, want := w.Header().Get("Content-Length"), fmt.Sprint(w.Body.Len()); got != want {
		t.Errorf("Content-Length = %s, want %s", got, want)
	}
	golden(t, "feed.json", w.Body.Bytes())
}

func TestAnEmptyFeedIsAnEmptyList(t *testing.T) {
	for name, made := range map[string]recommend.Feed{"nil": {}, "empty": {Items: []recommend.Item{}}} {
		d := newDoor(nil)
		d.feeds.feed = made
		if got, want := d.get("/feed?username=ada&project_code=nowhere").Body.String(), `{"status":"success","post":[]}`; got != want {
			t.Errorf("%s: body = %s, want %s", name, got, want)
		}
	}
}

func TestFeedAsksForWhatTheQuerySays(t *testing.T) {
	tests := map[string]recommend.Request{
		"username=ada":                                 {Username: "ada", TopK: 10, Plain: true},
		"username=ada&project_code=":                   {Username: "ada", TopK: 10, Plain: true},
		"username=ada&project_code":                    {Username: "ada", TopK: 10, Plain: true},
		"username=ada&top_k=1":                         {Username: "ada", TopK: 1, Plain: true},
		"username=ada&top_k=100&project_code=E%2FACC":  {Username: "ada", Project: "E/ACC", TopK: 100, Plain: true},
		"top_k=007&username=ada":                       {Username: "ada", TopK: 7, Plain: true},
		"username=a+b%20c":                             {Username: "a b c", TopK: 10, Plain: true},
		"username=%20":                                 {Username: " ", TopK: 10, Plain: true},
		"username=J%C3%BCrgen%26Co":                    {Username: "Jürgen&Co", TopK: 10, Plain: true},
		"username=a;b":                                 {Username: "a;b", TopK: 10, Plain: true},
		"flag&username=ada&x=%zz":                      {Username: "ada", TopK: 10, Plain: true},
		"&&username=true&":                             {Username: "true", TopK: 10, Plain: true},
		"usern%61me=ada":                               {Username: "ada", TopK: 10, Plain: true},
		"username=ada&Top_K=5":                         {Username: "ada", TopK: 10, Plain: true},
		"username=" + strings.Repeat("x", 2000):        {Username: strings.Repeat("x", 2000), TopK: 10, Plain: true},
		"username=ada&page=2&username_=bob&top_kk=abc": {Username: "ada", TopK: 10, Plain: true},
	}
	for query, want := range tests {
		t.Run(query, func(t *testing.T) {
			d := newDoor(nil)
			if w := d.get("/feed?" + query); w.Code != 200 {
				t.Fatalf("status %d: %s", w.Code, w.Body)
			}
			if diff := cmp.Diff(want, d.feeds.asked); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWrongInputIsRefusedByName(t *testing.T) {
	tests := map[string][]string{ // query -> wrong parameters
		"":                                     {"query.username"},
		"username=":                            {"query.username"},
		"username":                             {"query.username"},
		"username&top_k=5":                     {"query.username"},
		"top_k=5&username":                     {"query.username"},
		"top_k=0&username=ada":                 {"query.top_k"},
		"top_k=101&username=ada":               {"query.top_k"},
		"top_k=-1&username=ada":                {"query.top_k"},
		"top_k=abc&username=ada":               {"query.top_k"},
		"top_k=1.5&username=ada":               {"query.top_k"},
		"top_k=1e1&username=ada":               {"query.top_k"},
		"top_k=&username=ada":                  {"query.top_k"},
		"top_k&username=ada":                   {"query.top_k"},
		"username=ada&top_k":                   {"query.top_k"},
		"top_k=%20&username=ada":               {"query.top_k"},
		"top_k=9223372036854775808&username=a": {"query.top_k"},
		"top_k=5&username=ada&top_k=6":         {"query.top_k"},
		"username=ada&username=bob":            {"query.username"},
		"username=ada&project_code=%zz":        {"query.project_code"},
		"top_k=0":                              {"query.username", "query.top_k"},
	}
	for query, want := range tests {
		t.Run(query, func(t *testing.T) {
			d := newDoor(nil)
			w := d.get("/feed?" + query)
			if w.Code != http.StatusUnprocessableEntity {
				t.Fatalf("status %d: %s", w.Code, w.Body)
			}
			var wrong []string
			for _, detail := range readProblem(t, w).Errors {
				if detail.Message == "" {
					t.Error("no message")
				}
				wrong = append(wrong, detail.Location)
			}
			if diff := cmp.Diff(want, wrong); diff != "" {
				t.Errorf("wrong parameters (-want +got):\n%s", diff)
			}
			if d.feeds.asked.Username != "" {
				t.Errorf("the engine was asked %+v", d.feeds.asked)
			}
		})
	}
}

func TestWrongInputGolden(t *testing.T) {
	golden(t, "wrong_input.json", newDoor(nil).get("/feed?top_k=101").Body.Bytes())
}

func TestErrorKindsHaveTheirStatus(t *testing.T) {
	tests := map[string]struct {
		err    error
		status int
		detail string
		logged bool
	}{
		"invalid":      {fmt.Errorf("make feed: %w: username: too odd", errs.Invalid), 422, "username: too odd", false},
		"not found":    {fmt.Errorf("read user: %w", errs.NotFound), 404, "read user: not found", false},
		"conflict":     {fmt.Errorf("record: %w: other body", errs.Conflict), 409, "other body", false},
		"unauthorized": {errs.Unauthorized, 401, "unauthorized", false},
		"forbidden":    {errs.Forbidden, 403, "forbidden", false},
		"unavailable":  {fmt.Errorf("open /secret/path: %w", errs.Unavailable), 503, unavailable, true},
		"too slow":     {fmt.Errorf("read /secret/path: %w", context.DeadlineExceeded), 503, unavailable, true},
		"no kind":      {errors.New("open /secret/path"), 500, "internal error", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := newDoor(nil)
			d.feeds.err = test.err
			w := d.get("/feed?username=ada", "X-Request-Id", "id-1")
			if w.Code != test.status {
				t.Errorf("status = %d, want %d", w.Code, test.status)
			}
			if strings.Contains(w.Body.String(), "secret") {
				t.Errorf("the client is told a secret: %s", w.Body)
			}
			if got := readProblem(t, w).Detail; got != test.detail {
				t.Errorf("detail = %q, want %q", got, test.detail)
			}
			first, _, more := strings.Cut(strings.TrimSpace(d.log.String()), "\n")
			if more != test.logged {
				t.Fatalf("log = %s", d.log)
			}
			if test.logged && (!strings.Contains(first, "/secret/path") || !strings.Contains(first, `"request_id":"id-1"`)) {
				t.Errorf("the error was logged as %s", first)
			}
		})
	}
}

func TestAClientThatHasGoneIsNoError(t *testing.T) {
	d := newDoor(nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := httptest.NewRecorder()
	d.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/feed?username=ada", nil).WithContext(ctx))
	if log := d.log.String(); w.Code != clientGone || strings.Contains(log, `"error"`) || strings.Count(log, "\n") != 1 {
		t.Errorf("status %d, log %s", w.Code, log)
	}
}

func TestTheLogNamesTheUser(t *testing.T) {
	d := newDoor(nil)
	d.get("/feed?username=ada&token=s3cret")
	if log := d.log.String(); !strings.Contains(log, `"username":"ada"`) || strings.Contains(log, "s3cret") {
		t.Errorf("log = %s", log)
	}
}

func TestHeadHasTheHeadersOfGet(t *testing.T) {
	d := newDoor(nil)
	d.feeds.feed = recommend.Feed{Items: []recommend.Item{fullItem(), plainItem(), bareItem()}}
	server := httptest.NewServer(d)
	defer server.Close()
	got, err := http.Get(server.URL + "/feed?username=ada")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(got.Body)
	got.Body.Close()
	head, err := http.Head(server.URL + "/feed?username=ada")
	if err != nil {
		t.Fatal(err)
	}
	head.Body.Close()
	if head.StatusCode != http.StatusOK || head.ContentLength != int64(len(body)) || head.Header.Get("Content-Type") != "application/json" {
		t.Errorf("HEAD = %d, length %d, want %d; %v", head.StatusCode, head.ContentLength, len(body), head.Header)
	}
}

func TestOtherMethodsAreRefused(t *testing.T) {
	d := newDoor(nil)
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} {
		for _, path := range []string{"/", "/feed", "/livez", "/readyz", "/metrics", "/openapi.json"} {
			w := httptest.NewRecorder()
			d.ServeHTTP(w, httptest.NewRequest(method, path, nil))
			if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
				t.Errorf("%s %s = %d, Allow %q", method, path, w.Code, w.Header().Get("Allow"))
			}
			readProblem(t, w)
		}
	}
}

func FuzzFeedQuery(f *testing.F) {
	for _, query := range []string{
		"", "username=ada", "username=ada&project_code=vible&top_k=10", "top_k=0&username=ada", "username", "top_k&username=%zz",
		"username=%00%ff&project_code=%F0%9F%98%80", "username=a;b&top_k=1%30", "=&==&&username==", "username=\"\\\n<&>&top_k=+5", "x=username=ada&username=b",
	} {
		f.Add(query)
	}
	d := newDoor(nil)
	d.feeds.feed = recommend.Feed{Items: []recommend.Item{bareItem()}}
	f.Fuzz(func(t *testing.T, query string) {
		d.feeds.asked = recommend.Request{}
		r := httptest.NewRequest(http.MethodGet, "/feed", nil)
		r.URL.RawQuery = query
		w := httptest.NewRecorder()
		d.ServeHTTP(w, r)
		d.log.Reset()
		switch w.Code {
		case http.StatusOK:
			if err := d.feeds.asked.Check(); err != nil {
				t.Errorf("a wrong request was answered: %v", err)
			}
			if !json.Valid(w.Body.Bytes()) {
				t.Errorf("body is no JSON: %q", w.Body)
			}
			values, err := url.ParseQuery(query)
			if err == nil && (values.Get("username") != d.feeds.asked.Username || values.Get("project_code") != d.feeds.asked.Project) {
				t.Errorf("asked %+v", d.feeds.asked)
			}
		case http.StatusUnprocessableEntity:
			if problem := readProblem(t, w); len(problem.Errors) == 0 {
				t.Errorf("no parameter is named: %+v", problem)
			}
			if d.feeds.asked.Username != "" {
				t.Errorf("a refused request reached the engine: %+v", d.feeds.asked)
			}
		default:
			t.Errorf("status %d: %s", w.Code, w.Body)
		}
	})
}
