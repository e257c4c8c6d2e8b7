package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-chi/chi/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"resonance/internal/caller"
	"resonance/internal/recommend"
	"resonance/internal/web"
)

// Gauges are figures of the moment that GET /metrics shows.
type Gauges struct {
	Sequence     int64 // the store's sequence number
	Posts        int64
	Users        int64
	Interactions int64
	EmbedQueue   int64  // posts whose text waits to be embedded
	Watched      int    // feeds that subscriptions watch
	CacheHits    uint64 // of the embedding cache, since the start
	CacheMisses  uint64
}

// timed is a Feeder that times another.
type timed struct {
	feeds    Feeder
	duration *prometheus.HistogramVec
}

// Timed returns a Feeder that makes the same feeds and adds how long each took to metrics, where
// GET /metrics shows it. Feeds of every door are measured alike when the doors share it.
func Timed(feeds Feeder, metrics *web.Metrics) Feeder {
	t := timed{feeds, prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "resonance_feed_duration_seconds",
		Help:    "Time to make a feed, from the question to the ranked posts, by outcome.",
		Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .02, .05, .1, .25, 1},
	}, []string{"outcome"})}
	metrics.Register(t.duration)
	return t
}

func (t timed) Feed(ctx context.Context, request recommend.Request) (recommend.Feed, error) {
	start := time.Now()
	made, err := t.feeds.Feed(ctx, request)
	outcome := "ok"
	if err != nil {
		outcome = "error"
	}
	t.duration.WithLabelValues(outcome).Observe(time.Since(start).Seconds())
	return made, err
}

func (a *api) addMetrics(router chi.Router, operations huma.API) {
	operations.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "getMetrics",
		Method:      http.MethodGet,
		Path:        "/metrics",
		Tags:        []string{tagProcess},
		Summary:     "Metrics for Prometheus",
		Description: "Requests, feeds, caches, queues and the Go runtime, in the Prometheus text format.",
		Responses: map[string]*huma.Response{
			"401": unauthorizedResponse(operations.OpenAPI().Components.Schemas),
			"403": forbiddenResponse(operations.OpenAPI().Components.Schemas),
			"200": {
				Description: "The metrics.",
				Content: map[string]*huma.MediaType{"text/plain": {
					Schema:  &huma.Schema{Type: huma.TypeString, Description: "One metric a line.", Examples: []any{"resonance_posts 2136\n"}},
					Example: "resonance_posts 2136\n",
				}},
			}},
	})
	router.Get("/metrics", a.metrics)
}

// metrics shows the registry and the figures of the moment; when these cannot be read, the rest.
func (a *api) metrics(w http.ResponseWriter, r *http.Request) {
	web.Quiet(r.Context())
	if err := caller.Of(r.Context()).MayEverywhere(caller.Read); err != nil {
		refuse(w, err)
		return
	}
	gatherers := prometheus.Gatherers{a.Metrics.Gatherer()}
	if gauges, err := a.Gauges(r.Context()); err == nil {
		moment := prometheus.NewRegistry()
		moment.MustRegister(gauges)
		gatherers = append(gatherers, moment)
	} else {
		a.Log.Warn().Err(err).Str("request_id", web.RequestID(r.Context())).Msg("figures of the moment are not in the metrics")
	}
	promhttp.HandlerFor(gatherers, promhttp.HandlerOpts{}).ServeHTTP(w, r)
}

// Describe implements prometheus.Collector.
func (g Gauges) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(g, ch) }

// Collect implements prometheus.Collector.
func (g Gauges) Collect(ch chan<- prometheus.Metric) {
	gauge, counter := prometheus.GaugeValue, prometheus.CounterValue
	for _, figure := range []struct {
		kind       prometheus.ValueType
		name, help string
		value      float64
	}{
		{gauge, "resonance_store_sequence", "Sequence number of the store's last change.", float64(g.Sequence)},
		{gauge, "resonance_posts", "Posts in the store.", float64(g.Posts)},
		{gauge, "resonance_users", "Users with a username in the store.", float64(g.Users)},
		{gauge, "resonance_interactions", "Interactions in the store.", float64(g.Interactions)},
		{gauge, "resonance_embedding_queue_length", "Posts whose text waits to be embedded.", float64(g.EmbedQueue)},
		{gauge, "resonance_feeds_watched", "Feeds that subscriptions watch in this process.", float64(g.Watched)},
		{counter, "resonance_embedding_cache_hits_total", "Embeddings found in the cache.", float64(g.CacheHits)},
		{counter, "resonance_embedding_cache_misses_total", "Embeddings read from the store.", float64(g.CacheMisses)},
		{gauge, "resonance_embedding_cache_hit_ratio", "Share of embeddings found in the cache since the start, 0 before the first.", g.hitRatio()},
	} {
		ch <- prometheus.MustNewConstMetric(prometheus.NewDesc(figure.name, figure.help, nil, nil), figure.kind, figure.value)
	}
}

func (g Gauges) hitRatio() float64 {
	if g.CacheHits == 0 {
		return 0
	}
	return float64(g.CacheHits) / float64(g.CacheHits+g.CacheMisses)
}
