package openai

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/errs"
)

const secret = "sk-very-secret"

// server answers requests in memory, so that tests run on synctest's clock.
type server struct {
	requests []request
	paths    []string
	headers  []http.Header
	// respond answers the nth request, from 0; nil embeds.
	respond func(w http.ResponseWriter, r *http.Request, n int)
}

func (s *server) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	var body request
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		return nil, err
	}
	s.requests, s.paths, s.headers = append(s.requests, body), append(s.paths, r.URL.String()), append(s.headers, r.Header)
	w := httptest.NewRecorder()
	if s.respond == nil {
		embedAll(w, body.Input)
	} else {
		r.Body = io.NopCloser(strings.NewReader(strings.Join(body.Input, "\n")))
		s.respond(w, r, len(s.requests)-1)
	}
	return w.Result(), nil
}

// embedAll answers with vectors of length 2 in backward order: (length of the text, 1).
func embedAll(w io.Writer, inputs []string) {
	var data []string
	for i := len(inputs) - 1; i >= 0; i-- {
		data = append(data, fmt.Sprintf(`{"object":"embedding","index":%d,"embedding":[%d,1]}`, i, len(inputs[i])))
	}
	fmt.Fprintf(w, `{"object":"list","data":[%s],"usage":{"total_tokens":1}}`, strings.Join(data, ","))
}

func status(w http.ResponseWriter, code int, body string) {
	w.WriteHeader(code)
	io.WriteString(w, body)
}

