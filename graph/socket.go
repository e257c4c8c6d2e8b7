package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/coder/websocket"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"resonance/internal/caller"
	"resonance/internal/web"
)

const (
	protocol      = "graphql-transport-ws"
	maxMessage    = 128 << 10       // bytes: a document and its variables
	maxID         = 255             // bytes
	maxOperations = 50              // that run at the same time over a WebSocket
	initTime      = 5 * time.Second // from the handshake to connection_init
)

// The codes that a WebSocket is closed with, as the protocol gives them.
const (
	closeBadMessage   websocket.StatusCode = 4400
	closeNotYet       websocket.StatusCode = 4401
	closeForbidden    websocket.StatusCode = 4403
	closeProtocol     websocket.StatusCode = 4406
	closeInitTimeout  websocket.StatusCode = 4408
	closeSameID       websocket.StatusCode = 4409
	closeTooManyInits websocket.StatusCode = 4429
)

// sockets speaks GraphQL over WebSockets, by the protocol graphql-transport-ws
// (https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md). gqlgen's transport also
// speaks the older graphql-ws, has no bounds for operations and slow readers, takes an id twice, closes
// with codes of its own and tells clients of panics.
type sockets struct{ *streams }

// Supports reports whether the request opens a WebSocket.
func (sockets) Supports(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

// Do serves a WebSocket until one of both ends closes it.
func (s sockets) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	leave, why := s.open(r)
	if why != nil {
		w.Header().Set("Content-Type", mediaJSON+"; charset=utf-8")
		refuse(w, r, exec, why)
		return
	}
	defer leave()
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{protocol}, InsecureSkipVerify: true}) // the origin was checked
	if err != nil {
		return // Accept has answered
	}
	web.Linger(r.Context())
	conn.SetReadLimit(maxMessage)
	c := &socket{streams: s.streams, conn: conn, exec: exec, request: r, operations: map[string]*running{}}
	c.serve()
}

// open takes a place for a WebSocket, or says why it may not be opened.
func (s sockets) open(r *http.Request) (leave func(), why *refusal) {
	if !s.CheckOrigin(r) {
		return nil, foreign()
	}
	return s.connections.take(web.Asker(r))
}

// socket is an open WebSocket. Its messages are read one after another; what they start runs beside.
type socket struct {
	*streams
	conn    *websocket.Conn
	exec    graphql.GraphExecutor
	request *http.Request // that opened it, from who asks

	mu         sync.Mutex
	operations map[string]*running // by the client's id
}

// running is an operation that runs.
type running struct {
	cancel context.CancelFunc
	done   chan struct{} // closed when it has sent its last message
}

// message is what both ends send.
type message struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// closing is why a WebSocket is closed.
type closing struct {
	code   websocket.StatusCode
	reason string // at most 123 bytes
}

// Error returns the reason.
func (c *closing) Error() string { return c.reason }

func (c *socket) serve() {
	cut := c.request.Context().Done()
	ctx, cancel := context.WithCancel(context.WithoutCancel(c.request.Context())) // so that there is time to say why
	initialised := make(chan struct{})
	var beside sync.WaitGroup
	beside.Go(func() { c.watch(ctx, cut, initialised) })
	err := c.greet(ctx)
	if err == nil {
		close(initialised)
		err = c.listen(ctx, &beside)
	}
	if why, ok := errors.AsType[*closing](err); ok {
		_ = c.conn.Close(why.code, why.reason) // a client that has gone cannot be told
	}
	cancel()
	_ = c.conn.CloseNow()
	beside.Wait()
}

// watch closes the WebSocket when its client takes too long to begin or shows no life, or when the server
// stops or cuts the request off.
func (c *socket) watch(ctx context.Context, cut, initialised <-chan struct{}) {
	late := time.NewTimer(initTime)
	defer late.Stop()
	alive := time.NewTicker(aliveTime)
	defer alive.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.Stopping:
			c.goAway()
			return
		case <-cut:
			c.goAway()
			return
		case <-late.C:
			select {
			case <-initialised:
			default:
				_ = c.conn.Close(closeInitTimeout, "Connection initialisation timeout")
				return
			}
		case <-alive.C:
			if c.ping(ctx) != nil {
				_ = c.conn.CloseNow()
				return
			}
		}
	}
}

