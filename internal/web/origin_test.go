package web

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestIsJSON(t *testing.T) {
	for media, want := range map[string]bool{
		"application/json": true, "application/json; charset=utf-8": true, "APPLICATION/JSON;charset=UTF-8": true,
		"": false, "text/plain": false, "application/x-www-form-urlencoded": false, "multipart/form-data; boundary=x": false,
		"application/json; charset=latin1": false, "application/json, text/plain": false, "text/plain; application/json": false, "json": false,
	} {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.Header.Set("Content-Type", media)
		if IsJSON(r) != want {
			t.Errorf("%q: %t, want %t", media, !want, want)
		}
	}
}

func TestWebSocketOrigins(t *testing.T) {
	for _, test := range []struct {
		origin  string
		allowed []string
		want    bool
	}{
		{"", nil, true},
		{"https://api.test", nil, true},
		{"https://API.test", nil, true},
		{"https://evil.test", nil, false},
		{"https://api.test.evil.test", nil, false},
		{"https://api.test:8443", nil, false},
		{"null", nil, false},
		{"api.test", nil, false},
		{"\x00", nil, false},
		{"https://app.test", []string{"https://app.test"}, true},
		{"http://app.test", []string{"https://app.test"}, false},
		{"https://evil.test", []string{"https://app.test"}, false},
		{"https://evil.test", []string{"*"}, true},
	} {
		r := httptest.NewRequest(http.MethodGet, "/graphql", nil)
		r.Host = "api.test"
		r.Header.Set("Origin", test.origin)
		if got := CheckOrigin(test.allowed)(r); got != test.want {
			t.Errorf("%q, allowed %v: %t, want %t", test.origin, test.allowed, got, test.want)
		}
	}
}

func TestOnlyThisMachineIsAskedByItsName(t *testing.T) {
	for host, want := range map[string]int{
		"localhost": 200, "LOCALHOST:8000": 200, "app.localhost:8000": 200, "127.0.0.1": 200, "127.0.0.1:8000": 200, "[::1]:8000": 200, "[::1]": 200, "192.168.0.7:8000": 200, "": 200,
		"evil.test": 421, "evil.test:8000": 421, "127.0.0.1.evil.test": 421, "localhost.evil.test:8000": 421, "notlocalhost": 421, "evil.test:localhost": 421,
	} {
		for here, want := range map[bool]int{true: want, false: 200} {
			router := NewRouter(Config{Metrics: NewMetrics(), Here: here})
			router.Get("/", func(http.ResponseWriter, *http.Request) {})
			r, w := httptest.NewRequest(http.MethodGet, "/", nil), httptest.NewRecorder()
			r.Host = host
			if router.ServeHTTP(w, r); w.Code != want {
				t.Errorf("%q, only here %t: %d, want %d", host, here, w.Code, want)
			}
		}
	}
}
