package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/google/pprof/profile"
	"golang.org/x/sync/errgroup"
)

// buildProfiled makes the product with the tag pprof, and without the optimisation that a profile made before guides.
func (b *bench) buildProfiled(ctx context.Context) (binary string, err error) {
	binary = filepath.Join(b.work, "profiled")
	return binary, buildProduct(ctx, binary, "-tags=pprof", "-pgo=off")
}

// profiled is a product that can be asked for profiles.
type profiled struct {
	*process
	pprof *process // the same, where it answers pprof
}

func (b *bench) serveProfiled(ctx context.Context, store string) (p profiled, err error) {
	binary, err := b.buildProfiled(ctx)
	if err != nil {
		return p, err
	}
	addr, err := freeAddr(ctx)
	if err != nil {
		return p, err
	}
	if p.process, err = b.serveBinary(ctx, binary, store, "PPROF_ADDR="+addr); err != nil {
		return p, err
	}
	p.pprof = &process{addr: addr}
	return p, p.until(ctx, idle)
}

// cpuProfile returns where the product's processor time goes while it is under a load.
func (p profiled) cpuProfile(ctx context.Context, l load) (raw []byte, err error) {
	group, both := errgroup.WithContext(ctx)
	group.Go(func() error {
		_, err := p.under(both, l)
		return err
	})
	group.Go(func() (err error) {
		raw, err = p.pprof.fetch(both, fmt.Sprintf("/debug/pprof/profile?seconds=%d", max(1, int(l.duration.Seconds()))))
		return err
	})
	return raw, group.Wait()
}

// makeProfile writes the profile that guides the compiler: feeds over both doors, lists, searches and recordings,
// in the proportions that an app asks for them.
func makeProfile(ctx context.Context, b *bench, path string) (err error) {
	store, err := b.mainStore(ctx)
	if err != nil {
		return err
	}
	p, err := b.serveProfiled(ctx, store.path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	raw, err := p.cpuProfile(ctx, load{connections: 8, duration: 30 * time.Second, ask: mixed(store)})
	if err != nil {
		return err
	}
	return os.WriteFile(path, raw, 0o644)
}

// mixed returns requests of every kind, of ten one that records.
func mixed(s stored) func([]byte) []byte {
	read, record := reading(s), writing(s.posts, 20)
	return func(buf []byte) []byte {
		if rand.IntN(10) == 0 {
			return record(buf)
		}
		return read(buf)
	}
}

// reading returns requests that only read: of nine, five are for a feed over REST, two over GraphQL, two for lists
// and searches.
func reading(s stored) func([]byte) []byte {
	var graph, lists [][]byte
	for i, name := range s.users {
		user, post := url.QueryEscape(name), s.posts[i%len(s.posts)]
		graph = append(graph, graphFeed(name))
		lists = append(lists,
			get("/trending?username="+user), get(fmt.Sprintf("/posts/%d/similar?username=%s", post, user)),
			get("/search?query="+url.QueryEscape(searches[i%len(searches)])))
	}
	feeds, graphs, listed := inTurn(feedRequests(s.users)), inTurn(graph), inTurn(lists)
	return func(buf []byte) []byte {
		switch rand.IntN(9) {
		case 0, 1:
			return graphs(buf)
		case 2, 3:
			return listed(buf)
		}
		return feeds(buf)
	}
}

// searches are texts that people look for.
var searches = []string{"morning swim", "bread", "night sky", "guitar"}

// parseProfile reads what pprof answers.
func parseProfile(raw []byte) (*profile.Profile, error) { return profile.Parse(bytes.NewReader(raw)) }
