package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/rs/zerolog"

	"resonance/internal/caller"
)

// limited is a site whose callers may ask five times a minute.
func limited(keys caller.Keyring) *chi.Mux {
	router := NewRouter(Config{Log: zerolog.Nop(), Metrics: NewMetrics(), Keys: keys, Rate: 5, Refusals: map[string]Refusal{
		"/other": func(w http.ResponseWriter, _ *http.Request, status int, detail string) {
			WriteInstead(w, status, "text/plain", []byte(detail))
		},
	}})
	ok := func(http.ResponseWriter, *http.Request) {}
	router.Get("/", ok)
	router.Get("/other", ok)
	router.Get("/livez", ok)
	router.Get("/readyz", ok)
	return router
}

func from(handler http.Handler, address, target, key string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	r.RemoteAddr = address
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

func TestOneRequestTooManyIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		site := limited(caller.Keyring{})
		for n := range 5 {
			time.Sleep(time.Second) // of the bubble's clock
			w := from(site, "203.0.113.7:1", "/", "")
			h := w.Header()
			if w.Code != 200 || h.Get("RateLimit-Limit") != "5" || h.Get("RateLimit-Remaining") != strconv.Itoa(4-n) ||
				h.Get("RateLimit-Reset") != strconv.Itoa(59-n) || h.Get("RateLimit-Policy") != "5;w=60" || h.Get("Retry-After") != "" {
				t.Errorf("request %d: %d %v", n+1, w.Code, h)
			}
		}
		w := from(site, "203.0.113.7:2", "/", "")
		retryAfter, err := strconv.Atoi(w.Header().Get("Retry-After"))
		if err != nil || retryAfter < 55 || retryAfter > 65 || w.Header().Get("RateLimit-Reset") != strconv.Itoa(retryAfter) || w.Header().Get("RateLimit-Remaining") != "0" {
			t.Errorf("headers %v", w.Header())
		}
		assertProblem(t, w, Problem{"Too Many Requests", 429, "more than 5 requests a minute"})
		if w := from(site, "203.0.113.7:2", "/other", ""); w.Code != 429 || w.Body.String() != "more than 5 requests a minute" {
			t.Errorf("a door with a language of its own: %d %s", w.Code, w.Body)
		}
		if w := from(site, "203.0.113.8:1", "/", ""); w.Code != 200 {
			t.Errorf("another address: %d", w.Code)
		}
		for _, probe := range []string{"/livez", "/readyz"} {
			if w := from(site, "203.0.113.7:1", probe, ""); w.Code != 200 || w.Header().Get("RateLimit-Limit") != "" {
				t.Errorf("%s: %d %v", probe, w.Code, w.Header())
			}
		}
		time.Sleep(time.Duration(retryAfter) * time.Second)
		if w := from(site, "203.0.113.7:1", "/", ""); w.Code != 200 {
			t.Errorf("after what Retry-After says: %d", w.Code)
		}
	})
}

func TestWhoIsCountedAsWhom(t *testing.T) {
	key, line, err := caller.NewKey([]string{"read"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := caller.ParseKeyring(line)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		keys                  caller.Keyring
		first, second         string // addresses
		firstKey, secondKey   string
		together, neverCounts bool
	}{
		"one address":                      {first: "203.0.113.7:1", second: "203.0.113.7:2", together: true},
		"two addresses":                    {first: "203.0.113.7:1", second: "203.0.113.8:1"},
		"one /64":                          {first: "[2001:db8::1]:1", second: "[2001:db8::2]:1", together: true},
		"two /64":                          {first: "[2001:db8::1]:1", second: "[2001:db8:0:1::1]:1"},
		"one key from two addresses":       {keys: keys, first: "203.0.113.7:1", second: "203.0.113.8:1", firstKey: key, secondKey: key, together: true},
		"a key and none":                   {keys: keys, first: "203.0.113.7:1", second: "203.0.113.7:1", firstKey: key},
		"wrong keys from one address":      {keys: keys, first: "203.0.113.7:1", second: "203.0.113.7:1", firstKey: "a", secondKey: "b", together: true},
		"this machine, no keys asked for":  {first: "127.0.0.1:1", second: "127.0.0.1:1", neverCounts: true},
		"this machine, keys are asked for": {keys: keys, first: "127.0.0.1:1", second: "127.0.0.1:1", together: true},
	} {
		t.Run(name, func(t *testing.T) {
			site := limited(test.keys)
			for range 6 {
				w := from(site, test.first, "/", test.firstKey)
				if counted := w.Header().Get("RateLimit-Limit") != ""; counted == test.neverCounts {
					t.Errorf("headers %v", w.Header())
				}
			}
			if w := from(site, test.second, "/", test.secondKey); (w.Code == 429) != test.together {
				t.Errorf("status %d", w.Code)
			}
		})
	}
}

// One request more than there are places for is refused while they are taken, and only then.
func TestRequestsInFlightAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const most = 3
		router := NewRouter(Config{Log: zerolog.Nop(), Metrics: NewMetrics(), InFlight: most})
		release := make(chan struct{})
		router.Get("/slow", func(http.ResponseWriter, *http.Request) { <-release })
		router.Get("/livez", func(http.ResponseWriter, *http.Request) {})
		answers := make(chan int, most)
		for range most {
			go func() { answers <- from(router, "127.0.0.1:1", "/slow", "").Code }()
		}
		synctest.Wait()
		w := from(router, "127.0.0.1:1", "/slow", "")
		var problem Problem
		if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil || w.Code != 503 || problem.Status != 503 || w.Header().Get("Retry-After") != "1" {
			t.Errorf("one more: %d %v %s", w.Code, w.Header(), w.Body)
		}
		if w := from(router, "127.0.0.1:1", "/livez", ""); w.Code != 200 {
			t.Errorf("a probe while busy: %d", w.Code)
		}
		close(release)
		for range most {
			if code := <-answers; code != 200 {
				t.Errorf("one of those in flight got %d", code)
			}
		}
		if w := from(router, "127.0.0.1:1", "/slow", ""); w.Code != 200 {
			t.Errorf("after they are done: %d", w.Code)
		}
	})
}

func TestBrowsersAreToldWhatNotToDo(t *testing.T) {
	s := newSite()
	for _, target := range []string{"/hello", "/nowhere", "/panic"} {
		h := s.ask("GET", target).Header()
		for name, want := range map[string]string{
			"Content-Security-Policy": contentPolicy, "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
			"Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s is %q", target, name, got)
			}
		}
	}
}
