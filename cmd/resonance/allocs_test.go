package main

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"resonance/internal/config"
	"resonance/internal/embedding/minilm"
	"resonance/internal/learn"
	"resonance/internal/replica"
	"resonance/internal/store"
	"resonance/internal/synthetic"
)

// A feed's garbage, in objects, as it was when this was last looked at. A tenth more fails: what is made for each
// request is what the slowest requests wait for.
const (
	allocsREST    = 89
	allocsGraphQL = 4782
)

func TestAllocationsOfAFeed(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector, which runs with -short, allocates on its own")
	}
	handler := fullService(t).handler(nil)
	body, err := json.Marshal(map[string]any{"query": wholeFeed, "variables": map[string]any{"u": synthetic.Username(3)}})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, method, target string
		body                 []byte
		most                 float64
	}{
		{"REST", http.MethodGet, "/feed?username=" + synthetic.Username(3), nil, allocsREST},
		{"GraphQL, every field", http.MethodPost, graphPath, body, allocsGraphQL},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := httptest.NewRequest(test.method, test.target, http.NoBody)
			r.Host = "127.0.0.1:8000"
			r.Header.Set("Content-Type", "application/json")
			body := bytes.NewReader(test.body)
			r.ContentLength = int64(len(test.body))
			ask := func() *answer {
				body.Reset(test.body)
				r.Body = io.NopCloser(body)
				w := &answer{header: http.Header{}, code: http.StatusOK}
				handler.ServeHTTP(w, r)
				return w
			}
			if w := ask(); w.code != http.StatusOK || w.bytes < 2000 {
				t.Fatalf("status %d, %d bytes", w.code, w.bytes)
			}
			// What others allocate meanwhile, and what the collector takes from pools, only adds: the fewest count.
			got := math.Inf(1)
			for range 10 {
				got = min(got, testing.AllocsPerRun(100, func() { ask() }))
			}
			if got > 1.1*test.most {
				t.Errorf("a feed allocates %.0f objects; %.0f was known", got, test.most)
			} else {
				t.Logf("a feed allocates %.0f objects", got)
			}
		})
	}
}

// answer counts what is written.
type answer struct {
	header http.Header
	code   int
	bytes  int
}

func (a *answer) Header() http.Header  { return a.header }
func (a *answer) WriteHeader(code int) { a.code = code }
func (a *answer) Write(b []byte) (int, error) {
	a.bytes += len(b)
	return len(b), nil
}

// fullService is a service over posts that are all embedded, with a model that is fitted: every stage of a feed has
// something to do, and nothing runs in the background.
func fullService(t *testing.T) *service {
	t.Helper()
	ctx := t.Context()
	settings, err := config.Load([]string{"DATABASE_URL=sqlite:" + filepath.Join(t.TempDir(), "resonance.db")}, "")
	if err != nil {
		t.Fatal(err)
	}
	p := &program{settings: settings, log: zerolog.New(io.Discard), std: streams{nil, io.Discard, io.Discard}}
	s, err := p.open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	model, err := minilm.Load()
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := synthetic.New(500)
	if err != nil {
		t.Fatal(err)
	}
	if err := catalogue.Write(ctx, s.db, model.Model(), nil); err != nil {
		t.Fatal(err)
	}
	err = s.replica.Read(ctx, func(view replica.View) error {
		recipe := learn.Begin(learn.Past{Catalog: view.Catalog, Log: view.Log})
		_, err := s.db.SaveSnapshot(ctx, store.Snapshot{
			Recipe: recipe.String(), ServesAt: time.Now(), Sequence: view.Sequence,
			Touches: view.Crowd.Touches(), Rows: learn.Encoded(view.Catalog, view.Crowd),
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.prepare(ctx); err != nil {
		t.Fatal(err)
	}
	return s
}
