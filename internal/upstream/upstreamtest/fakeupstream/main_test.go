package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/rs/zerolog"

	"resonance/internal/errs"
	"resonance/internal/upstream"
	"resonance/internal/upstream/upstreamtest"
)

func start(t *testing.T, args ...string) *upstream.Client {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := run(ctx, append([]string{"-addr", "127.0.0.1:0", "-dir", t.TempDir()}, args...), w)
		w.CloseWithError(err)
		done <- err
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	client, err := upstream.New(upstream.Config{
		BaseURL: line[:len(line)-1], Token: upstreamtest.Token, HTTP: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}},
		Limits: upstream.Limits{Attempts: 2, Backoff: 1, MaxWait: 1}, Log: zerolog.Nop(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestServesAFolder(t *testing.T) {
	if _, err := start(t, "-latency", "1ms").Page(t.Context(), upstream.Posts, 1, 10); err != nil {
		t.Error(err)
	}
}

func TestFailsAsOftenAsAsked(t *testing.T) {
	if _, err := start(t, "-failures", "1").Page(t.Context(), upstream.Posts, 1, 10); !errors.Is(err, errs.Unavailable) {
		t.Errorf("got %v", err)
	}
}
