package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// load is requests over connections that stay open. It shares the processors with the server, so it does
// little: requests are made beforehand, answers are read and checked for errors, and not looked into.
type load struct {
	addr        string
	connections int
	duration    time.Duration
	done        <-chan struct{}         // closed when the load may end, if it lasts until something is done; nil: after duration
	rate        float64                 // requests a second in all; 0: each connection asks again once it is answered
	ask         func(buf []byte) []byte // appends the next request; called concurrently
}

// run puts the load on a server. At a rate, the time of a request counts from when it was due.
func (l load) run(ctx context.Context) (result, error) {
	perConnection := make([][]time.Duration, l.connections)
	var due schedule
	group, ctx := errgroup.WithContext(ctx)
	due.start(l.rate)
	for i := range perConnection {
		group.Go(func() (err error) {
			perConnection[i], err = l.connection(ctx, &due)
			return err
		})
	}
	err := group.Wait()
	return newResult(perConnection, time.Since(due.began)), err
}

// schedule says when requests are due.
type schedule struct {
	began    time.Time
	interval time.Duration // 0: at once
	next     atomic.Int64
}

func (s *schedule) start(rate float64) {
	s.began = time.Now()
	if rate > 0 {
		s.interval = time.Duration(float64(time.Second) / rate)
	}
}

// take returns when the next request is due.
func (s *schedule) take() time.Time {
	if s.interval == 0 {
		return time.Now()
	}
	return s.began.Add(time.Duration(s.next.Add(1)-1) * s.interval)
}

func (l load) connection(ctx context.Context, due *schedule) (took []time.Duration, err error) {
	raw, err := new(net.Dialer).DialContext(ctx, "tcp", l.addr)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, raw.Close()) }()
	c := newConnection(raw)
	for end := due.began.Add(l.duration); ctx.Err() == nil; {
		at := due.take()
		if !at.Before(end) && l.isDone() { // what was due before is sent, however late it is
			break
		}
		time.Sleep(time.Until(at))
		if err := raw.SetDeadline(at.Add(patience)); err != nil {
			return nil, err
		}
		c.request = l.ask(c.request[:0])
		if err := c.roundTrip(); err != nil {
			return nil, err
		}
		took = append(took, time.Since(at))
	}
	return took, ctx.Err()
}

func (l load) isDone() bool {
	if l.done == nil {
		return true
	}
	select {
	case <-l.done:
		return true
	default:
		return false
	}
}

// patience is how late an answer may come before a measurement fails.
const patience = 30 * time.Second

// connection asks one request after the other.
type connection struct {
	raw     net.Conn
	in      *bufio.Reader
	request []byte
	answer  bytes.Buffer
}

func newConnection(raw net.Conn) *connection {
	return &connection{raw: raw, in: bufio.NewReaderSize(raw, 64<<10)}
}

// roundTrip sends the request and reads its answer. Any but 200 is an error, and so is a list of errors.
func (c *connection) roundTrip() error {
	if _, err := c.raw.Write(c.request); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	response, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	c.answer.Reset()
	_, err = io.Copy(&c.answer, response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	if response.StatusCode != http.StatusOK || bytes.HasPrefix(c.answer.Bytes(), []byte(`{"errors"`)) {
		return fmt.Errorf("%.200q answers %s: %.300q", c.request, response.Status, c.answer.Bytes())
	}
	return nil
}

// inTurn returns requests one after the other, from the first again after the last.
func inTurn(requests [][]byte) func([]byte) []byte {
	var next atomic.Int64
	return func(buf []byte) []byte {
		return append(buf, requests[(next.Add(1)-1)%int64(len(requests))]...)
	}
}

// get returns a request for a path with a query.
func get(path string) []byte {
	return fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path)
}

// appendPost appends a request that posts JSON.
func appendPost(buf []byte, path string, body []byte) []byte {
	return fmt.Appendf(buf, "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", path, len(body), body)
}
