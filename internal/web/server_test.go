package web

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"
)

// serving is a server that runs with one request in its handler, which waits for release.
type serving struct {
	address string
	stop    context.CancelFunc
	stopped chan error
	release chan struct{}
	cut     chan struct{} // closed when the request's context ends
	answer  chan string   // what the client got: the body or an error
}

func startServing(t *testing.T, timeout time.Duration) *serving {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	s := &serving{listener.Addr().String(), stop, make(chan error, 1), make(chan struct{}), make(chan struct{}), make(chan string, 1)}
	entered := make(chan struct{})
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		select {
		case <-s.release:
			io.WriteString(w, "done")
		case <-r.Context().Done():
			close(s.cut)
		}
	})
	go func() { s.stopped <- Serve(ctx, listener, Server(handler, zerolog.Nop()), timeout) }()
	go func() {
		client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		answer, err := client.Get("http://" + s.address)
		if err != nil {
			s.answer <- err.Error()
			return
		}
		defer answer.Body.Close()
		body, _ := io.ReadAll(answer.Body)
		s.answer <- string(body)
	}()
	<-entered
	return s
}

func TestServeWaitsForRequestsInFlight(t *testing.T) {
	defer goleak.VerifyNone(t)
	s := startServing(t, time.Minute)
	s.stop()
	for { // until the listener is closed
		conn, err := net.Dial("tcp", s.address)
		if err != nil {
			break
		}
		conn.Close()
	}
	select {
	case err := <-s.stopped:
		t.Fatalf("Serve returned %v before its request was answered", err)
	case <-s.cut:
		t.Fatal("the request in flight was cut off")
	default:
	}
	close(s.release)
	if err := <-s.stopped; err != nil {
		t.Errorf("Serve = %v", err)
	}
	if got := <-s.answer; got != "done" {
		t.Errorf("the request in flight got %q", got)
	}
}

func TestServeCutsOffWhatTakesTooLong(t *testing.T) {
	defer goleak.VerifyNone(t)
	s := startServing(t, time.Millisecond)
	s.stop()
	if err := <-s.stopped; !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Serve = %v, want DeadlineExceeded", err)
	}
	<-s.cut
	if got := <-s.answer; !strings.Contains(got, "EOF") && !strings.Contains(got, "reset") {
		t.Errorf("the request that was cut off got %q", got)
	}
}

func TestServeSaysWhyItCannotServe(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	err = Serve(t.Context(), listener, Server(http.NotFoundHandler(), zerolog.Nop()), time.Minute)
	if err == nil || !strings.Contains(err.Error(), listener.Addr().String()) {
		t.Errorf("Serve on a closed listener = %v", err)
	}
}

func TestServerAdmitsACursorInTheHeader(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.URL.RawQuery) })
	go func() { stopped <- Serve(ctx, listener, Server(handler, zerolog.Nop()), time.Minute) }()

	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for _, test := range []struct{ length, want int }{{8 << 10, 200}, {64 << 10, 431}} {
		answer, err := client.Get("http://" + listener.Addr().String() + "/?" + strings.Repeat("c", test.length))
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != test.want {
			t.Errorf("a cursor of %d bytes got %d, want %d", test.length, answer.StatusCode, test.want)
		}
	}
	stop()
	if err := <-stopped; err != nil {
		t.Errorf("Serve = %v", err)
	}
}

func TestATakenOverConnectionEndsWithServe(t *testing.T) {
	defer goleak.VerifyNone(t)
	s := newSite()
	s.Get("/socket", func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\n\r\n")
		<-r.Context().Done()
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() { stopped <- Serve(ctx, listener, Server(s, zerolog.Nop()), time.Minute) }()

	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	if got, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(got, "101") {
		t.Fatalf("handshake = %q, %v", got, err)
	}
	stop()
	if _, err := io.ReadAll(conn); err != nil {
		t.Errorf("the taken over connection ended with %v", err)
	}
	if err := <-stopped; err != nil {
		t.Errorf("Serve = %v", err)
	}
}
