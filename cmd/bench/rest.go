package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"os/exec"
	"path/filepath"
	"time"
)

// side is one of several servers that are measured in turn with the same requests.
type side struct {
	name     string
	process  *process
	requests [][]byte
}

// measure puts the load of so many connections on each side in turn, A B A B, after a short one to warm up.
func (b *bench) measure(ctx context.Context, connections int, sides ...side) ([]rounds, error) {
	all := make([]rounds, len(sides))
	asks := make([]func([]byte) []byte, len(sides))
	for i, s := range sides {
		asks[i] = inTurn(s.requests)
	}
	for round := -1; round < b.rounds; round++ {
		for i, s := range sides {
			l := load{connections: connections, duration: b.roundTime, ask: asks[i]}
			if round < 0 {
				l.duration /= 4
			}
			r, err := s.process.under(ctx, l)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", s.name, err)
			}
			if round >= 0 {
				all[i] = append(all[i], r)
			}
		}
	}
	return all, nil
}

// feedRequests returns a REST feed request of each user, in random order.
func feedRequests(usernames []string) [][]byte {
	requests := make([][]byte, len(usernames))
	for i, name := range usernames {
		requests[i] = get("/feed?top_k=10&username=" + url.QueryEscape(name))
	}
	random := rand.New(rand.NewPCG(1, 2))
	random.Shuffle(len(requests), func(i, j int) { requests[i], requests[j] = requests[j], requests[i] })
	return requests
}

// rest compares GET /feed with the yardstick, where that is installed.
func rest(ctx context.Context, b *bench) (s section, err error) {
	s = section{
		title: "REST", header: loadHeader,
		intro: "`GET /feed`, ten posts, every user of the store in random order, the same for each server. The yardstick is the same feed as a small FastAPI service with everything in memory.",
	}
	store, err := b.mainStore(ctx)
	if err != nil {
		return s, err
	}
	sides, stop, err := b.restSides(ctx, store.path, feedRequests(store.users))
	defer func() { err = errors.Join(err, stop()) }()
	if err != nil {
		return s, err
	}
	for _, connections := range []int{1, 8} {
		found, err := b.measure(ctx, connections, sides...)
		if err != nil {
			return s, err
		}
		for i, side := range sides {
			s.rows = append(s.rows, loadRow(fmt.Sprintf("%s, %s", side.name, overConnections(connections)), found[i].all(), side.process))
			s.plots = addCurve(s.plots, "rest", "GET /feed: share of requests answered within", fmt.Sprintf("%s, %d", side.name, connections), found[i].all())
		}
		if len(sides) < 2 {
			continue
		}
		if connections == 1 {
			s.claims = append(s.claims, claim{what: "p50 of one connection in proportion to the yardstick's", value: ratio(found[0], found[1], p50Seconds), asked: .1, floor: .5, atMost: true})
		} else {
			s.claims = append(s.claims, claim{what: "requests/s of 8 connections in proportion to the yardstick's", value: ratio(found[0], found[1], result.perSecond), asked: 15, floor: 3})
		}
	}
	if len(sides) < 2 {
		s.intro += " The yardstick was not measured: " + b.whyNoYardstick() + "."
	}
	return s, nil
}

// restSides starts the product and, where it can be, the yardstick. stop ends what was started.
func (b *bench) restSides(ctx context.Context, store string, requests [][]byte) (sides []side, stop func() error, err error) {
	stop = func() (err error) {
		for _, s := range sides {
			if failed := s.process.stop(); s.name == "resonance" { // uvicorn ends by its signal
				err = failed
			}
		}
		return err
	}
	p, err := b.serve(ctx, store)
	if err != nil {
		return nil, stop, err
	}
	sides = append(sides, side{"resonance", p, requests})
	if b.whyNoYardstick() != "" {
		return sides, stop, p.until(ctx, idle)
	}
	if p, err = b.startYardstick(ctx); err != nil {
		return sides, stop, err
	}
	sides = append(sides, side{"yardstick", p, requests})
	return sides, stop, sides[0].process.until(ctx, idle)
}

// whyNoYardstick says what keeps the yardstick from being measured, "" for nothing.
func (b *bench) whyNoYardstick() string {
	if b.posts > 0 || !b.hasCapture() {
		return "it serves the captured rows only"
	}
	if !exists(b.uvicorn()) {
		return "it is not installed (`.ci/yardstick` does that)"
	}
	return ""
}

func (b *bench) uvicorn() string { return filepath.Join(b.yardstick, "bin", "uvicorn") }

func (b *bench) startYardstick(ctx context.Context) (*process, error) {
	addr, err := freeAddr(ctx)
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	app, err := filepath.Abs(filepath.Join(b.shared, "bench", "seed_api"))
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, b.uvicorn(), "--app-dir", app, "app:app", "--port", port, "--log-level", "warning")
	command.Env = append(bare(), "OMP_NUM_THREADS=1", "PYTHONDONTWRITEBYTECODE=1")
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p, err := b.begin("yardstick", command)
	if err != nil {
		return nil, err
	}
	p.addr = addr
	go p.await(out)
	for began := time.Now(); time.Since(began) < time.Minute; time.Sleep(100 * time.Millisecond) {
		if _, err := p.fetch(ctx, "/"); err == nil {
			return p, nil
		}
	}
	return nil, errors.Join(p.failed("does not answer"), p.stop())
}
