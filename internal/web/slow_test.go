package web

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
)

// pipe is a listener with one connection, which needs no network and so obeys a test's clock.
type pipe struct {
	conn chan net.Conn
	done chan struct{}
}

func (p pipe) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conn:
		return conn, nil
	case <-p.done:
		return nil, errors.New("closed")
	}
}
func (p pipe) Close() error   { close(p.done); return nil }
func (p pipe) Addr() net.Addr { return &net.TCPAddr{} }

// converse runs do with a connection to a Server of handler.
func converse(t *testing.T, handler http.HandlerFunc, do func(net.Conn)) {
	t.Helper()
	client, server := net.Pipe()
	listener := pipe{make(chan net.Conn, 1), make(chan struct{})}
	listener.conn <- server
	s := Server(handler, zerolog.Nop())
	go s.Serve(listener)
	do(client)
	client.Close()
	s.Close()
}

// A client that does not get on is cut off, when the time is over and not before.
func TestSlowClientsAreCutOff(t *testing.T) {
	readBody := func(_ http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) }
	for name, test := range map[string]struct {
		sends string
		after time.Duration
	}{
		"half a header": {"GET / HTTP/1.1\r\nHost: x\r\n", 5 * time.Second},
		"half a body":   {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf", 15 * time.Second},
		"nothing more":  {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 2 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				converse(t, readBody, func(conn net.Conn) {
					start := time.Now()
					fmt.Fprint(conn, test.sends)
					io.ReadAll(conn)
					if took := time.Since(start); took < test.after || took > test.after+time.Second {
						t.Errorf("cut off after %s, want %s", took, test.after)
					}
				})
			})
		})
	}
}

func TestAnAnswerNobodyReadsIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failed := make(chan time.Duration, 1)
		start := time.Now()
		converse(t, func(w http.ResponseWriter, _ *http.Request) {
			for range 1000 {
				if _, err := io.WriteString(w, strings.Repeat("x", 1<<10)); err != nil {
					failed <- time.Since(start)
					return
				}
			}
		}, func(conn net.Conn) {
			fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
			if took := <-failed; took < 30*time.Second || took > 31*time.Second {
				t.Errorf("cut off after %s", took)
			}
		})
	})
}

// The header may have 32 KB, and 4 KB that net/http adds for the request's line.
func TestHeaderLimitIsCrossedByOne(t *testing.T) {
	const most = 36 << 10
	link := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", "<"+strings.Repeat("c", 8<<10)+">; rel=next")
	}
	for size, want := range map[int]string{most: "200", most + 1: "431"} {
		synctest.Test(t, func(t *testing.T) {
			converse(t, link, func(conn net.Conn) {
				request := "GET / HTTP/1.1\r\nHost: x\r\nCookie: \r\n\r\n"
				request = strings.Replace(request, "Cookie: ", "Cookie: "+strings.Repeat("c", size-len(request)), 1)
				go io.WriteString(conn, request)
				answer, err := io.ReadAll(conn)
				if line, _, _ := strings.Cut(string(answer), "\r\n"); err != nil || !strings.Contains(line, want) {
					t.Errorf("a header of %d bytes: %q, %v", size, line, err)
				}
			})
		})
	}
}
