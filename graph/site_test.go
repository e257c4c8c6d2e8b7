package graph_test

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"resonance/graph"
	"resonance/internal/caller"
	"resonance/internal/live"
	"resonance/internal/recommend"
	"resonance/internal/web"
)

// stage is a world that may change while feeds of it are watched.
type stage struct {
	*world
	lock   sync.RWMutex
	moment live.Moment
}

func (s *stage) Feed(ctx context.Context, request recommend.Request) (recommend.Feed, error) {
	s.lock.RLock()
	defer s.lock.RUnlock()
	return s.world.Feed(ctx, request)
}

func (s *stage) now(context.Context) (live.Moment, error) {
	s.lock.RLock()
	defer s.lock.RUnlock()
	return s.moment, nil
}

// change does something that changes feeds.
func (s *stage) change(do func()) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.moment.Sequence++
	do()
}

// site is a running server of the door.
type site struct {
	t *testing.T
	*stage
	hub    *live.Hub
	dial   func() (net.Conn, error)
	client *http.Client
	stop   func() error // once
	opened []io.Closer
}

// settings of a site.
type settings struct {
	keys     string // lines of API_KEYS, "" for none
	trusted  *graph.Trusted
	rate     int
	inFlight int
	origins  []string
	memory   bool // connections are pipes, which obey the clock of a bubble and hold nothing that was not read
}

// serve runs a site until the test ends, which must leave no goroutine behind.
func serve(t *testing.T, o settings) *site {
	t.Helper()
	var keys caller.Keyring
	if o.keys != "" {
		var err error
		if keys, err = caller.ParseKeyring(o.keys); err != nil {
			t.Fatal(err)
		}
	}
	s := &site{t: t, stage: &stage{world: newWorld()}}
	s.hub = live.New(s.stage, s.now, zerolog.Nop())
	services := s.services()
	services.Feeds, services.Live = s.stage, s.hub
	ctx, stop := context.WithCancel(context.Background())
	router := web.NewRouter(web.Config{
		Log: zerolog.Nop(), Metrics: web.NewMetrics(), Keys: keys, Rate: o.rate, InFlight: o.inFlight, Origins: o.origins,
		Refusals: map[string]web.Refusal{"/graphql": graph.Refuse},
	})
	router.Handle("/graphql", graph.NewHandler(services, graph.Options{
		Introspection: true, Trusted: o.trusted, Keys: keys, CheckOrigin: web.CheckOrigin(o.origins), Stopping: ctx.Done(),
		Annotate: web.Annotate, RequestID: web.RequestID,
	}))
	listener := s.listen(o.memory)
	ended := make(chan error, 2)
	go func() { s.hub.Run(ctx); ended <- nil }()
	go func() { ended <- web.Serve(ctx, listener, web.Server(router, zerolog.Nop()), 30*time.Second) }()
	s.client = &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true, DialContext: func(context.Context, string, string) (net.Conn, error) { return s.dial() },
	}}
	s.stop = sync.OnceValue(func() error { stop(); return errors.Join(<-ended, <-ended) })
	return s
}

// close ends a site and checks that nothing is left of it.
func (s *site) close() {
	s.t.Helper()
	for _, body := range s.opened {
		body.Close()
	}
	if err := s.stop(); err != nil {
		s.t.Errorf("the server ended with %v", err)
	}
	goleak.VerifyNone(s.t)
	if n := s.hub.Watchers(); n != 0 {
		s.t.Errorf("%d subscriptions are left", n)
	}
}

func (s *site) listen(memory bool) net.Listener {
	if !memory {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			s.t.Fatal(err)
		}
		s.dial = func() (net.Conn, error) { return net.Dial("tcp", listener.Addr().String()) }
		return listener
	}
	p := pipes{make(chan net.Conn), make(chan struct{})}
	s.dial = func() (net.Conn, error) {
		client, server := net.Pipe()
		p.conns <- server
		return client, nil
	}
	return p
}

