// Package sqlite keeps a store in one SQLite file, without cgo. Any number of processes may open
// the same file: each sees the others' writes at once.
//
// Every change goes through one writing connection a process, in transactions that begin by
// taking SQLite's write lock; a pool of reading connections is never blocked by it (WAL).
package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"time"

	"resonance/internal/errs"
)

// Options says how to open a store; the zero value is what a server wants.
type Options struct {
	NoMigrate bool             // leave the schema as it is; an older one than the binary's is an error
	Now       func() time.Time // for leases, checkpoints and tombstones; nil: time.Now
}

// DB is an open store. Safe for concurrent use.
type DB struct {
	writer  *pool // of one
	readers *pool
	now     func() time.Time
	group   group // of recordings that will share a transaction
	journal journalIndex

	unscrubbed atomic.Bool // a forgotten user may still stand in the journal
}

// Open opens the store in the file at path, creating both it and its folder, and brings its
// schema up to date. A schema newer than the binary knows is an error that wraps errs.Invalid
// and names both versions.
func Open(ctx context.Context, path string, opts Options) (*DB, error) {
	db, err := open(ctx, path, opts)
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", path, err)
	}
	return db, nil
}

func open(ctx context.Context, path string, opts Options) (*DB, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	if err := upToDate(ctx, path, opts.NoMigrate); err != nil {
		return nil, err
	}
	db := &DB{now: opts.Now, journal: journalIndex{path: path}}
	if db.now == nil {
		db.now = time.Now
	}
	var err error
	if db.writer, err = newPool(path, writerOptions, 1); err != nil {
		return nil, err
	}
	if db.readers, err = newPool(path, readerOptions, max(4, 2*runtime.GOMAXPROCS(0))); err != nil {
		return nil, errors.Join(err, db.writer.close())
	}
	if err := db.rederive(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// upToDate brings the schema of the file at path to the binary's version, or is an error.
func upToDate(ctx context.Context, path string, noMigrate bool) error {
	all, err := known()
	if err != nil {
		return err
	}
	have, err := fileVersion(ctx, path)
	if err != nil {
		return err
	}
	switch want := all[len(all)-1].Version; {
	case have == want:
		return nil
	case have < want && noMigrate:
		return fmt.Errorf("%w: the store's schema is version %d and this binary needs %d: run `resonance migrate up`", errs.Invalid, have, want)
	}
	_, err = MigrateUp(ctx, path) // refuses a newer one
	return err
}

// fileVersion returns the schema version of the file at path, 0 if it does not exist.
func fileVersion(ctx context.Context, path string) (version int64, err error) {
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	db, err := openFile(path, "_busy_timeout=30000")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := refuseForeign(ctx, db); err != nil {
		return 0, err
	}
	return schemaVersion(ctx, db)
}

// Close waits for running calls and closes the file. Calls after it are errors.
func (db *DB) Close() error {
	return errors.Join(db.readers.close(), db.writer.close(), db.journal.close()) // the last to close checkpoints
}
