package ingest

import (
	"context"
	"time"

	"resonance/internal/lease"
)

// firstPause is the wait after a pass that failed; it doubles with each further failure, up to the
// usual interval.
const firstPause = 10 * time.Second

// Run syncs at once and then every interval (more than 0) until ctx ends, in whichever process
// holds the lease. A pass that fails changes nothing of what is served: it is tried again sooner,
// and logged once, as is the next one that succeeds.
func (s *Syncer) Run(ctx context.Context, interval time.Duration) {
	var trouble trouble
	for ctx.Err() == nil {
		err := s.lease.Do(ctx, lease.Forever, func(ctx context.Context) error { return s.repeat(ctx, interval, &trouble) })
		if ctx.Err() == nil {
			s.note(&trouble, err)
			lease.Sleep(ctx, trouble.pause(interval))
		}
	}
}

// repeat makes passes until ctx ends.
func (s *Syncer) repeat(ctx context.Context, interval time.Duration, trouble *trouble) error {
	for {
		report, err := s.pass(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		s.note(trouble, err)
		if err == nil {
			total := report.Total()
			s.opts.Log.Info().Int("rows", total.Rows).Int("changed", total.Changed).Int("hidden", total.Hidden).
				Int("unreadable", total.Unreadable).Int("without_user", total.NoUser).Dur("took", total.Duration).Msg("synced with upstream")
		}
		if !lease.Sleep(ctx, trouble.pause(interval)) {
			return ctx.Err()
		}
	}
}

// trouble counts the failures since the last success.
type trouble struct{ failures int }

// pause returns how long to wait before the next try.
func (t *trouble) pause(interval time.Duration) time.Duration {
	if t.failures == 0 {
		return interval
	}
	return min(interval, firstPause<<min(t.failures-1, 16))
}

// note counts an outcome, and logs it if it differs from the one before.
func (s *Syncer) note(t *trouble, err error) {
	switch {
	case err == nil && t.failures > 0:
		s.opts.Log.Info().Int("failures", t.failures).Msg("upstream answers again")
	case err != nil && t.failures == 0:
		s.opts.Log.Error().Err(err).Msg("sync failed; serving goes on with what is known, and sync is tried again")
	case err != nil:
		s.opts.Log.Debug().Err(err).Msg("sync failed again")
	}
	if err == nil {
		t.failures = 0
		return
	}
	t.failures++
}
