package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/pprof/profile"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func waits(each ...time.Duration) result {
	return newResult([][]time.Duration{each}, time.Second)
}

func TestResult(t *testing.T) {
	r := waits(40, 10, 30, 20)
	if r.p50() != 30 || r.quantile(1) != 40 || r.perSecond() != 4 || (result{}).p99() != 0 {
		t.Errorf("p50 %d, last %d, %g requests/s, nothing %d", r.p50(), r.quantile(1), r.perSecond(), (result{}).p99())
	}
	r.cpu = 8
	if r.cpuPerRequest() != 2 {
		t.Errorf("%d of CPU for one", r.cpuPerRequest())
	}
}

// What slows both sides of a round is no difference between them.
func TestRatioComparesWithinRounds(t *testing.T) {
	side, other := rounds{waits(20), waits(400), waits(20)}, rounds{waits(10), waits(100), waits(10)}
	if got := ratio(side, other, p50Seconds); got < 1.99 || got > 2.01 {
		t.Errorf("the ratio is %g, want 2", got)
	}
}

func TestClaims(t *testing.T) {
	for _, test := range []struct {
		claim   claim
		reached bool
		broken  int
	}{
		{claim{value: 15, asked: 15, floor: 3}, true, 0},
		{claim{value: 5, asked: 15, floor: 3}, false, 0},
		{claim{value: 2, asked: 15, floor: 3}, false, 1},
		{claim{value: 2, asked: 15}, false, 0},
		{claim{value: 1.5, asked: 2, floor: 9, atMost: true}, true, 0},
		{claim{value: 10, asked: 2, floor: 9, atMost: true}, false, 1},
	} {
		s := section{claims: []claim{test.claim}}
		if got := !strings.Contains(test.claim.String(), "NOT"); got != test.reached || len(s.broken()) != test.broken {
			t.Errorf("%s; broken: %v", test.claim, s.broken())
		}
	}
}

func TestFigures(t *testing.T) {
	got := []string{figure(.123456, "ms"), figure(12.345, ""), figure(1234.5, "requests"), figure(1e6, ""), figure(99.96, "")}
	if diff := cmp.Diff([]string{"0.123 ms", "12.3", "1,235 requests", "1,000,000", "100"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A load counts what a server answers, keeps to its rate, and fails when the server does.
func TestLoad(t *testing.T) {
	ctx := t.Context()
	addr, served := startConstant(t)
	closed := load{addr: addr, connections: 3, duration: 50 * time.Millisecond, ask: inTurn([][]byte{get("/a"), get("/b")})}
	r, err := closed.run(ctx)
	if err != nil || len(r.took) == 0 || int64(len(r.took)) != served.Load() {
		t.Errorf("%d requests, %d served: %v", len(r.took), served.Load(), err)
	}
	paced := closed
	paced.rate, paced.duration = 100, 200*time.Millisecond
	if r, err := paced.run(ctx); err != nil || len(r.took) != 20 {
		t.Errorf("%d requests in a fifth of a second at 100/s: %v", len(r.took), err)
	}
	for _, path := range []string{"/status", "/errors"} {
		broken := closed
		broken.ask = inTurn([][]byte{get(path)})
		if _, err := broken.run(ctx); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v", path, err)
		}
	}
}

// A load that lasts until something is done lasts no shorter.
func TestLoadUntilDone(t *testing.T) {
	addr, served := startConstant(t)
	done := make(chan struct{})
	l := load{addr: addr, connections: 1, duration: 1, done: done, ask: func(buf []byte) []byte {
		if served.Load() == 50 {
			close(done)
			served.Add(1)
		}
		return append(buf, get("/")...)
	}}
	if r, err := l.run(t.Context()); err != nil || len(r.took) < 50 {
		t.Errorf("%d requests: %v", len(r.took), err)
	}
}

func TestReplace(t *testing.T) {
	document := "# A\n\n<!-- bench:x -->\nold\n<!-- bench:x end -->\nb\n"
	once, err := replace(document, "x", "new\n")
	if err != nil || !strings.Contains(once, "new\n") || strings.Contains(once, "old") || !strings.HasSuffix(once, "b\n") {
		t.Errorf("%q, %v", once, err)
	}
	if twice, err := replace(once, "x", "new\n"); err != nil || twice != once {
		t.Errorf("the second time: %q, %v", twice, err)
	}
	if _, err := replace(document, "y", ""); err == nil {
		t.Error("no error where there are no markers")
	}
}

// Every measurement has its place in the document.
func TestDocumentHasRoomForAll(t *testing.T) {
	document, err := os.ReadFile("../../docs/benchmarks.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range measurements() {
		if _, err := replace(string(document), m.name, ""); err != nil {
			t.Error(err)
		}
	}
}

func TestChart(t *testing.T) {
	charts := addCurve(nil, "c", "a title", "one", waits(1e6, 2e6, 3e6))
	charts = addCurve(charts, "c", "", "other", waits(1e5))
	if len(charts) != 1 || len(charts[0].lines) != 2 {
		t.Fatalf("%d charts", len(charts))
	}
	path := filepath.Join(t.TempDir(), "c.svg")
	if err := charts[0].write(path); err != nil {
		t.Fatal(err)
	}
	svg, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for decoder := xml.NewDecoder(bytes.NewReader(svg)); ; {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("not XML: %v", err)
		}
	}
	for _, want := range []string{"a title", "one", "other"} {
		if !bytes.Contains(svg, []byte(want)) {
			t.Errorf("the picture lacks %q", want)
		}
	}
}

func TestStageOf(t *testing.T) {
	for want, stack := range map[string][]string{ // outermost first
		"score":                        {"net/http.(*conn).serve", "resonance/internal/recommend.serve", "resonance/internal/rank.(*Ranking).Score", "resonance/internal/vector.Dot"},
		"retrieve":                     {"net/http.(*conn).serve", "resonance/internal/recommend.retrieve", "resonance/internal/signal.Touches"},
		"encode":                       {"net/http.(*conn).serve", "resonance/internal/rest.appendFeed", "runtime.growslice"},
		"collect garbage":              {"runtime.gcBgMarkWorker", "runtime.scanobject"},
		stages()[len(stages())-1].name: {"net/http.(*conn).serve", "net/http.(*conn).readRequest"},
		elsewhere:                      {"runtime.mcall", "runtime.schedule"},
	} {
		sample := &profile.Sample{}
		for _, name := range slices.Backward(stack) {
			sample.Location = append(sample.Location, &profile.Location{Line: []profile.Line{{Function: &profile.Function{Name: name}}}})
		}
		if got := stageOf(sample); got != want {
			t.Errorf("%v is of stage %q, want %q", stack, got, want)
		}
	}
}

func TestPackageOf(t *testing.T) {
	for symbol, want := range map[string]string{
		"net/http.(*Server).Serve": "net/http",
		"main.run":                 "main",
		"modernc.org/sqlite/lib._sqlite3VdbeExec":            "modernc.org/sqlite/lib",
		"github.com/a/b%2ev2.F":                              "github.com/a/b.v2",
		"slices.SortFunc[go.shape.[]github.com/a/b.T,a/b.c]": "slices",
		"resonance/graph.(*executionContext)._Post.func1":    "resonance/graph",
	} {
		if got := packageOf(symbol); got != want {
			t.Errorf("%s is of package %q, want %q", symbol, got, want)
		}
	}
}

func TestFlags(t *testing.T) {
	for _, args := range [][]string{{"--only", "nothing"}, {"--rounds"}, {"--posts", "x"}} {
		if err := run(t.Context(), args, io.Discard); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
}
