package model

import (
	"context"

	"resonance/internal/caller"
	"resonance/internal/catalog"
)

// User is a person who watches.
type User struct{ catalog.User }

// IsNode marks users as nodes.
func (User) IsNode() {}

// ID returns the global id. It names the user by username, because the number changes when
// upstream names a user who has been here under a local one.
func (u User) ID() string { return GlobalID(KindUser, u.Username) }

// DatabaseID returns the number of the user. Local numbers are given one after the other, so they count the people
// of all projects: the error wraps errs.Forbidden for a key that is bound to some.
func (u User) DatabaseID(ctx context.Context) (int64, error) {
	if u.User.ID < catalog.LocalUserID {
		return u.User.ID, nil
	}
	return u.User.ID, caller.Of(ctx).MayEverywhere(caller.Read)
}

// Name returns the first and last name as shown.
func (u User) Name() string {
	return catalog.Owner{FirstName: u.FirstName, LastName: u.LastName}.Name()
}
