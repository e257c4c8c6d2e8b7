package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// settings returns an environment whose store is a new file.
func settings(t testing.TB, more ...string) []string {
	t.Helper()
	return append([]string{
		"DATABASE_URL=sqlite:" + filepath.Join(t.TempDir(), "resonance.db"),
		"LISTEN_ADDR=127.0.0.1:0", "LOG_FORMAT=json",
	}, more...)
}

// command runs a command to its end and returns what it printed.
func command(t testing.TB, environ []string, stdin string, args ...string) (stdout string, err error) {
	t.Helper()
	out, log := newBuffer(), newBuffer()
	err = run(t.Context(), append([]string{"resonance"}, args...), environ, streams{strings.NewReader(stdin), out, log})
	return out.String(), err
}

// must is command for one that has to succeed.
func must(t testing.TB, environ []string, args ...string) string {
	t.Helper()
	out, err := command(t, environ, "", args...)
	if err != nil {
		t.Fatalf("resonance %s: %v", strings.Join(args, " "), err)
	}
	return out
}

// server is a running serve command.
type server struct {
	t       testing.TB
	url     string
	log     *buffer
	started time.Duration // until it answered
	stop    func() error
}

var address = regexp.MustCompile(`http://[^/\s]+`)

// start runs serve until the test ends.
func start(t testing.TB, environ []string) *server {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	out, log := newBuffer(), newBuffer()
	ended := make(chan error, 1)
	began := time.Now()
	go func() {
		ended <- run(ctx, []string{"resonance"}, environ, streams{strings.NewReader(""), out, log})
	}()
	s := &server{t: t, log: log}
	s.stop = sync.OnceValue(func() error {
		cancel()
		select {
		case err := <-ended:
			return err
		case <-time.After(stopTimeout + 5*time.Second):
			return fmt.Errorf("serve did not end in time")
		}
	})
	t.Cleanup(func() {
		if err := s.stop(); err != nil {
			t.Errorf("serve ended with: %v\n%s", err, log)
		}
	})
	deadline := time.After(2 * time.Minute) // of a machine that others use too
	for s.url = ""; s.url == ""; s.url = address.FindString(strings.Join(urlLines(out.String()), "\n")) {
		select {
		case <-out.written:
		case err := <-ended:
			ended <- err
			t.Fatalf("serve ended before it answered: %v\n%s", err, log)
		case <-deadline:
			t.Fatalf("serve did not greet:\n%s\n%s", out, log)
		}
	}
	s.get("/livez", http.StatusOK)
	s.started = time.Since(began)
	return s
}

// urlLines returns the lines of the greeting that name addresses of the server itself.
func urlLines(greeting string) []string {
	var lines []string
	for line := range strings.Lines(greeting) {
		if strings.HasPrefix(line, "  ") {
			lines = append(lines, line)
		}
	}
	return lines
}

// get asks for a path and checks the status.
func (s *server) get(path string, status int) []byte {
	s.t.Helper()
	response, err := http.Get(s.url + path)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.read(response, path, status)
}

func (s *server) read(response *http.Response, what string, status int) []byte {
	s.t.Helper()
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	if response.StatusCode != status {
		s.t.Fatalf("%s answers %d, want %d:\n%s", what, response.StatusCode, status, body)
	}
	return body
}

// query asks GraphQL and decodes its data into data.
func (s *server) query(document string, variables map[string]any, data any) {
	s.t.Helper()
	body, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	if err != nil {
		s.t.Fatal(err)
	}
	response, err := http.Post(s.url+"/graphql", "application/json", bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	var answer struct {
		Data   any
		Errors []any
	}
	answer.Data = data
	decode(s.t, s.read(response, document, http.StatusOK), &answer)
	if len(answer.Errors) > 0 {
		s.t.Fatalf("%s: %v", document, answer.Errors)
	}
}

// feed returns the ids of a REST feed.
func (s *server) feed(parameters string) []int64 {
	s.t.Helper()
	var answer struct {
		Status string
		Post   []struct{ ID int64 }
	}
	decode(s.t, s.get("/feed?"+parameters, http.StatusOK), &answer)
	if answer.Status != "success" || answer.Post == nil {
		s.t.Fatalf("/feed?%s answers status %q and posts %v", parameters, answer.Status, answer.Post)
	}
	ids := make([]int64, len(answer.Post))
	for i, post := range answer.Post {
		ids[i] = post.ID
	}
	return ids
}

// await asks GET / until the condition holds.
func (s *server) await(what string, holds func(health) bool) health {
	s.t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for {
		var h health
		decode(s.t, s.get("/", http.StatusOK), &h)
		if holds(h) {
			return h
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("waited in vain for %s: %+v\n%s", what, h, s.log)
		}
		<-time.After(20 * time.Millisecond)
	}
}

// health is what the tests read of GET /.
type health struct {
	Status                     string
	Posts, Users, Interactions int64
	Sync                       struct{ State, Error string }
	Embedding                  struct{ Done, Queued int64 }
}

func decode(t testing.TB, body []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(body, into); err != nil {
		t.Fatalf("decode %s: %v", body, err)
	}
}

// buffer collects what a running command writes.
type buffer struct {
	mu      sync.Mutex
	text    bytes.Buffer
	written chan struct{} // of 1: something was written since it was read
}

func newBuffer() *buffer { return &buffer{written: make(chan struct{}, 1)} }

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case b.written <- struct{}{}:
	default:
	}
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
