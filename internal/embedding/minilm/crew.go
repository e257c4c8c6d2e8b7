package minilm

import (
	"context"
	"runtime"
	"sync/atomic"
	"time"
)

// crew are the workers of one call of Embed. Each takes texts; one that finds none left helps with those in the making.
type crew struct {
	workers []*worker
	taken   atomic.Int64 // texts that were taken
	open    atomic.Int64 // texts that are not finished
	apart   atomic.Bool  // nobody helps: there is nobody, or help is slower than none
	regret  *regret
}

// regret is when a text last waited for help longer than it would have taken alone; nil: never.
type regret struct{ atomic.Pointer[time.Time] }

// shyness is how long texts are not shared after that.
const shyness = time.Second

func (r *regret) lasts() bool {
	since := r.Load()
	return since != nil && time.Since(*since) < shyness
}

// part ends all help.
func (c *crew) part() {
	if !c.apart.Swap(true) {
		now := time.Now()
		c.regret.Store(&now)
	}
}

// take returns the number of a text that nobody has taken, or one behind the last.
func (c *crew) take() int { return int(c.taken.Add(1)) - 1 }

// help lends a hand wherever a text is made, until all are finished, ctx ends or no help is wanted.
func (c *crew) help(ctx context.Context, own *scratch) {
	for c.open.Load() > 0 && !c.apart.Load() && ctx.Err() == nil {
		for _, w := range c.workers {
			if s := w.at.Load(); s != nil {
				s.help(own)
			}
		}
		runtime.Gosched()
	}
}

// worker is one goroutine of a crew. It makes one text at a time, step by step, and offers the parts of each step
// to those who have no text to make.
type worker struct {
	crew    *crew
	text    text
	scratch scratch
	at      atomic.Pointer[step] // the last step that was shared; nil: none yet
}

// step is a piece of work in parts that may be done in any order, by several workers.
type step struct {
	do         func(part int, s *scratch)
	parts      int64
	next, done atomic.Int64
}

// help does parts of s until all are taken.
func (s *step) help(own *scratch) {
	for {
		part := s.next.Add(1) - 1
		if part >= s.parts {
			return
		}
		s.do(int(part), own)
		s.done.Add(1)
	}
}

// share does all parts of a step with whoever helps, and returns when they are done. It never waits for help to
// come, only for parts that were taken.
func (w *worker) share(parts int, do func(part int, s *scratch)) {
	if parts == 1 || w.crew.apart.Load() {
		for part := range parts {
			do(part, &w.scratch)
		}
		return
	}
	s := &step{do: do, parts: int64(parts)}
	began := time.Now()
	w.at.Store(s)
	s.help(&w.scratch)
	patience := 2*time.Since(began) + grace
	for s.done.Load() < s.parts {
		if time.Since(began) > patience {
			w.crew.part()
		}
		runtime.Gosched()
	}
}

// grace is how much longer than its own share of a step a worker may have to wait for the helper's. Who keeps others
// waiting longer has lost its processor to another program.
const grace = 50 * time.Microsecond

// rowsTogether is how many rows make a part where each is little work.
const rowsTogether = 16

// shareRows is share for work on each of n rows alone.
func (w *worker) shareRows(n int, do func(row int)) {
	w.share((n+rowsTogether-1)/rowsTogether, func(part int, _ *scratch) {
		for row := part * rowsTogether; row < min(n, (part+1)*rowsTogether); row++ {
			do(row)
		}
	})
}
