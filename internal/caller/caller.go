// Package caller says who asks: by which key, with which rights, and for whose posts.
//
// One middleware puts a Caller into the context of every request; the doors (graph, rest) read it
// there, ask it whether it may, and pass on the projects it is bound to as part of the question.
// What lies behind the doors knows projects, not callers.
package caller

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"resonance/internal/catalog"
	"resonance/internal/errs"
)

// Right is what a caller may do; each includes those before it.
type Right int

// The rights, which keys call scopes.
const (
	None  Right = iota
	Read        // ask for feeds, posts and users
	Write       // change them: record interactions, edit posts, forget users
	Admin       // undo what was deleted or forgotten
)

var scopes = [...]string{"none", "read", "write", "admin"}

// String returns the scope's name.
func (r Right) String() string { return scopes[r] }

// RightOf returns the right that a scope's name stands for, None for an unknown name.
func RightOf(scope string) Right { return Right(max(0, slices.Index(scopes[:], scope))) }

// Caller is who asks. The zero value is somebody without a key where one is needed: it may do
// nothing.
type Caller struct {
	KeyID    string   // 12 hexadecimal digits that don't tell the key; "" for a caller without one
	Projects []string // codes of the projects the key is bound to, folded; empty: bound to none

	Read, Write, Admin bool // the rights
}

// Anyone returns the caller of a server that asks for no key: it may do everything.
func Anyone() Caller { return with(Admin) }

// with returns a caller with a right and those it includes.
func with(right Right) Caller {
	return Caller{Read: right >= Read, Write: right >= Write, Admin: right >= Admin}
}

// May returns nil if the caller has the right. Otherwise the error wraps errs.Unauthorized when a
// key would help, errs.Forbidden when it takes another one.
func (c Caller) May(right Right) error {
	switch {
	case [...]bool{true, c.Read, c.Write, c.Admin}[right]:
		return nil
	case !c.Read:
		return fmt.Errorf("%w: send a key as Authorization: Bearer KEY", errs.Unauthorized)
	}
	return fmt.Errorf("%w: it takes a key with the scope %s", errs.Forbidden, right)
}

// MayUse reports whether the caller may use what belongs to a project, "" for what belongs to none.
func (c Caller) MayUse(project string) bool { return c.Reach().Hold(project) }

// Reach returns the projects whose posts the caller may see.
func (c Caller) Reach() catalog.Projects {
	switch {
	case !c.Read:
		return catalog.Projects{}
	case len(c.Projects) == 0:
		return catalog.EveryProject()
	}
	return catalog.OnlyProjects(c.Projects...)
}

// MayEverywhere returns nil if the caller has the right for all projects together, as figures over
// everything take it, or forgetting a user: a key that is bound to no project. The errors are those
// of May.
func (c Caller) MayEverywhere(right Right) error {
	if err := c.May(right); err != nil {
		return err
	}
	if !c.Reach().Every() {
		return fmt.Errorf("%w: the key is bound to a project", errs.Forbidden)
	}
	return nil
}

// Project returns the project that a question is about: asked, which may be "" for none in
// particular; a key bound to one project means that one. argument is the name that the door gives
// to it. An error wraps errs.Forbidden for the project of somebody else, errs.Invalid for none
// from a caller with several; neither tells whether a project exists.
func (c Caller) Project(argument, asked string) (string, error) {
	reach := c.Reach()
	codes := reach.Codes()
	switch {
	case asked != "" && reach.Hold(asked), reach.Every():
		return asked, nil
	case asked != "" || len(codes) == 0:
		return "", fmt.Errorf("%w: %s: the key is bound to another project", errs.Forbidden, argument)
	case len(codes) > 1:
		return "", fmt.Errorf("%w: %s: must be one of %s, which the key is bound to", errs.Invalid, argument, strings.Join(codes, ", "))
	}
	return codes[0], nil
}

type contextKey struct{}

// With returns a context of requests that c makes.
func With(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, contextKey{}, c)
}

// Of returns who makes the request that ctx belongs to: the zero Caller when that was never said.
func Of(ctx context.Context) Caller {
	c, _ := ctx.Value(contextKey{}).(Caller)
	return c
}
