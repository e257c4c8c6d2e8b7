package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
)

const (
	feedFields   = `edges { node { databaseId upvoted bookmarked following } }`
	watchingFeed = `subscription ($u: String!, $p: String) { feedUpdated(username: $u, projectCode: $p, first: 8) { ` + feedFields + ` } }`
	askingFeed   = `query ($u: String!, $p: String) { feedConnection(username: $u, projectCode: $p, first: 8) { ` + feedFields + ` } }`
)

// watched is what was pushed last over a connection.
type watched struct {
	name, username, project string
	of                      *server
	pushed                  atomic.Value // string: edges as JSON
}

// asked returns what a query answers now.
func (w *watched) asked() string {
	w.of.t.Helper()
	var answer struct {
		FeedConnection struct{ Edges json.RawMessage }
	}
	w.of.query(askingFeed, map[string]any{"u": w.username, "p": w.project}, &answer)
	return string(answer.FeedConnection.Edges)
}

// await waits until what was pushed last is what a query answers.
func (w *watched) await(what string) {
	w.of.t.Helper()
	for deadline := time.Now().Add(time.Minute); w.pushed.Load() != w.asked(); <-time.After(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.of.t.Fatalf("%s: %s was pushed last %s, a query answers %s", what, w.name, w.pushed.Load(), w.asked())
		}
	}
}

// watchSocket watches a feed over a WebSocket until the test ends.
func (s *server) watchSocket(ctx context.Context, username, project string) *watched {
	s.t.Helper()
	conn, _, err := websocket.Dial(ctx, s.url+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		s.t.Fatal(err)
	}
	variables := map[string]any{"u": username, "p": project}
	for _, message := range []map[string]any{
		{"type": "connection_init"},
		{"type": "subscribe", "id": "1", "payload": map[string]any{"query": watchingFeed, "variables": variables}},
	} {
		if err := wsjson.Write(ctx, conn, message); err != nil {
			s.t.Fatal(err)
		}
	}
	w := &watched{name: "the WebSocket of " + username, username: username, project: project, of: s}
	go func() {
		defer conn.CloseNow()
		for {
			var m struct{ Payload pushedFeed }
			if wsjson.Read(ctx, conn, &m) != nil {
				return
			}
			if m.Payload.Data.FeedUpdated.Edges != nil {
				w.pushed.Store(string(m.Payload.Data.FeedUpdated.Edges))
			}
		}
	}()
	return w
}

type pushedFeed struct {
	Data struct {
		FeedUpdated struct{ Edges json.RawMessage }
	}
}

// watchEvents watches a feed as events, as a browser's EventSource does.
func (s *server) watchEvents(ctx context.Context, username, project string) *watched {
	s.t.Helper()
	variables, _ := json.Marshal(map[string]any{"u": username, "p": project})
	query := url.Values{"query": {watchingFeed}, "variables": {string(variables)}}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/graphql?"+query.Encode(), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Accept", "text/event-stream")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	w := &watched{name: "the stream of " + username, username: username, project: project, of: s}
	go func() {
		defer response.Body.Close()
		lines := bufio.NewScanner(response.Body)
		for lines.Buffer(nil, 1<<20); lines.Scan(); {
			var event pushedFeed
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok && json.Unmarshal([]byte(data), &event) == nil {
				w.pushed.Store(string(event.Data.FeedUpdated.Edges))
			}
		}
	}()
	return w
}

// Whatever is done through one process is soon pushed by both, as a query answers it.
func TestWhatIsWatchedFollows(t *testing.T) {
	environ := settings(t)
	must(t, environ, "import", folder(t, map[string]string{"posts.jsonl": wordless(60)}))
	one, _ := spawn(t, environ)
	two, _ := spawn(t, environ)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	all := []*watched{
		one.watchSocket(ctx, "ann", ""), two.watchSocket(ctx, "ann", ""), one.watchEvents(ctx, "ann", "p1"), two.watchEvents(ctx, "bo", ""),
	}
	random := rand.New(rand.NewPCG(1, 2))
	settle := func(what string) {
		t.Helper()
		for _, w := range all {
			w.await(what)
		}
	}
	settle("at first")
	if err := act(one.url, map[string]any{"username": "ann", "postId": 1, "kind": "VIEW"}); err != nil { // so that she can be forgotten
		t.Fatal(err)
	}
	settle("ann watched something")
	tries := 30
	if testing.Short() {
		tries = 8
	}
	for n := range tries {
		here := []*server{one, two}[random.IntN(2)]
		username, id := []string{"ann", "bo", "cy"}[random.IntN(3)], 1+random.IntN(60)
		var what string
		switch random.IntN(6) {
		case 0:
			what = fmt.Sprintf("%s unlikes", username)
			here.query(`mutation ($u: String!, $id: ID!) { removeInteraction(input: {username: $u, postId: $id, kind: LIKE}) { removedInteractions } }`,
				map[string]any{"u": username, "id": id}, new(any))
		case 1:
			what = fmt.Sprintf("post %d is deleted and a new one made", id)
			here.query(`mutation ($id: ID!, $new: ID!) { deletePosts(input: {ids: [$id]}) { deletedIds } upsertPosts(input: {posts: [{id: $new, author: "new", projectCode: "p1"}]}) { created } }`,
				map[string]any{"id": id, "new": 1000 + n}, new(any))
		default:
			kind := []string{"LIKE", "VIEW", "FOLLOW", "HIDE"}[random.IntN(4)]
			var feed struct{ Feed []struct{ DatabaseID int64 } }
			here.query(`query ($u: String!) { feed(username: $u) { databaseId } }`, map[string]any{"u": username}, &feed)
			first := feed.Feed[random.IntN(3)].DatabaseID
			what = fmt.Sprintf("%s: %s of %d", username, kind, first)
			if err := act(here.url, map[string]any{"username": username, "postId": first, "kind": kind, "idempotencyKey": fmt.Sprint(n)}); err != nil && !strings.Contains(err.Error(), "duplicate") {
				t.Fatal(err)
			}
		}
		settle(what)
	}
	must(t, environ, "forget", "--user", "ann") // a third process
	settle("ann is forgotten")
	if here, there := all[0].asked(), all[1].asked(); here != there {
		t.Errorf("two processes answer %s and %s", here, there)
	}
}

// Feeds that are watched do not keep a process from ending.
func TestServeStopsWhileFeedsAreWatched(t *testing.T) {
	s := start(t, settings(t))
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	for _, w := range []*watched{s.watchSocket(ctx, "mira", ""), s.watchEvents(ctx, "mira", "")} {
		w.await("at first")
	}
	if metrics := string(s.get("/metrics", http.StatusOK)); !strings.Contains(metrics, "\nresonance_feeds_watched 2\n") {
		t.Errorf("metrics do not count two feeds that are watched:\n%s", metrics)
	}
	began := time.Now()
	if err := s.stop(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > stopTimeout/2 {
		t.Errorf("it took %s", took)
	}
}