// pipes is a listener within the process.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}
func (p pipes) Close() error   { close(p.done); return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// message is one of the protocol's.
type message struct {
	ID      string `json:"id,omitempty"`
	Type    string `json:"type"`
	Payload any    `json:"payload,omitempty"`
}

// socket is the client's end of a WebSocket.
type socket struct {
	t *testing.T
	*websocket.Conn
}

// open opens a WebSocket with headers, name and value in turn.
func (s *site) open(header ...string) *socket {
	s.t.Helper()
	conn, _, err := s.tryOpen(header...)
	if err != nil {
		s.t.Fatal(err)
	}
	return &socket{s.t, conn}
}

func (s *site) tryOpen(header ...string) (*websocket.Conn, *http.Response, error) {
	h := http.Header{}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	protocol := cmp.Or(h.Get("Protocol"), "graphql-transport-ws")
	conn, response, err := websocket.Dial(context.Background(), "ws://site/graphql", &websocket.DialOptions{
		HTTPClient: s.client, HTTPHeader: h, Subprotocols: []string{protocol},
	})
	if conn != nil {
		conn.SetReadLimit(1 << 20)
	}
	return conn, response, err
}

// begin opens a WebSocket that has been acknowledged.
func (s *site) begin(payload any) *socket {
	s.t.Helper()
	c := s.open()
	c.send(message{Type: "connection_init", Payload: payload})
	c.expect(`{"type":"connection_ack"}`)
	return c
}

func (c *socket) send(m message) {
	c.t.Helper()
	text, err := json.Marshal(m)
	if err != nil {
		c.t.Fatal(err)
	}
	c.write(string(text))
}

func (c *socket) write(text string) {
	c.t.Helper()
	if err := c.Write(context.Background(), websocket.MessageText, []byte(text)); err != nil {
		c.t.Fatal(err)
	}
}

func (c *socket) subscribe(id, query string) {
	c.t.Helper()
	c.send(message{id, "subscribe", map[string]any{"query": query}})
}

// next reads a message, as text.
func (c *socket) next() string {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	_, text, err := c.Read(ctx)
	if err != nil {
		c.t.Fatal(err)
	}
	return string(text)
}

func (c *socket) expect(want string) {
	c.t.Helper()
	if got := c.next(); got != want {
		c.t.Errorf("got %.500s, want %s", got, want)
	}
}

// expectError reads the end of an operation with a code.
func (c *socket) expectError(id, code string) {
	c.t.Helper()
	if got := c.next(); !strings.HasPrefix(got, `{"id":"`+id+`","type":"error","payload":[{`) || !strings.Contains(got, `"code":"`+code+`"`) {
		c.t.Errorf("got %.500s, want an error %s", got, code)
	}
}

// expectClose reads until the WebSocket is closed, and checks the code.
func (c *socket) expectClose(code websocket.StatusCode) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		_, text, err := c.Read(ctx)
		if err == nil {
			c.t.Logf("before the close: %.200s", text)
			continue
		}
		if got := websocket.CloseStatus(err); got != code {
			c.t.Errorf("closed with %d, want %d: %v", got, code, err)
		}
		return
	}
}

// events is the client's end of a stream.
type events struct {
	*http.Response
	t     *testing.T
	lines *bufio.Scanner
}

func (s *site) send(r *http.Request, header ...string) *events {
	s.t.Helper()
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	response, err := s.client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	s.opened = append(s.opened, response.Body)
	return &events{response, s.t, bufio.NewScanner(response.Body)}
}

// stream posts a document and asks for events.
func (s *site) stream(query string, header ...string) *events {
	s.t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		s.t.Fatal(err)
	}
	r, err := http.NewRequest(http.MethodPost, "http://site/graphql", bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	return s.send(r, append([]string{"Accept", "text/event-stream"}, header...)...)
}

// next reads an event, as its name and data; "" at the end of the stream.
func (e *events) next() string {
	event := ""
	for e.lines.Scan() {
		line := e.lines.Text()
		switch {
		case line == "" && event != "":
			return event
		case strings.HasPrefix(line, "event: "):
			event = strings.TrimPrefix(line, "event: ")
		case strings.HasPrefix(line, "data:"):
			event += strings.TrimPrefix(line, "data:")
		}
	}
	return ""
}

func (e *events) expect(want string) {
	e.t.Helper()
	if got := e.next(); got != want {
		e.t.Errorf("got %.500q, want %s", got, want)
	}
}

func (e *events) body() string {
	body, _ := io.ReadAll(e.Body)
	return string(body)
}
