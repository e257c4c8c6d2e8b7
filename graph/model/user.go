package model

import "resonance/internal/catalog"

// User is a person who watches.
type User struct{ catalog.User }

// IsNode marks users as nodes.
func (User) IsNode() {}

// ID returns the global id. It names the user by username, because the number changes when
// upstream names a user who has been here under a local one.
func (u User) ID() string { return GlobalID(KindUser, u.Username) }

// DatabaseID returns the number of the user.
func (u User) DatabaseID() int64 { return u.User.ID }

// Name returns the first and last name as shown.
func (u User) Name() string {
	return catalog.Owner{FirstName: u.FirstName, LastName: u.LastName}.Name()
}
