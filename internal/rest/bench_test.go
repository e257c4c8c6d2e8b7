package rest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/rs/zerolog"

	"resonance/internal/catalog"
	"resonance/internal/recommend"
	"resonance/internal/web"
)

func tenPosts() recommend.Feed {
	made := recommend.Feed{}
	for range 10 {
		made.Items = append(made.Items, plainItem())
	}
	return made
}

// sink is a ResponseWriter that keeps nothing.
type sink struct{ header http.Header }

func (s sink) Header() http.Header            { return s.header }
func (s sink) WriteHeader(int)                {}
func (s sink) Write(body []byte) (int, error) { return len(body), nil }

// BenchmarkFeedHandler measures all of GET /feed but the engine and the network.
func BenchmarkFeedHandler(b *testing.B) {
	metrics := web.NewMetrics()
	config := Config{Feeds: &feeder{feed: tenPosts()}, Metrics: metrics, Log: zerolog.Nop()}
	bare := chi.NewRouter()
	Mount(bare, config)
	full := web.NewRouter(web.Config{Log: zerolog.New(io.Discard), Metrics: metrics})
	Mount(full, config)
	for name, handler := range map[string]http.Handler{"bare": bare, "middleware": full} {
		b.Run(name, func(b *testing.B) {
			r := httptest.NewRequest(http.MethodGet, "/feed?username=user_1&top_k=10", nil)
			w := sink{http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				handler.ServeHTTP(w, r)
			}
		})
	}
}

// BenchmarkEncode compares the writer with encoding/json on the documented types, which would
// have to be filled first, besides.
func BenchmarkEncode(b *testing.B) {
	made := tenPosts()
	b.Run("append", func(b *testing.B) {
		b.ReportAllocs()
		var buf []byte
		for b.Loop() {
			buf = appendFeed(buf[:0], made, catalog.EveryProject())
		}
		b.SetBytes(int64(len(buf)))
	})
	b.Run("encoding-json", func(b *testing.B) {
		var documented feed
		if err := json.Unmarshal(appendFeed(nil, made, catalog.EveryProject()), &documented); err != nil {
			b.Fatal(err)
		}
		encoder := json.NewEncoder(io.Discard)
		encoder.SetEscapeHTML(false)
		b.ReportAllocs()
		for b.Loop() {
			if err := encoder.Encode(documented); err != nil {
				b.Fatal(err)
			}
		}
	})
}
