package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

const processEnv = "RESONANCE_TEST_PROCESS"

// TestMain lets the test binary run as the program, in a process that can be killed.
func TestMain(m *testing.M) {
	if os.Getenv(processEnv) != "" {
		if err := run(context.Background(), []string{"resonance"}, os.Environ(), streams{os.Stdin, os.Stdout, os.Stderr}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// spawn runs serve in a process of its own until the test ends; kill is kill -9.
func spawn(t *testing.T, environ []string) (s *server, kill func()) {
	t.Helper()
	process := exec.CommandContext(context.Background(), os.Args[0])
	process.Env = slices.Concat(environ, []string{processEnv + "=1"})
	process.Dir = t.TempDir() // no .env
	log := newBuffer()
	process.Stderr = log
	out, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	kill = sync.OnceFunc(func() {
		if err := process.Process.Kill(); err != nil {
			t.Errorf("kill: %v", err)
		}
		_ = process.Wait() // it was killed
	})
	t.Cleanup(kill)
	s = &server{t: t, log: log}
	for lines := bufio.NewScanner(out); s.url == "" && lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "  ") {
			s.url = address.FindString(lines.Text())
		}
	}
	if s.url == "" {
		t.Fatalf("serve did not greet:\n%s", log)
	}
	return s, kill
}

// wordless returns posts without texts, by twenty authors: nothing of them is embedded.
func wordless(n int) string {
	var b strings.Builder
	for id := 1; id <= n; id++ {
		fmt.Fprintf(&b, `{"id": %d, "author": "a%d", "project_code": "p%d", "created_at": "2026-01-02T00:00:%02dZ"}`+"\n", id, id%20, id%3, id%60)
	}
	return b.String()
}

// act records one interaction and returns an error unless it was accepted.
func act(url string, input map[string]any) error {
	body, err := json.Marshal(map[string]any{
		"query":     `mutation ($input: RecordInteractionInput!) { recordInteraction(input: $input) { duplicate } }`,
		"variables": map[string]any{"input": input},
	})
	if err != nil {
		return err
	}
	response, err := http.Post(url+"/graphql", "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && string(answer) != `{"data":{"recordInteraction":{"duplicate":false}}}` {
		err = fmt.Errorf("%v: %s", input, answer)
	}
	return err
}

// shown is a feed with what the user has to do with each post.
type shown struct {
	Feed []struct {
		DatabaseID, UpvoteCount        int64
		Upvoted, Bookmarked, Following bool
		Owner                          struct{ Username string }
	}
}

func (s *server) shown(username string, topK int) (f shown) {
	s.t.Helper()
	s.query(`query ($u: String!, $k: Int) { feed(username: $u, topK: $k) { databaseId upvoteCount upvoted bookmarked following owner { username } } }`,
		map[string]any{"u": username, "k": topK}, &f)
	return f
}

// under runs load on servers until the test ends.
func under(t *testing.T, servers ...*server) {
	ctx, stop := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for n, s := range servers {
		for g := range 2 {
			wg.Go(func() {
				for i := 0; ctx.Err() == nil; i++ {
					username := fmt.Sprintf("load %d %d %d", n, g, i%50)
					if err := act(s.url, map[string]any{"username": username, "postId": 1 + i%200, "kind": "VIEW"}); err != nil {
						t.Errorf("under load: %v", err)
						return
					}
					response, err := http.Get(s.url + "/feed?username=load")
					if err != nil {
						t.Errorf("under load: %v", err)
						return
					}
					response.Body.Close()
				}
			})
		}
	}
	t.Cleanup(func() { stop(); wg.Wait() })
}

// What one process has acknowledged is in the next feed of the other, every time.
func TestActsAcrossProcesses(t *testing.T) {
	tries := 1000
	if testing.Short() {
		tries = 60
	}
	environ := settings(t)
	must(t, environ, "import", folder(t, map[string]string{"posts.jsonl": wordless(200)}))
	one, _ := spawn(t, environ)
	two, _ := spawn(t, environ)
	under(t, one, two)
	for n := range tries {
		here, there := one, two
		if n%2 == 1 {
			here, there = two, one
		}
		username := fmt.Sprint("user ", n)
		before := there.shown(username, 5)
		first, second := before.Feed[0], before.Feed[1]
		for _, input := range []map[string]any{
			{"username": username, "postId": first.DatabaseID, "kind": "LIKE"},
			{"username": username, "postId": second.DatabaseID, "kind": "FOLLOW"},
		} {
			if err := act(here.url, input); err != nil {
				t.Fatal(err)
			}
		}
		for _, post := range there.shown(username, 100).Feed {
			if post.DatabaseID == first.DatabaseID {
				t.Fatalf("try %d: post %d was liked and is in the next feed", n, first.DatabaseID)
			}
			if post.Following != (post.Owner.Username == second.Owner.Username) {
				t.Fatalf("try %d: %s was followed, and post %d by %s says %t", n, second.Owner.Username, post.DatabaseID, post.Owner.Username, post.Following)
			}
		}
	}
}

// Posts that come back, when all are seen, have the flags and counters that the user gave them.
func TestViewerFlagsFollow(t *testing.T) {
	environ := settings(t)
	must(t, environ, "import", folder(t, map[string]string{"posts.jsonl": wordless(4)}))
	one, two := start(t, environ), start(t, environ)
	flags := func() (flags []string) {
		for _, p := range two.shown("ann", 10).Feed {
			flags = append(flags, fmt.Sprint(p.DatabaseID, p.Upvoted, p.Bookmarked, p.Following, p.UpvoteCount))
		}
		slices.Sort(flags)
		return flags
	}
	for id := range 4 {
		for _, kind := range []string{"VIEW", "LIKE", "BOOKMARK"} {
			if err := act(one.url, map[string]any{"username": "ann", "postId": id + 1, "kind": kind}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := act(one.url, map[string]any{"username": "ann", "postId": 3, "kind": "FOLLOW"}); err != nil {
		t.Fatal(err)
	}
	if got, want := flags(), []string{"1 true true false 1", "2 true true false 1", "3 true true true 1", "4 true true false 1"}; !slices.Equal(got, want) {
		t.Errorf("flags %v, want %v", got, want)
	}
	for _, kind := range []string{"LIKE", "FOLLOW"} {
		var removed struct {
			RemoveInteraction struct{ RemovedInteractions int }
		}
		one.query(`mutation ($k: InteractionKind!) { removeInteraction(input: {username: "ann", postId: 3, kind: $k}) { removedInteractions } }`,
			map[string]any{"k": kind}, &removed)
		if removed.RemoveInteraction.RemovedInteractions != 1 {
			t.Errorf("removed %+v of kind %s", removed, kind)
		}
	}
	if got, want := flags(), []string{"1 true true false 1", "2 true true false 1", "3 false true false 0", "4 true true false 1"}; !slices.Equal(got, want) {
		t.Errorf("after the unlike flags %v, want %v", got, want)
	}
	one.query(`mutation { deletePosts(input: {ids: [4]}) { deletedIds } upsertPosts(input: {posts: [{id: 9, author: "new"}]}) { created } }`, nil, new(any))
	if got, want := flags(), []string{"1 true true false 1", "2 true true false 1", "3 false true false 0", "9 false false false 0"}; !slices.Equal(got, want) {
		t.Errorf("after a deletion and a new post %v, want %v", got, want)
	}
	one.query(`mutation { forgetUser(input: {username: "ann"}) { deletedInteractions } }`, nil, new(any))
	if got := flags(); len(got) != 4 || slices.ContainsFunc(got, func(f string) bool { return strings.Contains(f, "true") }) {
		t.Errorf("forgotten ann's flags %v", got)
	}
	if err := act(one.url, map[string]any{"username": "ann", "postId": 1, "kind": "LIKE"}); err == nil || !strings.Contains(err.Error(), "FORBIDDEN") {
		t.Errorf("forgotten ann likes: %v", err)
	}
	must(t, environ, "forget", "--user", "ann", "--undo")
	if err := act(two.url, map[string]any{"username": "ann", "postId": 1, "kind": "LIKE"}); err != nil {
		t.Errorf("ann, let back in, likes: %v", err)
	}
}

// kill -9 of a process that records loses nothing that it has acknowledged.
func TestKilledWhileRecording(t *testing.T) {
	environ := settings(t)
	must(t, environ, "import", folder(t, map[string]string{"posts.jsonl": wordless(200)}))
	acknowledged := map[string]bool{}
	for round := range 3 {
		s, kill := spawn(t, environ)
		var mu sync.Mutex
		var wg sync.WaitGroup
		enough := make(chan struct{})
		goal := len(acknowledged) + 20 + rand.IntN(200)
		for g := range 8 {
			wg.Go(func() {
				for n := 0; ; n++ {
					username := fmt.Sprintf("u%d.%d.%d", round, g, n)
					if err := act(s.url, map[string]any{"username": username, "postId": 1 + n%200, "kind": "SHARE", "idempotencyKey": "k"}); err != nil {
						return // it was killed
					}
					mu.Lock()
					acknowledged[username] = true
					if len(acknowledged) == goal {
						close(enough)
					}
					mu.Unlock()
				}
			})
		}
		select {
		case <-enough:
		case <-time.After(time.Minute):
			t.Fatalf("only %d of %d were acknowledged in a minute", len(acknowledged), goal)
		}
		kill()
		wg.Wait()
	}
	dir := t.TempDir()
	must(t, environ, "export", dir)
	rows, err := os.ReadFile(filepath.Join(dir, "interactions.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(rows) {
		var row struct{ Username string }
		decode(t, line, &row)
		delete(acknowledged, row.Username)
	}
	if len(acknowledged) > 0 {
		t.Errorf("%d acknowledged interactions are missing: %v", len(acknowledged), acknowledged)
	}
}
