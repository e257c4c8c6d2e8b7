package web

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// methods are the methods that a route may answer, in the order in which Allow names them.
var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

// Metrics counts and times the requests of one process, beside what Go and the operating system
// say of it. Safe for concurrent use.
type Metrics struct {
	registry  *prometheus.Registry
	requests  *prometheus.CounterVec
	durations *prometheus.HistogramVec
}

// NewMetrics returns metrics with a registry of their own.
func NewMetrics() *Metrics {
	labels := []string{"route", "method", "status"}
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "resonance_http_requests_total",
			Help: "Requests answered, by route pattern, method and status.",
		}, labels),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "resonance_http_request_duration_seconds",
			Help:    "Time from a request's header to the end of its answer, by route pattern, method and status.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, labels),
	}
	m.Register(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), m.requests, m.durations)
	return m
}

// Register adds collectors. It panics when one is registered already.
func (m *Metrics) Register(c ...prometheus.Collector) { m.registry.MustRegister(c...) }

// Gatherer returns the registry to read the metrics from.
func (m *Metrics) Gatherer() prometheus.Gatherer { return m.registry }

func (m *Metrics) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start, wrapped := time.Now(), wrap(w, r)
		defer func() {
			route, method, status := routeOf(r), methodLabel(r.Method), strconv.Itoa(statusOf(wrapped, r))
			m.requests.WithLabelValues(route, method, status).Inc()
			if rec := recordOf(r.Context()); rec == nil || !rec.lingers {
				m.durations.WithLabelValues(route, method, status).Observe(time.Since(start).Seconds())
			}
		}()
		next.ServeHTTP(wrapped, r)
	})
}

// routeOf returns the pattern of the route that answered, so that a label has as many values as
// there are routes and no more.
func routeOf(r *http.Request) string {
	if pattern := chi.RouteContext(r.Context()).RoutePattern(); pattern != "" {
		return pattern
	}
	return "unmatched"
}

// methodLabel returns method, or "other" for one that a client may have made up.
func methodLabel(method string) string {
	if slices.Contains(methods, method) || method == http.MethodOptions {
		return method
	}
	return "other"
}
