package ingest

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"resonance/internal/upstream"
)

// State says what a Syncer does.
type State string

// The states of a Syncer.
const (
	Idle    State = "idle"    // between passes, or before the first
	Running State = "running" // in a pass
	Failed  State = "failed"  // between passes, and the last one failed in part or whole
)

// Progress says how far a Syncer is. StartedAt, Rows, Endpoint and Page are of the pass that runs,
// or of the last one; FinishedAt and Error are of the last one that ended.
type Progress struct {
	State      State             `json:"state"`
	Endpoint   upstream.Endpoint `json:"endpoint,omitzero"` // of the newest page
	Page       int               `json:"page,omitzero"`
	Rows       int               `json:"rows"` // received in the pass, over all endpoints
	StartedAt  time.Time         `json:"started_at,omitzero"`
	FinishedAt time.Time         `json:"finished_at,omitzero"`
	Error      string            `json:"error,omitzero"` // holds no secret
}

// Progress returns how far the Syncer is.
func (s *Syncer) Progress() Progress {
	s.board.mu.Lock()
	defer s.board.mu.Unlock()
	return s.board.shown
}

// board shows the progress of a Syncer.
type board struct {
	now  func() time.Time
	tell func(Progress)

	mu    sync.Mutex
	shown Progress
}

func (b *board) change(edit func(*Progress)) {
	b.mu.Lock()
	edit(&b.shown)
	shown := b.shown
	b.mu.Unlock()
	b.tell(shown)
}

func (b *board) begin() {
	b.change(func(p *Progress) {
		*p = Progress{State: Running, StartedAt: b.now().UTC(), FinishedAt: p.FinishedAt, Error: p.Error}
	})
}

func (b *board) page(page upstream.Page) {
	b.change(func(p *Progress) {
		p.Endpoint, p.Page = page.Endpoint, page.Number
		p.Rows += page.Rows
	})
}

// end shows that a pass ended; one that was cancelled leaves the outcome of the one before it.
func (b *board) end(err error) {
	b.change(func(p *Progress) {
		if !errors.Is(err, context.Canceled) {
			p.FinishedAt, p.Error = b.now().UTC(), ""
			if err != nil {
				p.Error = strings.ReplaceAll(err.Error(), "\n", "; ") // as errors.Join parts them
			}
		}
		p.State = Idle
		if p.Error != "" {
			p.State = Failed
		}
	})
}
