package web

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync"
)

// net/http hands what a handler writes on in pieces: its buffer holds 4 KB of header and body together, and the rest
// follows. Each piece is a call of the operating system, which takes longer than to write the JSON of a feed. So a connection can be
// told that more comes at once.

// WriteWhole writes the whole body of the answer to the request that ctx belongs to, which goes out with its header in
// one piece. Errors are those of clients who have gone: nobody is left to tell.
func WriteWhole(ctx context.Context, w io.Writer, body []byte) {
	if c, ok := ctx.Value(connKey{}).(*conn); ok {
		c.gather()
		defer c.release()
	}
	_, _ = w.Write(body)
}

type connKey struct{}

// conn is a connection that gathers what is written while it is told to. Only the goroutine that answers a request writes to it.
type conn struct {
	net.Conn
	gathered *[]byte // nil: what is written goes out at once
}

var gatherings = sync.Pool{New: func() any { return new([]byte) }}

func (c *conn) gather() { c.gathered = gatherings.Get().(*[]byte) }

// release sends what was gathered. An error makes the connection one that nothing can be written to: net/http finds out by itself.
func (c *conn) release() {
	gathered := c.gathered
	c.gathered = nil
	if len(*gathered) > 0 {
		_, _ = c.Conn.Write(*gathered)
	}
	*gathered = (*gathered)[:0]
	gatherings.Put(gathered)
}

// Write implements net.Conn.
func (c *conn) Write(piece []byte) (int, error) {
	if c.gathered == nil {
		return c.Conn.Write(piece)
	}
	*c.gathered = append(*c.gathered, piece...)
	return len(piece), nil
}

// gathering makes the connections that a server accepts ones that gather.
func gathering(listener net.Listener, server *http.Server) net.Listener {
	server.ConnContext = func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, connKey{}, c) }
	return gatheringListener{listener}
}

type gatheringListener struct{ net.Listener }

// Accept implements net.Listener.
func (l gatheringListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c}, nil
}
