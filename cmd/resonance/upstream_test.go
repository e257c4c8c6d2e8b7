package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"resonance/internal/sharedtest"
	"resonance/internal/upstream"
	"resonance/internal/upstream/upstreamtest"
)

// The capture's totals, as upstream/SHAPE.md of the shared folder counts them.
const captureTotals = "2136 posts, 1268 users, 6528 views, 1263 likes, 456 inspires, 2883 ratings"

// capture returns a fake upstream that serves the captured rows, and settings that name it.
func capture(t *testing.T) (*upstreamtest.Server, []string) {
	t.Helper()
	rows, err := upstreamtest.ReadDir(sharedtest.Dir(t, "upstream"))
	if err != nil {
		t.Fatal(err)
	}
	up := upstreamtest.New(t, rows)
	return up, settings(t, upstreamSettings(up)...)
}

func upstreamSettings(up *upstreamtest.Server) []string {
	return []string{"API_BASE_URL=" + up.URL, "FLIC_TOKEN=" + upstreamtest.Token, "RESONANCE_ALGORITHM=" + upstreamtest.Algorithm}
}

func TestSyncOnce(t *testing.T) {
	_, environ := capture(t)
	if out := must(t, environ, "sync"); !strings.Contains(out, captureTotals) {
		t.Errorf("sync prints %q, want %q", out, captureTotals)
	}
	if out := must(t, environ, "sync"); !strings.Contains(out, " 0 changed") || !strings.Contains(out, captureTotals) {
		t.Errorf("the second sync prints %q, want nothing changed", out)
	}
}

// A serve that syncs answers from the start, then from the capture.
func TestServeUpstream(t *testing.T) {
	_, environ := capture(t)
	s := start(t, environ)
	s.feed("username=user_1")
	s.await("the sync", func(h health) bool { return h.Sync.State == "waiting" && h.Interactions == 6528+1263+456+2883 })

	ids := s.feed("username=user_1&top_k=10")
	if len(ids) != 10 {
		t.Errorf("user_1 gets %d posts, want 10", len(ids))
	}
	var history struct{ Post []struct{ Upvoted bool } }
	decode(t, s.get("/feed?username=user_1&top_k=100", http.StatusOK), &history)
	for i, post := range history.Post {
		if post.Upvoted {
			t.Errorf("post %d of user_1's feed is one the user likes already", i)
		}
	}
	var project struct {
		Post []struct{ Category struct{ Name string } }
	}
	decode(t, s.get("/feed?username=user_1&project_code=VIBLE&top_k=100", http.StatusOK), &project)
	for _, post := range project.Post {
		if post.Category.Name != "Vible" {
			t.Errorf("project vible holds a post of %q", post.Category.Name)
		}
	}
	if len(project.Post) != 100 {
		t.Errorf("project vible has %d posts, want 100", len(project.Post))
	}
	began := time.Now()
	const asked = 20
	for n := range asked {
		s.feed(fmt.Sprintf("username=user_%d", n+1))
	}
	if took := time.Since(began) / asked; took > 100*time.Millisecond {
		t.Errorf("a feed took %s while posts were being embedded", took)
	}
}

// An upstream that is down, refuses or misbehaves never disturbs serving, and no secret shows.
func TestServeWithoutUpstream(t *testing.T) {
	up := upstreamtest.New(t, upstreamtest.Rows{})
	for _, endpoint := range upstream.Endpoints() {
		up.Next(endpoint, upstreamtest.Status(http.StatusUnauthorized))
	}
	s := start(t, settings(t, upstreamSettings(up)...))
	h := s.await("the failed sync", func(h health) bool { return h.Sync.State == "failing" })
	if !strings.Contains(h.Sync.Error, "FLIC_TOKEN") {
		t.Errorf("the sync's error is %q, want FLIC_TOKEN named", h.Sync.Error)
	}
	if ids := s.feed("username=user_1"); len(ids) != 0 {
		t.Errorf("an empty store has the feed %v", ids)
	}
	for _, secret := range []string{upstreamtest.Token, upstreamtest.Algorithm} {
		if strings.Contains(s.log.String()+h.Sync.Error, secret) {
			t.Errorf("the log or GET / holds the secret %q", secret)
		}
	}
}
