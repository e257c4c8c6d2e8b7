package main

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// startConstant starts a server that counts what it answers.
func startConstant(t *testing.T) (addr string, served *atomic.Int64) {
	t.Helper()
	served = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/status":
			w.WriteHeader(http.StatusTeapot)
		case "/errors":
			_, _ = w.Write([]byte(`{"errors": []}`))
		default:
			served.Add(1)
			_, _ = w.Write([]byte("{}"))
		}
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String(), served
}

// The constant answers the product's query with the posts it was given.
func TestConstantGraphQL(t *testing.T) {
	file := filepath.Join(t.TempDir(), "posts.json")
	if err := os.WriteFile(file, []byte(`[{"id": 7, "title": "Seven", "author": "ann"}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- serveGraph(ctx, w, file) }()
	line := make([]byte, 100)
	n, err := r.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", strings.TrimSpace(strings.TrimPrefix(string(line[:n]), "http://")))
	if err != nil {
		t.Fatal(err)
	}
	c := newConnection(conn)
	c.request = graphFeed("anyone")
	if err := c.roundTrip(); err != nil {
		t.Error(err)
	}
	if text := c.answer.String(); !strings.Contains(text, `"id":7`) || !strings.Contains(text, `"Seven"`) {
		t.Errorf("the constant answers %s", text)
	}
	_ = conn.Close()
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
