package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"resonance/internal/sharedtest"
)

// constantEmbeddings is a server that gives every text the same embedding: quick, and of no
// consequence for what learns from events.
func constantEmbeddings(t *testing.T) []string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked struct{ Input []string }
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		var data []string
		for i := range asked.Input {
			data = append(data, fmt.Sprintf(`{"index":%d,"embedding":[1,0]}`, i))
		}
		io.WriteString(w, `{"data":[`+strings.Join(data, ",")+`]}`)
	}))
	t.Cleanup(server.Close)
	return []string{"EMBEDDING_URL=" + server.URL, "EMBEDDING_MODEL=constant"}
}

// measured is what evaluate prints as JSON.
type measured struct {
	Protocol string
	K, Lists int
	Systems  []struct {
		Name    string
		NDCG    float64
		HitRate float64    `json:"hit_rate"`
		CI      [2]float64 `json:"ndcg_ci"`
	}
}

func measure(t *testing.T, environ []string, args ...string) (m measured) {
	t.Helper()
	args = append([]string{"evaluate", "--format", "json", "--cache", t.TempDir()}, args...)
	decode(t, []byte(must(t, environ, args...)), &m)
	return m
}

func (m measured) check(t *testing.T, lists int, want map[string]float64) {
	t.Helper()
	if m.Lists != lists || m.K != 10 {
		t.Errorf("%s: %d lists of %d, want %d of 10", m.Protocol, m.Lists, m.K, lists)
	}
	for _, s := range m.Systems {
		if reference, named := want[s.Name]; named && math.Abs(s.NDCG-reference) > .0011 {
			t.Errorf("%s: nDCG of %s is %.4f, the reference has %.3f", m.Protocol, s.Name, s.NDCG, reference)
		}
		delete(want, s.Name)
	}
	for name := range want {
		t.Errorf("%s: %s was not measured", m.Protocol, name)
	}
}

// The whole command gives the figures of ../shared/quality/README.md where parameters and data are
// the same, the lists of the protocols, and on the way a picture. The engine is left out: these are test
// windows.
func TestEvaluateAgreesWithTheReference(t *testing.T) {
	if testing.Short() {
		t.Skip("fits every baseline on the shared rows")
	}
	_, environ := capture(t)
	must(t, environ, "sync")
	environ = append(environ, constantEmbeddings(t)...)
	picture := filepath.Join(t.TempDir(), "s2.svg")
	measure(t, environ, "--protocol", "leave-last", "--only", "popular,newest,feed-order,ease,transitions", "--plot", picture).check(t, 630, map[string]float64{
		"popular": .134, "newest": 0, "feed-order": .170, "ease": .360, "transitions": .373,
	})
	if svg, err := os.ReadFile(picture); err != nil || !strings.Contains(string(svg), "<svg") {
		t.Errorf("plot: %.40q, error %v", svg, err)
	}
	measure(t, environ, "--protocol", "live", "--only", "popular,newest,feed-order,itemknn,transitions").check(t, 1477, map[string]float64{
		"popular": .001, "newest": .182, "feed-order": .269, "itemknn": .157, "transitions": .222,
	})
	measure(t, environ, "--protocol", "time-split", "--only", "popular,newest,feed-order").check(t, 66, map[string]float64{"popular": .006, "newest": .107, "feed-order": .095})

	films := filepath.Join(t.TempDir(), "films")
	must(t, environ, "convert", "movielens", "--as", "views", sharedtest.Dir(t, filepath.Join("data", "ml-latest-small")), films)
	measure(t, environ, "--protocol", "random", "--only", "popular,ease,newest", "--data", films).check(t, 1827, map[string]float64{"popular": .187, "ease": .370, "newest": .001})
	measure(t, environ, "--protocol", "last-fifth", "--only", "popular,newest", "--data", films).check(t, 610, map[string]float64{"popular": .087, "newest": .003})
}

// evaluate measures a store as it stands, without a model of text where no post has one.
func TestEvaluateStore(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("posts.jsonl", `{"id": 1}
{"id": 2, "is_available_in_public_feed": false}
{"id": 3, "author": "ann"}`)
	write("interactions.jsonl", `{"username": "ann", "post_id": 1, "kind": "view", "at": "2026-01-01T00:00:00Z"}
{"username": "bob", "post_id": 1, "kind": "view", "at": "2026-01-01T00:00:01Z"}
{"username": "ann", "post_id": 3, "kind": "like", "at": "2026-01-01T00:00:02Z"}
{"username": "bob", "post_id": 2, "kind": "like", "at": "2026-01-01T00:00:03Z"}`)
	environ := settings(t)
	must(t, environ, "import", dir)
	for name, args := range map[string][]string{"the store": nil, "the folder": {"--data", dir}} {
		t.Run(name, func(t *testing.T) {
			m := measure(t, environ, append(args, "--protocol", "leave-last", "--k", "2", "--ablate")...)
			if m.Lists != 2 {
				t.Fatalf("measured %+v", m)
			}
			var names []string
			for _, s := range m.Systems {
				names = append(names, s.Name)
			}
			if got := strings.Join(names, "; "); !strings.HasPrefix(got, "engine; engine, no exploration; engine, no nearness; engine, no trees; equal; random; ") || !strings.HasSuffix(got, "; engine, no author") {
				t.Errorf("measured %s", got)
			}
			// Two candidates for two places: what is not public, and one's own, are candidates too.
			for _, s := range m.Systems {
				if s.HitRate != 1 {
					t.Errorf("%s hits %v of the lists, want all", s.Name, s.HitRate)
				}
			}
		})
	}
	table := must(t, environ, "evaluate", "--protocol", "leave-last", "--cache", t.TempDir())
	if !strings.Contains(table, "leave-last, k = 10: 2 lists") || !strings.Contains(table, "transitions") {
		t.Errorf("the table is:\n%s", table)
	}
}

func TestEvaluateRefuses(t *testing.T) {
	environ := settings(t)
	tests := map[string]struct {
		args []string
		want string
	}{
		"a protocol":        {[]string{"--protocol", "guess"}, "time-split, live, leave-last, last-fifth, random"},
		"a format":          {[]string{"--format", "csv"}, "neither table nor json"},
		"a length":          {[]string{"--k", "0"}, "1..100"},
		"an argument":       {[]string{"folder"}, "--data DIR"},
		"a folder":          {[]string{"--data", filepath.Join(t.TempDir(), "absent")}, "absent"},
		"an empty folder":   {[]string{"--data", t.TempDir()}, "posts.jsonl"},
		"an empty store":    {nil, "no interaction with a known post"},
		"a system":          {[]string{"--data", lonely(t), "--only", "engine,oracle"}, "only: \"oracle\" is not one of engine, equal, random"},
		"a flag":            {[]string{"--speed", "9"}, "speed"},
		"too few to cut up": {[]string{"--data", lonely(t), "--protocol", "leave-last"}, "too few events"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := command(t, environ, "", append([]string{"evaluate", "--cache", t.TempDir()}, test.args...)...)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
	if _, err := command(t, environ, "", "convert", "movielens", "one"); err == nil || !strings.Contains(err.Error(), "two folders") {
		t.Errorf("convert with one folder: error %v", err)
	}
}

// lonely is a folder with one event.
func lonely(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, line := range map[string]string{
		"posts.jsonl": `{"id": 1}`, "interactions.jsonl": `{"username": "ann", "post_id": 1, "kind": "view", "at": "2026-01-01T00:00:00Z"}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(line), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
