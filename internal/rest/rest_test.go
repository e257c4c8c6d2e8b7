package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"resonance/internal/caller"
	"resonance/internal/cursor"
	"resonance/internal/recommend"
	"resonance/internal/web"
)

var update = flag.Bool("update", false, "write the golden files anew")

// feeder is a Feeder that checks requests as the engine does, answers with a fixed feed or error,
// and remembers what it was asked last.
type feeder struct {
	feed  recommend.Feed
	err   error
	asked recommend.Request
}

func (f *feeder) Feed(ctx context.Context, request recommend.Request) (recommend.Feed, error) {
	f.asked = request
	if err := request.Check(); err != nil {
		return recommend.Feed{}, err
	}
	if f.err != nil {
		return recommend.Feed{}, f.err
	}
	return f.feed, ctx.Err()
}

// door is the REST door behind the router that it is served with.
type door struct {
	http.Handler
	feeds *feeder
	log   *bytes.Buffer
}

func newDoor(change func(*Config)) door { return newDoorFor(caller.Keyring{}, change) }

func newDoorFor(keys caller.Keyring, change func(*Config)) door {
	d := door{feeds: new(feeder), log: new(bytes.Buffer)}
	log := zerolog.New(d.log)
	c := Config{
		Feeds:   d.feeds,
		Lists:   shelf{d.feeds},
		Library: shelf{d.feeds},
		Cursors: cursor.NewSigner("the key of a test"),
		Health:  func(context.Context) (Health, error) { return Health{}, nil },
		Ready:   func(context.Context) error { return nil },
		Gauges:  func(context.Context) (Gauges, error) { return Gauges{}, nil },
		Metrics: web.NewMetrics(),
		Log:     log,
		Version: "1.2.3",
	}
	if change != nil {
		change(&c)
	}
	router := web.NewRouter(web.Config{Log: log, Metrics: c.Metrics, Keys: keys})
	Mount(router, c)
	d.Handler = router
	return d
}

func (d door) get(target string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}

// golden compares got with the file under testdata, byte for byte, or writes it with -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// readProblem returns the problem that w holds, having checked its form.
func readProblem(t *testing.T, w *httptest.ResponseRecorder) problem {
	t.Helper()
	var got problem
	decoder := json.NewDecoder(w.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&got); err != nil {
		t.Fatalf("problem: %v", err)
	}
	if kind := w.Header().Get("Content-Type"); kind != web.ProblemType {
		t.Errorf("Content-Type = %q", kind)
	}
	if got.Status != w.Code || got.Title != http.StatusText(w.Code) {
		t.Errorf("status is %d, the problem says %d %q", w.Code, got.Status, got.Title)
	}
	return got
}

func TestNoAnswerPointsToASchema(t *testing.T) {
	for _, target := range []string{"/", "/feed?username=ada", "/feed", "/livez", "/readyz", "/nowhere"} {
		w := newDoor(nil).get(target)
		if link := w.Header().Get("Link"); link != "" || strings.Contains(w.Body.String(), "$schema") {
			t.Errorf("%s: Link %q, body %s", target, link, w.Body)
		}
	}
}

func TestAcceptNeverChangesTheAnswer(t *testing.T) {
	for _, accept := range []string{"", "*/*", "text/html", "json", "application/cbor", web.ProblemType, "application/json;q=0", "\x00"} {
		for _, target := range []string{"/", "/feed?username=ada", "/livez", "/readyz"} {
			if w := newDoor(nil).get(target, "Accept", accept); w.Code != 200 || w.Header().Get("Content-Type") != "application/json" {
				t.Errorf("Accept %q: %s answers %d, %q", accept, target, w.Code, w.Header().Get("Content-Type"))
			}
		}
		w := newDoor(nil).get("/feed", "Accept", accept)
		if w.Code != 422 {
			t.Errorf("Accept %q: status %d", accept, w.Code)
		}
		readProblem(t, w)
	}
}
