// Package lease lets one process of several do a piece of work in the background.
package lease

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	"os"
	"time"

	"github.com/rs/zerolog"

	"resonance/internal/errs"
)

// Store keeps leases.
type Store interface {
	// Lease takes the lease called name for life, or renews it; false says that another holder has it.
	Lease(ctx context.Context, name, holder string, life time.Duration) (bool, error)
	ReleaseLease(ctx context.Context, name, holder string) error
}

// ttl is how long the work stands still after its holder was killed, and three times as long
// as the wait between two renewals.
const ttl = 6 * time.Second

// longestRenewal is how long one renewal may wait for the store.
const longestRenewal = 5 * ttl

// Forever and OfTheDead are patience with another holder of a lease: all of it, and as much
// as shows whether the holder still lives, since a killed one's lease runs out.
const (
	Forever   = time.Duration(math.MaxInt64)
	OfTheDead = 2 * ttl
)

// ErrLost ends work whose lease could not be renewed in time.
var ErrLost = errors.New("the lease went to another process")

// Lease is a named lease as one holder sees it.
type Lease struct {
	leases Store
	name   string
	holder string
	log    zerolog.Logger
}

// New returns the lease called name, for a holder that no other process is.
func New(leases Store, name string, log zerolog.Logger) Lease {
	host, _ := os.Hostname() // for people who read the table; the random text makes it unique
	return Lease{leases: leases, name: name, holder: fmt.Sprintf("%s:%d:%s", host, os.Getpid(), rand.Text()), log: log}
}

// Do waits for the lease, runs work while renewing it, and gives it back. The context of work ends
// when ctx does or the lease is lost. An error is work's, the store's, ctx's, ErrLost, or wraps
// errs.Unavailable when another process kept the lease for longer than patience.
func (l Lease) Do(ctx context.Context, patience time.Duration, work func(context.Context) error) error {
	if err := l.take(ctx, patience); err != nil {
		return err
	}
	held, cancel := context.WithCancelCause(ctx)
	renewed := make(chan struct{})
	go func() {
		defer close(renewed)
		l.renew(held, cancel)
	}()
	err := work(held)
	if errors.Is(context.Cause(held), ErrLost) {
		err = ErrLost
	}
	cancel(nil)
	<-renewed
	l.release(ctx)
	return err
}

func (l Lease) take(ctx context.Context, patience time.Duration) error {
	began := time.Now()
	for first := true; ; first = false {
		ok, err := l.leases.Lease(ctx, l.name, l.holder, ttl)
		switch {
		case err != nil:
			return fmt.Errorf("take lease %s: %w", l.name, err)
		case ok:
			return nil
		case time.Since(began) >= patience:
			return fmt.Errorf("take lease %s: another process has it: %w", l.name, errs.Unavailable)
		case first:
			l.log.Info().Str("lease", l.name).Msg("another process has the lease, waiting for it")
		}
		if !Sleep(ctx, ttl/3) {
			return ctx.Err()
		}
	}
}

// renew keeps the lease until held ends. One that the store refuses, or can't renew for a whole ttl, is
// lost. A renewal that waits for the store, such as behind a large transaction of the work itself, may take longer: where
// it comes through, nobody else has taken the lease, and where another could write meanwhile, it is refused.
func (l Lease) renew(held context.Context, cancel context.CancelCauseFunc) {
	deadline := time.Now().Add(ttl)
	for Sleep(held, ttl/3) {
		asked := time.Now()
		bounded, done := context.WithDeadline(held, asked.Add(longestRenewal))
		ok, err := l.leases.Lease(bounded, l.name, l.holder, ttl)
		done()
		switch {
		case err == nil && ok:
			deadline = asked.Add(ttl)
		case err == nil, !time.Now().Before(deadline):
			cancel(ErrLost)
		}
	}
}

// release gives the lease back, also when ctx has ended: the next holder need not wait then.
func (l Lease) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if err := l.leases.ReleaseLease(ctx, l.name, l.holder); err != nil {
		l.log.Warn().Err(err).Str("lease", l.name).Msg("lease not given back; it runs out by itself")
	}
}

// Sleep waits for d and reports whether ctx has not ended by then.
func Sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
