package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/errs"
	"resonance/internal/recommend"
)

func TestHealth(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	full := newDoor(func(c *Config) {
		c.Health = func(context.Context) (Health, error) {
			return Health{
				Posts: 2136, Users: 1268, Interactions: 11130,
				Sync:      Sync{State: SyncFailing, Endpoint: "posts", Page: 12, Rows: 5500, StartedAt: &at, FinishedAt: &at, Error: ptr("upstream answers 503")},
				Embedding: Embedding{Done: 2100, Queued: 36},
				Model:     Model{Version: 7, FittedAt: &at, Events: 11000, Stale: true},
			}, nil
		}
	})
	golden(t, "health.json", full.get("/").Body.Bytes())
	empty := newDoor(func(c *Config) {
		c.Health = func(context.Context) (Health, error) { return Health{Sync: Sync{State: SyncOff}}, nil }
	})
	golden(t, "health_empty.json", empty.get("/").Body.Bytes())
	if log := full.log.String(); !strings.Contains(log, `"level":"debug"`) {
		t.Errorf("log = %s", log)
	}
}

func TestHealthOfAStoreThatDoesNotAnswer(t *testing.T) {
	d := newDoor(func(c *Config) {
		c.Health = func(context.Context) (Health, error) {
			return Health{}, fmt.Errorf("count posts: %w", errs.Unavailable)
		}
	})
	w := d.get("/")
	if problem := readProblem(t, w); w.Code != http.StatusServiceUnavailable || problem.Detail != unavailable {
		t.Errorf("problem = %+v", problem)
	}
}

func TestProbes(t *testing.T) {
	notReady := func(c *Config) {
		c.Ready = func(context.Context) error { return errors.New("the first load is not done") }
	}
	hangs := func(c *Config) {
		c.Ready = func(ctx context.Context) error { <-ctx.Done(); return fmt.Errorf("ask the store: %w", ctx.Err()) }
	}
	tests := map[string]struct {
		change func(*Config)
		target string
		status int
		body   string
	}{
		"alive":                    {nil, "/livez", 200, `{"status":"ok"}`},
		"alive when not ready":     {notReady, "/livez", 200, `{"status":"ok"}`},
		"ready":                    {nil, "/readyz", 200, `{"status":"ok"}`},
		"not ready":                {notReady, "/readyz", 503, `{"title":"Service Unavailable","status":503,"detail":"the first load is not done"}`},
		"store that never answers": {hangs, "/readyz", 503, `{"title":"Service Unavailable","status":503,"detail":"ask the store: context deadline exceeded"}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // where waiting takes no time
				w := newDoor(test.change).get(test.target)
				if got := strings.TrimSpace(w.Body.String()); w.Code != test.status || got != test.body {
					t.Errorf("%d %s, want %d %s", w.Code, got, test.status, test.body)
				}
			})
		})
	}
}

func TestMetrics(t *testing.T) {
	d := newDoor(func(c *Config) {
		c.Feeds = Timed(c.Feeds, c.Metrics)
		c.Gauges = func(context.Context) (Gauges, error) {
			return Gauges{Sequence: 42, Posts: 2136, Users: 1268, Interactions: 11130, EmbedQueue: 36, CacheHits: 3, CacheMisses: 1}, nil
		}
	})
	d.get("/feed?username=ada")
	d.get("/feed?username=ada&top_k=0")
	d.feeds.err = errs.Unavailable
	d.get("/feed?username=ada")
	w := d.get("/metrics")
	if got := w.Header().Get("Content-Type"); w.Code != 200 || !strings.HasPrefix(got, "text/plain") {
		t.Errorf("status %d, Content-Type %q", w.Code, got)
	}
	for _, want := range []string{
		"resonance_store_sequence 42", "resonance_posts 2136", "resonance_users 1268", "resonance_interactions 11130",
		"resonance_embedding_queue_length 36", "resonance_embedding_cache_hits_total 3", "resonance_embedding_cache_misses_total 1",
		"resonance_embedding_cache_hit_ratio 0.75",
		`resonance_feed_duration_seconds_count{outcome="ok"} 1`, `resonance_feed_duration_seconds_count{outcome="error"} 1`,
		`resonance_http_requests_total{method="GET",route="/feed",status="200"} 1`,
		`resonance_http_requests_total{method="GET",route="/feed",status="422"} 1`,
		`resonance_http_requests_total{method="GET",route="/feed",status="503"} 1`,
		`resonance_http_request_duration_seconds_count{method="GET",route="/feed",status="200"} 1`,
	} {
		if !strings.Contains(w.Body.String(), "\n"+want+"\n") {
			t.Errorf("no line %s", want)
		}
	}
	if !strings.Contains(w.Body.String(), "\ngo_goroutines ") || !strings.Contains(w.Body.String(), "\nprocess_") {
		t.Error("no metrics of Go and the process")
	}
}

func TestMetricsWithoutTheFiguresOfTheMoment(t *testing.T) {
	d := newDoor(func(c *Config) {
		c.Gauges = func(context.Context) (Gauges, error) { return Gauges{}, errors.New("store is away") }
	})
	w := d.get("/metrics")
	if body := w.Body.String(); w.Code != 200 || strings.Contains(body, "resonance_posts") || !strings.Contains(body, "go_goroutines") {
		t.Errorf("status %d, body %.200s", w.Code, body)
	}
	if !strings.Contains(d.log.String(), "store is away") {
		t.Errorf("log = %s", d.log)
	}
}

func TestHitRatioOfAnUnusedCache(t *testing.T) {
	for _, test := range []struct {
		hits, misses uint64
		want         float64
	}{{0, 0, 0}, {0, 5, 0}, {5, 0, 1}, {1, 3, .25}} {
		if got := (Gauges{CacheHits: test.hits, CacheMisses: test.misses}).hitRatio(); got != test.want {
			t.Errorf("%d hits, %d misses: ratio %v, want %v", test.hits, test.misses, got, test.want)
		}
	}
}

func TestTimedMakesTheSameFeeds(t *testing.T) {
	inner := &feeder{feed: recommend.Feed{Items: []recommend.Item{fullItem()}}}
	d := newDoor(func(c *Config) { c.Feeds = Timed(inner, c.Metrics) })
	plain := newDoor(func(c *Config) { c.Feeds = inner })
	request := httptest.NewRequest(http.MethodGet, "/feed?username=ada&top_k=3", nil)
	got, want := httptest.NewRecorder(), httptest.NewRecorder()
	d.ServeHTTP(got, request)
	plain.ServeHTTP(want, request)
	if diff := cmp.Diff(want.Body.String(), got.Body.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
