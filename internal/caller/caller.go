// Package caller says on whose behalf a request is made. The door that knows who asks puts a
// Caller into the request's context; everything behind it takes the Caller as a value.
package caller

import (
	"context"
	"slices"

	"resonance/internal/catalog"
)

// Caller is who asks.
type Caller struct {
	KeyID    string   // identifies the API key, and is not the key; "" when none was asked for
	Projects []string // codes of the projects the key is bound to; empty: bound to none
	Admin    bool     // may undo deletions
}

// Anyone is the caller where no keys are asked for: it may do everything.
func Anyone() Caller { return Caller{Admin: true} }

// MayUse reports whether the caller may use what belongs to a project, "" for what belongs to none.
func (c Caller) MayUse(project string) bool {
	same := func(own string) bool { return catalog.FoldProject(own) == catalog.FoldProject(project) }
	return len(c.Projects) == 0 || slices.ContainsFunc(c.Projects, same)
}

type contextKey struct{}

// With returns a context of requests that c makes.
func With(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, contextKey{}, c)
}

// Of returns who makes the request that ctx belongs to, Anyone when that was never said.
func Of(ctx context.Context) Caller {
	if c, ok := ctx.Value(contextKey{}).(Caller); ok {
		return c
	}
	return Anyone()
}
