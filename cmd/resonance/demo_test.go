package main

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"resonance/internal/console"
	"resonance/internal/demo"
)

// Everything that the README promises of a bare start.
func TestDemo(t *testing.T) {
	environ := settings(t)
	first := start(t, environ)
	if ids := first.feed("username=mira&top_k=5"); len(ids) != 5 {
		t.Errorf("mira's feed is %v, want 5 posts before anything is embedded", ids)
	}
	h := first.await("counts", func(h health) bool { return h.Posts >= 300 })
	if h.Status != "ok" || h.Users != 80 || h.Interactions < 3000 || h.Sync.State != "off" {
		t.Errorf("GET / answers %+v", h)
	}
	for _, path := range []string{"/readyz", "/metrics", "/openapi.json", "/playground", "/docs", "/redoc"} {
		first.get(path, http.StatusOK)
	}
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}

	second := start(t, environ)
	if again := second.await("counts", func(health) bool { return true }); again.Interactions != h.Interactions || again.Posts != h.Posts {
		t.Errorf("the second start holds %+v, the first %+v", again, h)
	}
	if !testing.Short() && second.started > 5*time.Second {
		t.Errorf("the second start took %s", second.started)
	}
}

func TestBadInput(t *testing.T) {
	s := start(t, settings(t))
	for _, test := range []struct{ parameters, names string }{
		{"top_k=5", "username"},
		{"username=&top_k=5", "username"},
		{"username=mira&top_k=0", "top_k"},
		{"username=mira&top_k=101", "top_k"},
		{"username=mira&top_k=abc", "top_k"},
	} {
		if body := string(s.get("/feed?"+test.parameters, http.StatusUnprocessableEntity)); !strings.Contains(body, test.names) {
			t.Errorf("/feed?%s answers %s, want %s named", test.parameters, body, test.names)
		}
	}
	if ids := s.feed("username=mira&project_code=nowhere"); len(ids) != 0 {
		t.Errorf("an unknown project has the posts %v", ids)
	}
	if ids := s.feed("username=nobody-knows-me"); len(ids) != 10 {
		t.Errorf("an unknown user gets %d posts, want 10", len(ids))
	}
}

// The same question has the same answer on both doors.
func TestBothDoorsAgree(t *testing.T) {
	s := start(t, settings(t))
	for _, test := range []struct {
		name, parameters string
		variables        map[string]any
	}{
		{"known user", "username=mira&top_k=20", map[string]any{"u": "mira", "k": 20}},
		{"project", "username=mira&project_code=Hearth&top_k=7", map[string]any{"u": "mira", "p": "hearth", "k": 7}},
		{"new user", "username=stranger", map[string]any{"u": "stranger"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var rest struct{ Post []map[string]any }
			decode(t, s.get("/feed?"+test.parameters, http.StatusOK), &rest)
			var graph struct{ Feed []map[string]any }
			s.query(wholeFeed, test.variables, &graph)
			for _, post := range graph.Feed {
				snakeKeys(post)
			}
			if diff := gocmp.Diff(rest.Post, graph.Feed); diff != "" {
				t.Errorf("REST and GraphQL differ (-rest +graph):\n%s", diff)
			}
		})
	}
}

// The playground's first query runs as it stands.
func TestFirstQuery(t *testing.T) {
	s := start(t, settings(t))
	var data struct{ Feed []struct{ ID, Title string } }
	s.query(console.FeedOperation(demo.Mira).Query, map[string]any{"username": demo.Mira, "topK": 5}, &data)
	if len(data.Feed) != 5 {
		t.Errorf("the first query has %d posts, want 5", len(data.Feed))
	}
}

// Every post says which parts made its score, and they add up to it.
func TestScoresAddUp(t *testing.T) {
	type part struct {
		Name  string
		Value float64
	}
	type edge struct {
		Score float64
		Parts []part
	}
	var data struct{ FeedConnection struct{ Edges []edge } }
	s := start(t, settings(t))
	s.query(`{ feedConnection(username: "mira", first: 30) { edges { score parts { name value } } } }`, nil, &data)
	edges := data.FeedConnection.Edges
	if len(edges) != 30 {
		t.Fatalf("got %d edges, want 30", len(edges))
	}
	for i, e := range edges {
		var sum float64
		for _, p := range e.Parts {
			sum += p.Value
		}
		if sum != e.Score || len(e.Parts) == 0 {
			t.Errorf("edge %d: parts %v add up to %g, score is %g", i, e.Parts, sum, e.Score)
		}
	}
	if !slices.IsSortedFunc(edges, func(a, b edge) int { return cmp.Compare(b.Score, a.Score) }) {
		t.Error("edges are not sorted by score")
	}
}
