package main

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/urfave/cli/v3"
	"golang.org/x/sync/errgroup"

	"resonance/internal/demo"
	"resonance/internal/recommend"
	"resonance/internal/replica"
	"resonance/internal/web"
)

// stopTimeout bounds how long requests in flight may take once the program is told to end.
const stopTimeout = 10 * time.Second

// serve answers feeds until ctx ends. It listens before anything else, answers from what the
// store holds, and copies and embeds behind that.
func serve(ctx context.Context, p *program, command *cli.Command) error {
	if command.Args().Present() {
		return fmt.Errorf("there is no command %q; resonance --help lists them", command.Args().First())
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", string(p.settings.ListenAddr))
	if err != nil {
		return fmt.Errorf("LISTEN_ADDR: %w", err)
	}
	defer listener.Close() // again, where serving did not begin
	s, err := p.open(ctx)
	if err != nil {
		return unlessEnded(ctx, err)
	}
	defer s.close()
	if err := s.prepare(ctx); err != nil {
		return unlessEnded(ctx, err)
	}
	if err := s.greet(ctx, listener.Addr()); err != nil {
		return unlessEnded(ctx, err)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		return web.Serve(ctx, listener, web.Server(s.handler(ctx.Done()), p.log), stopTimeout)
	})
	group.Go(func() error { s.sync(ctx); return nil })
	group.Go(func() error { s.queue.Run(ctx); return nil })
	group.Go(func() error { s.teacher.Run(ctx); return nil })
	group.Go(func() error { s.hub.Run(ctx); return nil })
	err = group.Wait()
	p.log.Info().Msg("stopped")
	return err
}

// unlessEnded returns err, or nil where ctx has ended: being told to end is no error, whatever
// was under way.
func unlessEnded(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return nil
}

// prepare gives the store something to serve, and loads it: upstream's rows will replace a demo
// catalogue, and without upstream an untouched store gets one.
func (s *service) prepare(ctx context.Context) error {
	fill := loadDemo
	if s.syncer != nil {
		fill = claimForReal
	}
	if err := fill(ctx, s.db); err != nil {
		return err
	}
	if err := s.teacher.Start(ctx); err != nil {
		return fmt.Errorf("load the store and its model: %w", err)
	}
	// Making one feed fills the caches, so that the first question is answered as fast as the next.
	if _, err := s.engine.Feed(ctx, recommend.Request{Username: s.someone(ctx), TopK: recommend.DefaultTopK}); err != nil {
		return fmt.Errorf("make a first feed: %w", err)
	}
	boundGarbage()
	return nil
}

// sync copies upstream at the start and at every interval, if there is one.
func (s *service) sync(ctx context.Context) {
	if s.syncer == nil {
		return
	}
	if interval := time.Duration(s.settings.SyncInterval); interval > 0 {
		s.syncer.Run(ctx, interval)
		return
	}
	if _, err := s.syncer.Sync(ctx); err != nil && ctx.Err() == nil {
		s.log.Error().Err(err).Msg("sync failed; serving goes on with what is known")
	}
}

// greet says what is served, from which data, and where to look.
func (s *service) greet(ctx context.Context, addr net.Addr) error {
	counts, err := s.db.Counts(ctx)
	if err != nil {
		return fmt.Errorf("count the store's rows: %w", err)
	}
	what, err := s.describeOrigin(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.std.out, `resonance %[1]s serves %[2]s
%[3]d posts, %[4]d users and %[5]d interactions in sqlite:%[6]s

  GraphQL   http://%[7]s/playground
  REST      http://%[7]s/docs
  A feed    http://%[7]s/feed?username=%[8]s
  Progress  http://%[7]s/

`, version(), what, counts.Posts, counts.Users, counts.Interactions, s.settings.DatabaseURL.Path(), addr, s.someone(ctx))
	return err
}

func (s *service) describeOrigin(ctx context.Context) (string, error) {
	if s.syncer != nil {
		return "the upstream " + string(s.settings.APIBaseURL), nil
	}
	origin, _, err := s.db.Setting(ctx, originKey)
	if err != nil {
		return "", fmt.Errorf("read the store's origin: %w", err)
	}
	if origin == originDemo {
		return "the built-in demo catalogue (set API_BASE_URL and FLIC_TOKEN for your own)", nil
	}
	return "what was imported or synced before", nil
}

// someone returns a username whose feed is worth looking at: the most active one.
func (s *service) someone(ctx context.Context) string {
	username := demo.Mira
	err := s.replica.Read(ctx, func(v replica.View) error {
		if _, known := v.Log.UserID(username); !known {
			username = v.Log.Busiest()
		}
		return nil
	})
	if err != nil || username == "" {
		return "anyone"
	}
	return username
}
