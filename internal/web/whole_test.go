package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"
)

// countingListener counts what its connections hand to the operating system.
type countingListener struct {
	net.Listener
	writes *atomic.Int64
}

func (l countingListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return countingConn{c, l.writes}, nil
}

type countingConn struct {
	net.Conn
	writes *atomic.Int64
}

func (c countingConn) Write(b []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(b)
}

// An answer that is written whole is one call of the operating system, whatever its length, and what comes after it on the same
// connection comes too.
func TestWriteWhole(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var writes atomic.Int64
	listener := countingListener{inner, &writes}
	bodies := [][]byte{[]byte("short"), bytes.Repeat([]byte("twelve bytes"), 1000), bytes.Repeat([]byte("x"), 1<<20), {}}
	var next atomic.Int64
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := bodies[next.Load()]
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		WriteWhole(r.Context(), w, body)
	})
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() { stopped <- Serve(ctx, listener, Server(handler, zerolog.Nop()), 5*time.Second) }()
	client := http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}}
	for i, want := range bodies {
		next.Store(int64(i))
		writes.Store(0)
		answer, err := client.Get("http://" + inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(answer.Body)
		if err := errors.Join(err, answer.Body.Close()); err != nil || !bytes.Equal(got, want) {
			t.Errorf("body %d: %d bytes of %d, %v", i, len(got), len(want), err)
		}
		if n := writes.Load(); n != 1 {
			t.Errorf("body %d took %d writes", i, n)
		}
	}
	client.CloseIdleConnections()
	stop()
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}
