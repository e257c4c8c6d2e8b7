package sqlite

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"

	"resonance/internal/caller"
	"resonance/internal/interaction"
)

// Bringing a transaction to disk takes longer than what most of them change, so recordings that
// wait for one commit share the next. While it is under way the next group gathers: the busier
// the store, the larger the groups, and a single caller waits for nobody.

// recording is one call of Record.
type recording struct {
	ctx      context.Context
	who      caller.Caller
	drafts   []interaction.Draft
	outcomes []interaction.Outcome
	err      error
	done     chan struct{} // closed when outcomes and err are final
}

// group is the recordings that wait.
type group struct {
	mu         sync.Mutex
	waiting    []*recording
	committing bool // a goroutine commits them
	pace       pace // that goroutine's
}

// maxGroup bounds the drafts of one transaction, so that none waits long for others'.
const maxGroup = 2000

// join puts r among those that wait, and reports whether somebody has to commit them.
func (g *group) join(r *recording) (first bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting = append(g.waiting, r)
	first, g.committing = !g.committing, true
	return first
}

// drafts returns how many drafts wait.
func (g *group) drafts() (n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, r := range g.waiting {
		n += len(r.drafts)
	}
	return n
}

// next takes the recordings of the next transaction, in the order they came; none ends the
// committing.
func (g *group) next() []*recording {
	g.mu.Lock()
	defer g.mu.Unlock()
	n, drafts := 0, 0
	for n < len(g.waiting) && (n == 0 || drafts+len(g.waiting[n].drafts) <= maxGroup) {
		drafts += len(g.waiting[n].drafts)
		n++
	}
	taken := g.waiting[:n:n]
	if g.waiting = g.waiting[n:]; len(g.waiting) == 0 {
		g.waiting = nil
	}
	g.committing, g.pace.last = n > 0, drafts
	return taken
}

// commitGroups commits what waits until nothing does. No caller's context ends it: the others
// still wait.
func (db *DB) commitGroups(ctx context.Context) {
	for {
		runtime.Gosched() // callers that are about to join do: the group is a third larger, measured
		db.group.gather()
		recordings := db.group.next()
		if len(recordings) == 0 {
			return
		}
		err := db.commitGroup(ctx, recordings)
		for _, r := range recordings {
			if r.err == nil {
				r.err = err
			}
			close(r.done)
		}
	}
}

// commitGroup writes one transaction. A panic is its error: no request's goroutine would catch it.
func (db *DB) commitGroup(ctx context.Context, recordings []*recording) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	return db.write(ctx, func(ctx context.Context, t *tx) error { return t.recordAll(ctx, recordings) })
}

func (t *tx) recordAll(ctx context.Context, recordings []*recording) error {
	who := newDirectory(t)
	for _, r := range recordings {
		if r.err = r.ctx.Err(); r.err != nil { // nobody waits any more
			continue
		}
		r.outcomes = make([]interaction.Outcome, len(r.drafts))
		for n := range r.drafts {
			outcome, err := t.record(ctx, who, r.who, &r.drafts[n])
			if err != nil && !isRefusal(err) {
				return err
			}
			outcome.Err = err
			r.outcomes[n] = outcome
		}
	}
	return nil
}
