package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"resonance/internal/upstream"
	"resonance/internal/upstream/upstreamtest"
)

// The fake upstream runs in a process of its own. While its gate is shut it does not answer, so that a product
// which syncs all the time does nothing; what it serves changes when it is told to.

// upstreamProcess is the fake as the bench sees it.
type upstreamProcess struct{ *process }

func (b *bench) startUpstream(ctx context.Context) (upstreamProcess, error) {
	dir, err := filepath.Abs(filepath.Join(b.shared, "upstream"))
	if err != nil {
		return upstreamProcess{}, err
	}
	p, err := b.launchSelf(ctx, upstreamRole, dir)
	return upstreamProcess{p}, err
}

func (u upstreamProcess) settings() []string {
	return []string{"API_BASE_URL=http://" + u.addr, "FLIC_TOKEN=" + upstreamtest.Token, "RESONANCE_ALGORITHM=" + upstreamtest.Algorithm}
}

// open lets answers through, close holds them, and change gives so many posts another text and adds so many views.
func (u upstreamProcess) open(ctx context.Context) error { return u.tell(ctx, "/-/open") }
func (u upstreamProcess) shut(ctx context.Context) error { return u.tell(ctx, "/-/shut") }
func (u upstreamProcess) change(ctx context.Context, posts, views int) error {
	return u.tell(ctx, fmt.Sprintf("/-/change?posts=%d&views=%d", posts, views))
}

func (u upstreamProcess) tell(ctx context.Context, what string) error {
	_, err := u.fetch(ctx, what)
	return err
}

// pages returns how many pages were asked for so far.
func (u upstreamProcess) pages(ctx context.Context) (n int64, err error) {
	body, err := u.fetch(ctx, "/-/pages")
	if err == nil {
		err = json.Unmarshal(body, &n)
	}
	return n, err
}

// serveUpstream is the child process.
func serveUpstream(ctx context.Context, out io.Writer, dir string) error {
	rows, err := upstreamtest.ReadDir(dir)
	if err != nil {
		return err
	}
	fake := &gated{rows: rows, Fake: upstreamtest.NewFake(rows, upstreamtest.Token, upstreamtest.Algorithm), passed: make(chan struct{})}
	close(fake.passed)
	mux := http.NewServeMux()
	mux.Handle("/", fake)
	mux.HandleFunc("/-/open", func(http.ResponseWriter, *http.Request) { fake.open() })
	mux.HandleFunc("/-/shut", func(http.ResponseWriter, *http.Request) { fake.shut() })
	mux.HandleFunc("/-/pages", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, len(fake.Requests())) })
	mux.HandleFunc("/-/change", func(w http.ResponseWriter, r *http.Request) {
		posts, err := strconv.Atoi(r.FormValue("posts"))
		views, wrong := strconv.Atoi(r.FormValue("views"))
		if err := errors.Join(err, wrong, fake.change(posts, views)); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	})
	return serveOn(ctx, out, mux)
}

// gated is a fake that waits while its gate is shut.
type gated struct {
	*upstreamtest.Fake
	rows upstreamtest.Rows

	mu      sync.Mutex
	passed  chan struct{} // closed while the gate is open
	changes int           // made so far
}

// ServeHTTP answers one call once the gate is open, if the caller waits that long.
func (g *gated) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	passed := g.passed
	g.mu.Unlock()
	select {
	case <-passed:
		g.Fake.ServeHTTP(w, r)
	case <-r.Context().Done():
	}
}

func (g *gated) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-g.passed:
	default:
		close(g.passed)
	}
}

func (g *gated) shut() {
	g.open()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.passed = make(chan struct{})
}

// change gives some posts a title that is new, and adds views: users of posts that others of the captured views name.
func (g *gated) change(posts, views int) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.changes++
	for n := range posts {
		post, err := g.row(upstream.Posts, g.changes*posts+n)
		if err != nil {
			return err
		}
		post["title"] = fmt.Sprintf("%v, take %d", post["title"], g.changes)
		g.Put(upstream.Posts, post)
	}
	for n := range views {
		at := g.changes*views + n
		view, err := g.row(upstream.Views, at)
		if err != nil {
			return err
		}
		other, err := g.row(upstream.Views, 31*at+7)
		if err != nil {
			return err
		}
		view["id"], view["post_id"], view["viewed_at"] = 1_000_000_000+at, other["post_id"], time.Now().UTC().Format(time.DateTime)
		g.Put(upstream.Views, view)
	}
	return nil
}

// row returns a captured row, counted round and round.
func (g *gated) row(endpoint upstream.Endpoint, at int) (row map[string]any, err error) {
	rows := g.rows[endpoint]
	if len(rows) == 0 {
		return nil, fmt.Errorf("there are no %s", endpoint)
	}
	err = json.Unmarshal(rows[at%len(rows)], &row)
	return row, err
}