func connect(t *testing.T, s http.RoundTripper) *Endpoint {
	t.Helper()
	e, err := New(Config{URL: "http://models.test/v1?api=" + secret, Model: "small", Key: secret, Transport: s})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestEmbed(t *testing.T) {
	s := &server{}
	e := connect(t, s)
	if got := e.Dim(); got != 0 {
		t.Errorf("Dim before the first answer is %d, want 0", got)
	}
	var texts []string
	for i := range 70 {
		texts = append(texts, strings.Repeat("é", i))
	}
	vectors, err := e.Embed(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range vectors {
		x := float64(max(1, 2*i)) // bytes of the text; the empty one is sent as a space
		want := []float32{float32(x / math.Hypot(x, 1)), float32(1 / math.Hypot(x, 1))}
		if diff := cmp.Diff(want, v); diff != "" {
			t.Fatalf("vector %d (-want +got):\n%s", i, diff)
		}
	}
	var sizes []int
	for _, r := range s.requests {
		sizes = append(sizes, len(r.Input))
	}
	if diff := cmp.Diff([]int{32, 32, 6}, sizes); diff != "" {
		t.Errorf("texts in each request (-want +got):\n%s", diff)
	}
	if e.Dim() != 2 || e.Model() != "small@models.test" {
		t.Errorf("Dim %d of %s, want 2 of small@models.test", e.Dim(), e.Model())
	}
}

func TestRequest(t *testing.T) {
	s := &server{}
	if _, err := connect(t, s).Embed(t.Context(), []string{strings.Repeat("漢", 3000), ""}); err != nil {
		t.Fatal(err)
	}
	want := request{Model: "small", Input: []string{strings.Repeat("漢", 2000), " "}, EncodingFormat: "float"}
	if diff := cmp.Diff(want, s.requests[0]); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
	if got := s.headers[0].Get("Authorization"); got != "Bearer "+secret {
		t.Errorf("Authorization is %q", got)
	}
}

func TestEmbedOfNothingAsksNothing(t *testing.T) {
	s := &server{}
	if v, err := connect(t, s).Embed(t.Context(), nil); err != nil || v == nil || len(v) != 0 || len(s.requests) != 0 {
		t.Errorf("got %v, error %v, after %d requests", v, err, len(s.requests))
	}
}

func TestOverARealConnection(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != "/v1/embeddings" || r.Header.Get("Content-Type") != "application/json" {
			status(w, 404, "")
			return
		}
		embedAll(w, []string{"", "abc"})
	}))
	defer s.Close()
	e, err := New(Config{URL: s.URL, Model: "small"})
	if err != nil {
		t.Fatal(err)
	}
	vectors, err := e.Embed(t.Context(), []string{"x", "abc"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]float32{0, 1}, vectors[0]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestURL(t *testing.T) {
	tests := []struct{ given, want string }{
		{"http://localhost:8080", "http://localhost:8080/v1/embeddings"},
		{"http://localhost:8080/", "http://localhost:8080/v1/embeddings"},
		{"https://api.example.org/v1", "https://api.example.org/v1/embeddings"},
		{"https://api.example.org/v1/", "https://api.example.org/v1/embeddings"},
		{"https://example.org/openai/v1/embeddings", "https://example.org/openai/v1/embeddings"},
		{"https://example.org/models/small/embeddings?version=3", "https://example.org/models/small/embeddings?version=3"},
		{"https://example.org/proxy", "https://example.org/proxy/v1/embeddings"},
	}
	for _, test := range tests {
		t.Run(test.given, func(t *testing.T) {
			s := &server{}
			e, err := New(Config{URL: test.given, Model: "small", Transport: s})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := e.Embed(t.Context(), []string{"a"}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{test.want}, s.paths); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if _, ok := s.headers[0]["Authorization"]; ok {
				t.Error("an Authorization header was sent without a key")
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	tests := []struct {
		name string
		c    Config
		want string
	}{
		{"no URL", Config{Model: "small"}, "EMBEDDING_URL"},
		{"no scheme", Config{URL: "localhost:8080", Model: "small"}, "EMBEDDING_URL"},
		{"another scheme", Config{URL: "ftp://host", Model: "small"}, "EMBEDDING_URL"},
		{"a password", Config{URL: "http://user:" + secret + "@host", Model: "small"}, "EMBEDDING_KEY"},
		{"unreadable", Config{URL: "http://" + secret + " /%zz", Model: "small"}, "EMBEDDING_URL"},
		{"no model", Config{URL: "http://host"}, "EMBEDDING_MODEL"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := New(test.c)
			if !errors.Is(err, errs.Invalid) || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), secret) {
				t.Errorf("error %v, want one that names %s and no secret", err, test.want)
			}
		})
	}
}

// Each failure comes first, and then good answers; the time passed is that of the pauses.
func TestEmbedTriesAgain(t *testing.T) {
	tests := []struct {
		name     string
		fail     func(w http.ResponseWriter, r *http.Request)
		min, max time.Duration
	}{
		{"internal error", func(w http.ResponseWriter, _ *http.Request) { status(w, 500, "<html>oops") },
			firstPause / 2, firstPause},
		{"busy, says for how long", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "7")
			status(w, 429, "")
		}, 7 * time.Second, 7701 * time.Millisecond},
		{"busy, says until when", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", time.Now().Add(20*time.Second).UTC().Format(http.TimeFormat))
			status(w, 503, "")
		}, 19 * time.Second, 23 * time.Second},
		{"cut off", func(w http.ResponseWriter, _ *http.Request) { status(w, 200, `{"data":[{"index":0,"embed`) },
			firstPause / 2, firstPause},
		{"not JSON", func(w http.ResponseWriter, _ *http.Request) { status(w, 200, "<html>") },
			firstPause / 2, firstPause},
		{"no vectors", func(w http.ResponseWriter, _ *http.Request) { status(w, 200, "{}") },
			firstPause / 2, firstPause},
		{"never answers", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
			attemptTimeout, attemptTimeout + firstPause},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &server{respond: func(w http.ResponseWriter, r *http.Request, n int) {
					if n == 0 {
						test.fail(w, r)
						return
					}
					embedAll(w, []string{"abc"})
				}}
				start := time.Now()
				vectors, err := connect(t, s).Embed(t.Context(), []string{"abc"})
				if err != nil || len(vectors) != 1 || len(s.requests) != 2 {
					t.Fatalf("%d vectors, error %v, after %d requests", len(vectors), err, len(s.requests))
				}
				if took := time.Since(start); took < test.min || took > test.max {
					t.Errorf("it took %v, want %v to %v", took, test.min, test.max)
				}
			})
		})
	}
}