func (c *socket) goAway() { _ = c.conn.Close(websocket.StatusGoingAway, "the server stops") }

func (c *socket) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	return c.conn.Ping(ctx)
}

// greet takes connection_init, and with it who asks.
func (c *socket) greet(ctx context.Context) error {
	if c.conn.Subprotocol() != protocol {
		return &closing{closeProtocol, "Subprotocol not acceptable: it must be " + protocol}
	}
	m, err := c.read(ctx)
	if err != nil {
		return err
	}
	if m.Type != "connection_init" {
		return &closing{closeNotYet, "Unauthorized: connection_init comes first"}
	}
	if err := c.recognise(m.Payload); err != nil {
		return err
	}
	return c.send(ctx, message{Type: "connection_ack"})
}

// recognise takes who asks from the payload of connection_init, if it says so.
func (c *socket) recognise(payload json.RawMessage) error {
	authorization, err := readAuthorization(payload)
	if err != nil {
		return err
	}
	if authorization != nil {
		who := c.Keys.Authorized(*authorization)
		c.request = c.request.WithContext(caller.With(c.request.Context(), who))
		if who.KeyID != "" {
			c.Annotate(c.request.Context(), "key", who.KeyID)
		}
	}
	if caller.Of(c.request.Context()).May(caller.Read) != nil {
		return &closing{closeForbidden, "Forbidden: send a key as Authorization: Bearer KEY in connection_init"}
	}
	return nil
}

// readAuthorization returns what the payload of connection_init holds of that name, upper and lower case
// alike; nil for nothing.
func readAuthorization(payload json.RawMessage) (*string, error) {
	var headers struct{ Authorization *string }
	if payload != nil && json.Unmarshal(payload, &headers) != nil {
		return nil, &closing{closeBadMessage, "payload: must be a JSON object, Authorization in it a string"}
	}
	return headers.Authorization, nil
}

// listen reads messages until the WebSocket is closed, or says why it must be.
func (c *socket) listen(ctx context.Context, beside *sync.WaitGroup) error {
	ctx, cancel := context.WithCancel(caller.With(ctx, caller.Of(c.request.Context())))
	defer cancel() // operations send nothing behind the close
	for {
		m, err := c.read(ctx)
		if err != nil {
			return err
		}
		switch m.Type {
		case "ping":
			err = c.send(ctx, message{Type: "pong", Payload: m.Payload})
		case "pong":
		case "subscribe":
			err = c.subscribe(ctx, m, beside)
		case "complete":
			c.complete(m.ID)
		case "connection_init":
			err = &closing{closeTooManyInits, "Too many initialisation requests"}
		default:
			err = &closing{closeBadMessage, "type: must be one of connection_init, subscribe, complete, ping and pong"}
		}
		if err != nil {
			return err
		}
	}
}

// subscribe starts an operation.
func (c *socket) subscribe(ctx context.Context, m message, beside *sync.WaitGroup) error {
	request, err := readSubscribe(m)
	if err != nil {
		return err
	}
	request.Headers = c.request.Header
	ctx, cancel := context.WithCancel(ctx)
	r := &running{cancel, make(chan struct{})}
	c.mu.Lock()
	_, taken := c.operations[m.ID]
	full := len(c.operations) >= maxOperations
	if !taken && !full {
		c.operations[m.ID] = r
	}
	c.mu.Unlock()
	switch {
	case taken:
		cancel()
		return &closing{closeSameID, "Subscriber for this id already exists"}
	case full:
		defer cancel()
		why := tooMany("more than %d operations over one WebSocket", maxOperations)
		return c.sendResponse(ctx, m.ID, "error", why.response(ctx, c.exec))
	}
	beside.Go(func() {
		defer close(r.done)
		defer cancel()
		c.operate(ctx, m.ID, request)
	})
	return nil
}

