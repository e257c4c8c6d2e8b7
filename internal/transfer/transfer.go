// Package transfer moves whole catalogues in and out of a store as JSON lines: posts.jsonl,
// users.jsonl and interactions.jsonl in one folder, each optional.
//
// An import reads every line before it writes the first row, so that a folder with a wrong line
// changes nothing. An export is sorted, and an export imported into an empty store exports the
// same bytes.
package transfer

import (
	"context"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
	"resonance/internal/store"
)

// The files of a folder.
const (
	usersFile        = "users.jsonl"
	postsFile        = "posts.jsonl"
	interactionsFile = "interactions.jsonl"
)

// Writer is the part of a store that an import writes to. Rows of forgotten users, which the
// store drops by itself, are asked about so that they can be counted.
type Writer interface {
	PutPosts(ctx context.Context, posts []catalog.Post) (changed int, err error)
	PutUsers(ctx context.Context, users []catalog.User) (changed int, err error)
	PutInteractions(ctx context.Context, interactions []interaction.Interaction) (changed int, err error)
	Forgotten(ctx context.Context, username string) (bool, error)
	ForgottenID(ctx context.Context, id int64) (bool, error)
}

// Reader is the part of a store that an export reads.
type Reader interface {
	Rows(ctx context.Context, v store.RowVisitor) error
}

// Progress is told now and then that done rows of total went through a stage, such as
// "checking posts.jsonl"; total is 0 while it is not known. nil is allowed wherever one is taken.
type Progress func(stage string, done, total int64)

// Counts says how many rows an import or export moved.
type Counts struct {
	Posts, Users, Interactions int64
	Changed                    int64 // rows that the store did not have in this form
	Skipped                    int64 // rows of forgotten users, not among the others
}
