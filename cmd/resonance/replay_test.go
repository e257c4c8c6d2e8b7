package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// replayed is what evaluate --protocol replay prints as JSON.
type replayed struct {
	Protocol string
	K, Lists int
	Systems  []struct {
		Name, Places, Impossible string
		Rows                     int
		IPS                      *float64
	}
}

// serve records the feeds of every door where it is asked to, and replay finds in the store, and in an
// export of it, what users did with them.
func TestFeedsAreLoggedAndReplayed(t *testing.T) {
	log := filepath.Join(t.TempDir(), "feeds.jsonl")
	environ := settings(t, "FEED_LOG="+log)
	s := start(t, environ)
	ids := s.feed("username=mira&top_k=10")
	if err := act(s.url, map[string]any{"username": "mira", "postId": ids[0], "kind": "LIKE"}); err != nil {
		t.Fatal(err)
	}
	s.shown("jonas", 10)
	s.feed("username=nobody-knows-me&top_k=3")
	s.get("/feed?username=mira&top_k=0", http.StatusUnprocessableEntity)
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(string(content), "\n"); lines != 3 {
		t.Errorf("%d feeds are logged, want 3:\n%s", lines, content)
	}
	if strings.Contains(string(content), "mira") || strings.Contains(string(content), "nobody") {
		t.Errorf("the log names people:\n%s", content)
	}
	var first struct {
		Posts []struct{ Post int64 }
	}
	decode(t, content[:strings.IndexByte(string(content), '\n')], &first)
	for i, id := range ids {
		if first.Posts[i].Post != id {
			t.Errorf("place %d: post %d is logged, %d was served", i+1, first.Posts[i].Post, id)
		}
	}

	folder := t.TempDir()
	must(t, environ, "export", folder)
	for name, args := range map[string][]string{"the store": nil, "the folder": {"--data", folder}} {
		out := must(t, environ, append([]string{"evaluate", "--protocol", "replay", "--log", log, "--format", "json"}, args...)...)
		var r replayed
		decode(t, []byte(out), &r)
		known := 0
		for _, line := range strings.Split(strings.TrimSpace(string(content)), "\n") {
			var entry struct{ User int }
			decode(t, []byte(line), &entry)
			known += min(1, entry.User)
		}
		if r.Protocol != "replay" || r.Lists != known || known == 0 || r.Systems[0].Name != "logged" || r.Systems[0].IPS == nil {
			t.Fatalf("%s: %s", name, out)
		}
		if touched := *r.Systems[0].IPS * float64(r.Systems[0].Rows); touched < .99 || touched > 1.01 {
			t.Errorf("%s: %v touches of posts served, want the like of the first one", name, touched)
		}
	}
	if table := must(t, environ, "evaluate", "--protocol", "replay", "--log", log); !strings.Contains(table, "no exploration") {
		t.Errorf("the table is:\n%s", table)
	}
}

func TestReplayRefuses(t *testing.T) {
	environ := settings(t)
	broken, empty := filepath.Join(t.TempDir(), "broken"), filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(broken, []byte("{\"at\":\"2026-01-01T00:00:00Z\",\"user\":1}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		args []string
		want string
	}{
		"no log":             {nil, "log: --protocol replay takes --log FILE"},
		"an absent log":      {[]string{"--log", empty + "-not"}, "no such file"},
		"an empty log":       {[]string{"--log", empty}, "holds no feed"},
		"a broken log":       {[]string{"--log", broken}, "line 1: invalid input: k: is 0"},
		"a picture":          {[]string{"--log", broken, "--plot", "x.svg"}, "neither --ablate nor --only nor --plot"},
		"a log of no use":    {[]string{"--log", broken, "--protocol", "live"}, "no other protocol does"},
		"a length":           {[]string{"--log", broken, "--k", "101"}, "1..100"},
		"a store of nothing": {[]string{"--log", good(t)}, "no interaction with a known post"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := command(t, environ, "", append([]string{"evaluate", "--protocol", "replay"}, test.args...)...)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

// good is a log of one feed.
func good(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "good")
	line, err := json.Marshal(map[string]any{"at": "2026-01-01T00:00:00Z", "user": 1, "k": 1, "posts": []any{map[string]any{"post": 1, "propensity": 1}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(line, '\n'), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A log that can't be opened stops the start, named.
func TestFeedLogRefuses(t *testing.T) {
	_, err := command(t, settings(t, fmt.Sprintf("FEED_LOG=%s/", t.TempDir())), "")
	if err == nil || !strings.Contains(err.Error(), "FEED_LOG") {
		t.Errorf("error %v, want FEED_LOG named", err)
	}
}