// readSubscribe returns the operation that a message asks for.
func readSubscribe(m message) (*graphql.RawParams, error) {
	request := new(graphql.RawParams)
	if m.ID == "" || len(m.ID) > maxID || m.Payload == nil || decode(bytes.NewReader(m.Payload), request) != nil {
		return nil, &closing{closeBadMessage, "subscribe: must have an id, at most 255 bytes, and a payload: one operation"}
	}
	return request, nil
}

// complete ends an operation; nothing of it comes behind.
func (c *socket) complete(id string) {
	c.mu.Lock()
	r := c.operations[id]
	c.mu.Unlock()
	if r != nil {
		r.cancel()
		<-r.done
	}
}

// over says that an operation has ended, so that its id is free.
func (c *socket) over(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.operations, id)
}

// operate runs an operation, and sends what comes of it.
func (c *socket) operate(ctx context.Context, id string, request *graphql.RawParams) {
	operation, leave, wrong := c.prepare(ctx, request)
	if wrong != nil {
		c.over(id)
		_ = c.sendResponse(ctx, id, "error", wrong) // a client that has gone cannot be told
		return
	}
	defer leave()
	failed := false
	run(ctx, c.exec, operation, func(response *graphql.Response) error {
		if failed = response.Data == nil; failed {
			c.over(id)
			return errors.Join(c.sendResponse(ctx, id, "error", response), errOver)
		}
		return c.sendResponse(ctx, id, "next", response)
	})
	c.over(id)
	if !failed && ctx.Err() == nil {
		_ = c.send(ctx, message{ID: id, Type: "complete"}) // the same
	}
}

// errOver says that nothing comes behind an error.
var errOver = errors.New("the operation is over")

// prepare turns a request into an operation that its caller may run, or returns what is wrong with it.
func (c *socket) prepare(ctx context.Context, request *graphql.RawParams) (*graphql.OperationContext, func(), *graphql.Response) {
	if !web.Spend(c.request) {
		return nil, nil, tooMany("too many requests a minute").response(ctx, c.exec)
	}
	if why := holdsDocument(request); why != nil {
		return nil, nil, why.response(ctx, c.exec)
	}
	operation, invalid := c.exec.CreateOperationContext(ctx, request)
	if invalid != nil {
		return nil, nil, c.exec.DispatchError(graphql.WithOperationContext(ctx, operation), invalid)
	}
	kind := operation.Operation.Operation
	if err := caller.Of(ctx).May(rightFor(kind)); err != nil {
		return nil, nil, denial(err).response(ctx, c.exec)
	}
	leave, why := c.admit(c.request, kind)
	if why != nil {
		return nil, nil, why.response(ctx, c.exec)
	}
	return operation, leave, nil
}

func (c *socket) read(ctx context.Context) (message, error) {
	kind, data, err := c.conn.Read(ctx)
	if err != nil {
		return message{}, err
	}
	if kind != websocket.MessageText {
		data = nil
	}
	return readMessage(data)
}

func readMessage(data []byte) (m message, err error) {
	if decode(bytes.NewReader(data), &m) != nil {
		return m, &closing{closeBadMessage, "a message must be one JSON object: type, and where needed id and payload"}
	}
	return m, nil
}

// sendResponse sends a response of an operation: its errors alone when it is the end.
func (c *socket) sendResponse(ctx context.Context, id, kind string, response *graphql.Response) error {
	payload := json.RawMessage(encode(response))
	if kind == "error" {
		payload = encodeErrors(response.Errors)
	}
	return c.send(ctx, message{ID: id, Type: kind, Payload: payload})
}

func encodeErrors(list gqlerror.List) json.RawMessage {
	encoded, err := json.Marshal(list)
	if err != nil {
		panic(err) // as in appendMember
	}
	return encoded
}

// send sends a message, unless ctx has ended. A client that does not take it within sendTime is cut off.
func (c *socket) send(ctx context.Context, m message) error {
	encoded, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	whole, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTime) // half a message would be the end of all
	defer cancel()
	return c.conn.Write(whole, websocket.MessageText, encoded)
}