func TestEmbedGivesUp(t *testing.T) {
	tests := []struct {
		name     string
		respond  func(w http.ResponseWriter, r *http.Request, n int)
		kind     error
		says     string
		requests int
	}{
		{"always down", func(w http.ResponseWriter, _ *http.Request, _ int) { status(w, 502, "") },
			errs.Unavailable, "status 502", 1 + maxRetries},
		{"a wrong key", func(w http.ResponseWriter, _ *http.Request, _ int) {
			status(w, 401, `{"error":{"message":"Incorrect API key provided: sk-very***cret"}}`)
		}, errs.Unavailable, "EMBEDDING_KEY", 1},
		{"texts that it does not take", func(w http.ResponseWriter, _ *http.Request, _ int) {
			status(w, 400, `{"error":{"message":"input too long for `+secret+`"}}`)
		}, errs.Invalid, "input too long for ***", 1},
		{"an unknown model", func(w http.ResponseWriter, _ *http.Request, _ int) { status(w, 404, "nothing here") },
			errs.Unavailable, "status 404", 1},
		{"a redirect", func(w http.ResponseWriter, _ *http.Request, _ int) {
			w.Header().Set("Location", "http://elsewhere.test/")
			status(w, 307, "")
		}, errs.Unavailable, "status 307", 1},
		{"come back tomorrow", func(w http.ResponseWriter, _ *http.Request, _ int) {
			w.Header().Set("Retry-After", "86400")
			status(w, 429, "")
		}, errs.Unavailable, "status 429", 1},
		{"the same index twice", func(w http.ResponseWriter, _ *http.Request, _ int) {
			status(w, 200, `{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]}`)
		}, errs.Unavailable, "no vector, or two", 1 + maxRetries},
		{"an index too far", func(w http.ResponseWriter, _ *http.Request, _ int) {
			status(w, 200, `{"data":[{"index":0,"embedding":[1]},{"index":2,"embedding":[1]}]}`)
		}, errs.Unavailable, "no vector, or two", 1 + maxRetries},
		{"vectors of two lengths", func(w http.ResponseWriter, _ *http.Request, _ int) {
			status(w, 200, `{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1,2]}]}`)
		}, errs.Unavailable, "vectors of 1 and 2 numbers", 1 + maxRetries},
		{"a zero vector", func(w http.ResponseWriter, _ *http.Request, _ int) {
			status(w, 200, `{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[0]}]}`)
		}, errs.Unavailable, "no direction", 1 + maxRetries},
		{"an endless answer", func(w http.ResponseWriter, _ *http.Request, _ int) {
			status(w, 200, `{"data":[`+strings.Repeat(" ", maxAnswer))
		}, errs.Unavailable, "too large", 1 + maxRetries},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &server{respond: test.respond}
				vectors, err := connect(t, s).Embed(t.Context(), []string{"a", "b"})
				if !errors.Is(err, test.kind) || vectors != nil {
					t.Fatalf("%d vectors and error %v, want none and %v", len(vectors), err, test.kind)
				}
				if !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "sk-very") {
					t.Errorf("error %q, want one that says %q and not the key", err, test.says)
				}
				if len(s.requests) != test.requests {
					t.Errorf("%d requests, want %d", len(s.requests), test.requests)
				}
			})
		})
	}
}

func TestEmbedRefusesAnotherDimensionLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{}
		e := connect(t, s)
		if _, err := e.Embed(t.Context(), []string{"a"}); err != nil {
			t.Fatal(err)
		}
		s.respond = func(w http.ResponseWriter, _ *http.Request, _ int) {
			status(w, 200, `{"data":[{"index":0,"embedding":[1,2,3]}]}`)
		}
		_, err := e.Embed(t.Context(), []string{"a"})
		if !errors.Is(err, errs.Unavailable) || !strings.Contains(err.Error(), "3 numbers, those before had 2") {
			t.Errorf("error %v", err)
		}
	})
}

type brokenWire struct{}

func (brokenWire) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("connection refused")
}

func TestErrorsOfTheWireHoldNoURL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, err := connect(t, brokenWire{}).Embed(t.Context(), []string{"a"})
		if !errors.Is(err, errs.Unavailable) || !strings.Contains(err.Error(), "models.test: connection refused") ||
			strings.Contains(err.Error(), secret) {
			t.Errorf("error %v", err)
		}
	})
}

func TestEmbedStopsWithItsContext(t *testing.T) {
	tests := map[string]func(w http.ResponseWriter, r *http.Request, n int){
		"in a pause": func(w http.ResponseWriter, _ *http.Request, _ int) {
			w.Header().Set("Retry-After", "60")
			status(w, 429, "")
		},
		"in a request": func(_ http.ResponseWriter, r *http.Request, _ int) { <-r.Context().Done() },
	}
	for name, respond := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(3*time.Second, cancel)
				start := time.Now()
				_, err := connect(t, &server{respond: respond}).Embed(ctx, []string{"a"})
				if !errors.Is(err, context.Canceled) {
					t.Errorf("error %v, want context.Canceled", err)
				}
				if took := time.Since(start); took != 3*time.Second {
					t.Errorf("it took %v after a cancellation at 3s", took)
				}
			})
		})
	}
}
