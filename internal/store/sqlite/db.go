// Package sqlite keeps a store in one SQLite file, without cgo. Any number of processes may open
// the same file: each sees the others' writes at once.
package sqlite

import (
	"context"
	"errors"
	"time"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
	"resonance/internal/store"
)

// Options says how to open a store; the zero value is what a server wants.
type Options struct {
	NoMigrate bool             // leave the schema as it is; an older one than the binary's is an error
	Now       func() time.Time // for leases and checkpoints; nil: time.Now
}

// DB is an open store. Safe for concurrent use.
type DB struct{}

var errSkeleton = errors.New("not written yet")

// Open opens the store in the file at path, creating both it and its folder, and brings its
// schema up to date. A schema newer than the binary knows is an error that names both versions.
func Open(ctx context.Context, path string, opts Options) (*DB, error) { return nil, errSkeleton }

// Close waits for running transactions and closes the file.
func (db *DB) Close() error { return errSkeleton }

// Sequence returns the sequence number of the last change. It takes a few microseconds.
func (db *DB) Sequence(ctx context.Context) (int64, error) { return 0, errSkeleton }

// Changes visits everything that changed after sequence number since.
func (db *DB) Changes(ctx context.Context, since int64, model string, v store.ChangeVisitor) (until int64, err error) {
	return 0, errSkeleton
}

// Posts returns the whole posts in the order of ids; unknown and gone ones are left out.
func (db *DB) Posts(ctx context.Context, ids []int64) ([]catalog.Post, error) {
	return nil, errSkeleton
}

// User returns the user called username; the error wraps errs.NotFound when there is none.
func (db *DB) User(ctx context.Context, username string) (catalog.User, error) {
	return catalog.User{}, errSkeleton
}

// Counts returns the totals of everything that is not gone.
func (db *DB) Counts(ctx context.Context) (store.Counts, error) { return store.Counts{}, errSkeleton }

// Rows visits every row in export order, in one read transaction.
func (db *DB) Rows(ctx context.Context, v store.RowVisitor) error { return errSkeleton }

// PutPosts writes posts, each replacing the one with its id, and returns how many changed.
func (db *DB) PutPosts(ctx context.Context, posts []catalog.Post) (changed int, err error) {
	return 0, errSkeleton
}

// PutUsers writes users and returns how many changed.
func (db *DB) PutUsers(ctx context.Context, users []catalog.User) (changed int, err error) {
	return 0, errSkeleton
}

// PutInteractions writes interactions and returns how many changed. An unknown username creates
// the user; the rows of forgotten users are dropped.
func (db *DB) PutInteractions(ctx context.Context, interactions []interaction.Interaction) (changed int, err error) {
	return 0, errSkeleton
}

// Checkpoint returns where the current pass over endpoint stands.
func (db *DB) Checkpoint(ctx context.Context, endpoint string) (store.Checkpoint, error) {
	return store.Checkpoint{}, errSkeleton
}

// PutPage writes the rows of a page, the ids it showed and the checkpoint in one transaction.
func (db *DB) PutPage(ctx context.Context, page store.Page) (changed int, err error) {
	return 0, errSkeleton
}

// EndPass ends a complete pass: it counts absences and hides what was absent twice in a row.
func (db *DB) EndPass(ctx context.Context, endpoint string) (store.PassResult, error) {
	return store.PassResult{}, errSkeleton
}

// RestartPass forgets an unfinished pass, which then proves nothing.
func (db *DB) RestartPass(ctx context.Context, endpoint string) error { return errSkeleton }

// TextsToEmbed returns at most limit texts that have no embedding by model, newest posts first.
func (db *DB) TextsToEmbed(ctx context.Context, model string, limit int) ([]store.Text, error) {
	return nil, errSkeleton
}

// PutEmbeddings writes embeddings made by model and returns how many changed.
func (db *DB) PutEmbeddings(ctx context.Context, model string, embeddings []store.Embedding) (changed int, err error) {
	return 0, errSkeleton
}

// Embeddings returns the embeddings by model of those of ids that have one.
func (db *DB) Embeddings(ctx context.Context, model string, ids []int64) (map[int64][]float32, error) {
	return nil, errSkeleton
}

// EmbeddingCounts returns how many posts have their embedding by model, and how many wait.
func (db *DB) EmbeddingCounts(ctx context.Context, model string) (done, queued int64, err error) {
	return 0, 0, errSkeleton
}

// Forget deletes everything about a user and returns how many interactions that were.
func (db *DB) Forget(ctx context.Context, username string) (deleted int64, err error) {
	return 0, errSkeleton
}

// Forgotten reports whether username has been forgotten.
func (db *DB) Forgotten(ctx context.Context, username string) (bool, error) {
	return false, errSkeleton
}

// Lease takes or renews the lease called name; false when another holder has it.
func (db *DB) Lease(ctx context.Context, name, holder string, ttl time.Duration) (bool, error) {
	return false, errSkeleton
}

// ReleaseLease gives up the lease called name if holder has it.
func (db *DB) ReleaseLease(ctx context.Context, name, holder string) error { return errSkeleton }

// Setting returns the value stored under key, and whether there is one.
func (db *DB) Setting(ctx context.Context, key string) (value string, ok bool, err error) {
	return "", false, errSkeleton
}

// SetSetting stores value under key.
func (db *DB) SetSetting(ctx context.Context, key, value string) error { return errSkeleton }

// Reset deletes every post, user, interaction, embedding and checkpoint.
func (db *DB) Reset(ctx context.Context) error { return errSkeleton }

// Migration is one step of the schema.
type Migration struct {
	Version   int64
	Name      string
	AppliedAt time.Time // zero: pending
}

// MigrateUp applies every pending migration to the file at path and returns those applied.
func MigrateUp(ctx context.Context, path string) ([]Migration, error) { return nil, errSkeleton }

// MigrateDown takes back the newest applied migration of the file at path.
func MigrateDown(ctx context.Context, path string) (Migration, error) {
	return Migration{}, errSkeleton
}

// MigrateStatus returns every migration, oldest first.
func MigrateStatus(ctx context.Context, path string) ([]Migration, error) { return nil, errSkeleton }
