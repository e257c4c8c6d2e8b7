package teach

import (
	"context"
	"time"
)

// Work in the background rests this many times as long as it worked, so that it takes a third of a processor: a fit that kept
// one for itself for a fifth of a second made hundreds of answers wait on a machine of two.
const resting = 2

// stretch is how long it works at a time.
const stretch = time.Millisecond

// gentle is a context for work that asks it again and again whether it has ended, as fits do row by row: after each stretch
// it lets the work rest. One goroutine uses it.
type gentle struct {
	context.Context
	since time.Time // when the work began, or went on
}

func gently(ctx context.Context) *gentle { return &gentle{ctx, time.Now()} }

// Err implements context.Context.
func (g *gentle) Err() error {
	if worked := time.Since(g.since); worked >= stretch {
		time.Sleep(min(resting*worked, longestRest))
		g.since = time.Now()
	}
	return g.Context.Err()
}

// longestRest bounds how late the end of a context is noticed.
const longestRest = 100 * time.Millisecond
