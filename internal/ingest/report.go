package ingest

import (
	"sync"
	"time"

	"github.com/rs/zerolog"

	"resonance/internal/upstream"
)

// Report says what a pass did.
type Report struct {
	Endpoints []EndpointReport // in the order they were read
	StartedAt time.Time
	Duration  time.Duration
}

// EndpointReport says what a pass did with one endpoint. A pass that was resumed counts from
// where it went on.
type EndpointReport struct {
	Endpoint   upstream.Endpoint
	Rows       int // received
	Changed    int // that changed the store
	Unreadable int // skipped
	NoUser     int // whole posts in place of interactions
	Hidden     int // posts or users hidden, being absent from two complete passes in a row
	Duration   time.Duration
	Err        error // nil when the endpoint was read to its end
}

func (r *EndpointReport) count(page upstream.Page, changed int) {
	r.Rows += page.Rows
	r.Changed += changed
	r.Unreadable += len(page.Unreadable)
	if namesNoUser(page) {
		r.NoUser += len(page.Posts)
	}
}

// Total adds up the endpoints.
func (r Report) Total() EndpointReport {
	total := EndpointReport{Duration: r.Duration}
	for _, e := range r.Endpoints {
		total.Rows += e.Rows
		total.Changed += e.Changed
		total.Unreadable += e.Unreadable
		total.NoUser += e.NoUser
		total.Hidden += e.Hidden
	}
	return total
}

// logEndpoint logs an endpoint that is done; its error is for the caller of Sync or Run.
func (s *Syncer) logEndpoint(r EndpointReport) {
	if r.Err != nil {
		return
	}
	event := s.opts.Log.Debug()
	if r.Changed > 0 || r.Hidden > 0 {
		event = s.opts.Log.Info()
	}
	event.Str("endpoint", string(r.Endpoint)).Int("rows", r.Rows).Int("changed", r.Changed).Int("unreadable", r.Unreadable).
		Int("hidden", r.Hidden).Dur("took", r.Duration).Msg("endpoint synced")
}

// told remembers what was logged already and would only be repeated by the next page or pass.
type told struct {
	log zerolog.Logger

	mu       sync.Mutex
	rows     map[upstream.RowError]bool
	user     bool
	progress time.Time
}

// maxTold bounds the memory of rows that can't be read; those beyond it are counted, not logged.
const maxTold = 10_000

func (t *told) unreadable(rows []upstream.RowError) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, row := range rows {
		if t.rows[row] || len(t.rows) == maxTold {
			continue
		}
		if t.rows == nil {
			t.rows = map[upstream.RowError]bool{}
		}
		t.rows[row] = true
		t.log.Warn().Str("endpoint", string(row.Endpoint)).Int64("id", row.ID).Str("reason", row.Reason).Msg("row skipped: it can't be read")
	}
}

func (t *told) noUsers() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.user {
		return
	}
	t.user = true
	t.log.Warn().Msg("upstream's interactions name no user, so only their posts are kept: set RESONANCE_ALGORITHM to the secret that upstream gave you")
}

// page logs how far a pass is, at most every ten seconds.
func (t *told) page(p Progress, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p.Page == 0 { // a pass begins
		t.progress = now
	}
	if p.State != Running || now.Sub(t.progress) < 10*time.Second {
		return
	}
	t.progress = now
	t.log.Info().Str("endpoint", string(p.Endpoint)).Int("page", p.Page).Int("rows", p.Rows).Msg("syncing")
}
