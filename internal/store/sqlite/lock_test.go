package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"resonance/internal/catalog"
	"resonance/internal/errs"
)

// TestWriteLockHeld has another process hold the write lock: a write waits for it, but no longer
// than its context, and reads are not disturbed.
func TestWriteLockHeld(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	db, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	other, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	other.SetMaxOpenConns(1)
	if _, err := other.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}

	user := []catalog.User{{ID: 1, Username: "ada"}}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := db.PutUsers(ctx, user); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a write that can't have the lock: %v", err)
	}
	if _, err := db.Sequence(t.Context()); err != nil {
		t.Errorf("a read meanwhile: %v", err)
	}
	written := make(chan error)
	go func() {
		_, err := db.PutUsers(t.Context(), user)
		written <- err
	}()
	if _, err := other.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if err := <-written; err != nil {
		t.Errorf("a write that got the lock in the end: %v", err)
	}
}

func TestBusyIsUnavailable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	first, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = first.Close() }()
	first.SetMaxOpenConns(1)
	second, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = second.Close() }()
	if _, err := first.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	_, err = second.ExecContext(t.Context(), "BEGIN IMMEDIATE")
	if err == nil || !errors.Is(busy(err), errs.Unavailable) {
		t.Errorf("a lock that is held: %v", err)
	}
	if plain := errors.New("plain"); busy(plain) != plain { //nolint:errorlint // the very same
		t.Error("another error changed")
	}
}
