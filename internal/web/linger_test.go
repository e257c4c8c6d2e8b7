package web

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/rs/zerolog"

	"resonance/internal/caller"
)

// What is asked over a request that stays open meets the limits of requests, and the open request
// itself is none of those in flight.
func TestWhatIsAskedOverAnOpenRequestMeetsTheLimits(t *testing.T) {
	key, line, err := caller.NewKey([]string{"read"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := caller.ParseKeyring(line)
	if err != nil {
		t.Fatal(err)
	}
	metrics := NewMetrics()
	router := NewRouter(Config{Log: zerolog.Nop(), Metrics: metrics, Keys: keys, Rate: 3, InFlight: 1})
	router.Get("/", func(_ http.ResponseWriter, r *http.Request) {
		if _, ok := Enter(r.Context()); ok {
			t.Error("the request itself is in flight, and there is another place")
		}
		Linger(r.Context())
		leave, ok := Enter(r.Context())
		if !ok {
			t.Fatal("the request stays open, and there is no place")
		}
		if _, ok := Enter(r.Context()); ok {
			t.Error("there is a place for one more than one")
		}
		leave()
		leave()
		again, ok := Enter(r.Context())
		if !ok {
			t.Error("the place is not free again")
		}
		defer again()
		for n, want := range []bool{true, true, false} { // the request is the first of three
			if Spend(r) != want {
				t.Errorf("request %d over it: admitted %t", n, !want)
			}
		}
		if other := r.WithContext(caller.With(r.Context(), caller.Caller{KeyID: "other"})); !Spend(other) {
			t.Error("another caller's request is refused")
		}
	})
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Authorization", "Bearer "+key)
	router.ServeHTTP(httptest.NewRecorder(), r)

	families, err := metrics.Gatherer().Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() == "resonance_http_request_duration_seconds" {
			t.Error("how long it was open is counted as a duration")
		}
	}
}

func TestOutsideOfARequestThereAreNoLimits(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	Linger(r.Context())
	if leave, ok := Enter(r.Context()); !ok || !Spend(r) {
		t.Error("refused")
	} else {
		leave()
	}
}
