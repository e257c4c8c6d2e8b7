package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"resonance/internal/caller"
	"resonance/internal/catalog"
	"resonance/internal/errs"
	"resonance/internal/interaction"
	"resonance/internal/store"
)

func newest(t *testing.T) int64 {
	t.Helper()
	all, err := known()
	if err != nil || len(all) == 0 {
		t.Fatalf("known migrations: %v, %v", all, err)
	}
	return all[len(all)-1].Version
}

func TestMigrateUpDownStatus(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "deep", "er", "store.db")
	states := func(wantApplied bool) {
		t.Helper()
		all, err := MigrateStatus(ctx, path)
		if err != nil || int64(len(all)) != newest(t) {
			t.Fatalf("status: %d migrations, %v", len(all), err)
		}
		for n, m := range all {
			if m.Version != int64(n+1) || m.Name == "" || m.AppliedAt.IsZero() == wantApplied {
				t.Errorf("migration %d: %+v, applied should be %t", n, m, wantApplied)
			}
		}
	}
	states(false)
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("asking for the status made a file: %v", err)
	}
	if _, err := MigrateDown(ctx, path); !errors.Is(err, errs.NotFound) {
		t.Errorf("down without a file: %v", err)
	}
	for range 2 { // all the way up and down and up again
		applied, err := MigrateUp(ctx, path)
		if err != nil || int64(len(applied)) != newest(t) {
			t.Fatalf("up: %v, %v", applied, err)
		}
		states(true)
		if again, err := MigrateUp(ctx, path); err != nil || len(again) != 0 {
			t.Errorf("up again: %v, %v", again, err)
		}
		for version := newest(t); version > 0; version-- {
			if m, err := MigrateDown(ctx, path); err != nil || m.Version != version {
				t.Errorf("down: %+v, %v; want version %d", m, err, version)
			}
		}
		states(false)
		if _, err := MigrateDown(ctx, path); !errors.Is(err, errs.NotFound) {
			t.Errorf("down past the first: %v", err)
		}
	}
}

// TestRowsSurviveMigrations takes a store with rows one version back and up again.
func TestRowsSurviveMigrations(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "store.db")
	open := func() *DB {
		t.Helper()
		db, err := Open(ctx, path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		return db
	}
	db := open()
	if _, err := db.PutPosts(ctx, []catalog.Post{{ID: 1, Tags: []string{"sea"}}, {ID: 2}}); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Record(ctx, caller.Anyone(), []interaction.Draft{{Username: "ada", PostID: 1, Kind: interaction.Like, Key: "k"}}); err != nil {
		t.Fatal(err)
	}
	if deleted, _, err := db.DeletePosts(ctx, caller.Anyone(), []int64{2}); err != nil || len(deleted) != 1 {
		t.Fatalf("deleted %v, %v", deleted, err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := MigrateDown(ctx, path); err != nil {
		t.Fatal(err)
	}
	db = open()
	defer func() { _ = db.Close() }()
	counts, err := db.Counts(ctx)
	if err != nil || counts.Posts != 1 || counts.Interactions != 1 {
		t.Errorf("counts %+v, %v", counts, err)
	}
	var tags []string
	_, err = db.Changes(ctx, 0, "m", store.ChangeVisitor{Post: func(p store.PostChange) error { tags = p.Tags; return nil }})
	if err != nil || !slices.Equal(tags, []string{"sea"}) {
		t.Errorf("tags %q, %v", tags, err)
	}
	outcomes, err := db.Record(ctx, caller.Anyone(), []interaction.Draft{{Username: "ada", PostID: 1, Kind: interaction.Like, Key: "k"}})
	if err != nil || !outcomes[0].Duplicate {
		t.Errorf("the same again: %+v, %v", outcomes, err)
	}
}

func TestOpenRefusesOtherSchemas(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "store.db")
	if _, err := Open(ctx, path, Options{NoMigrate: true}); !errors.Is(err, errs.Invalid) || !strings.Contains(err.Error(), "version 0") {
		t.Errorf("an older schema with NoMigrate: %v", err)
	}
	db, err := Open(ctx, path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if db, err = Open(ctx, path, Options{NoMigrate: true}); err != nil {
		t.Fatalf("the schema is up to date: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := raw.ExecContext(ctx, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (4711, 1)"); err != nil {
		t.Fatal(err)
	}
	if err := raw.Close(); err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string]func() error{
		"Open":          func() error { _, err := Open(ctx, path, Options{}); return err },
		"MigrateUp":     func() error { _, err := MigrateUp(ctx, path); return err },
		"MigrateDown":   func() error { _, err := MigrateDown(ctx, path); return err },
		"MigrateStatus": func() error { _, err := MigrateStatus(ctx, path); return err },
	} {
		err := call()
		if !errors.Is(err, errs.Invalid) || !strings.Contains(err.Error(), "4711") || !strings.Contains(err.Error(), fmt.Sprint("up to ", newest(t))) {
			t.Errorf("%s of a newer schema: %v; want both versions named", name, err)
		}
	}
}

// TestOpenAtOnce starts several stores on one new file, as replicas do.
func TestOpenAtOnce(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "store.db")
	var wg sync.WaitGroup
	for n := range 6 {
		wg.Go(func() {
			db, err := Open(ctx, path, Options{})
			if err != nil {
				t.Errorf("open: %v", err)
				return
			}
			if _, err := db.PutUsers(ctx, []catalog.User{{ID: int64(n + 1), Username: "u" + string(rune('0'+n))}}); err != nil {
				t.Errorf("put: %v", err)
			}
			if err := db.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		})
	}
	wg.Wait()
	db, err := Open(ctx, path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if seq, err := db.Sequence(ctx); seq != 6 || err != nil {
		t.Errorf("sequence %d, %v; want 6", seq, err)
	}
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte(strings.Repeat("this is no database ", 100)), 0o644); err != nil {
		t.Fatal(err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, test := range []struct {
		name string
		ctx  context.Context
		path string
	}{
		{"not a database", t.Context(), file},
		{"a folder", t.Context(), dir},
		{"below a file", t.Context(), filepath.Join(file, "store.db")},
		{"cancelled", cancelled, filepath.Join(dir, "new.db")},
	} {
		t.Run(test.name, func(t *testing.T) {
			db, err := Open(test.ctx, test.path, Options{})
			if err == nil {
				_ = db.Close()
				t.Fatal("no error")
			}
			if !strings.Contains(err.Error(), test.path) {
				t.Errorf("the error does not name the path: %v", err)
			}
		})
	}
}

func TestClosed(t *testing.T) {
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "odd ?#%41 name", "store.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	if _, err := db.Sequence(t.Context()); !errors.Is(err, errClosed) {
		t.Errorf("read after close: %v", err)
	}
	if _, err := db.PutPosts(t.Context(), nil); !errors.Is(err, errClosed) {
		t.Errorf("write after close: %v", err)
	}
}

// A database of another program is refused, and not a byte of it changes.
func TestForeignDatabaseIsRefused(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "other.db")
	other, err := openFile(path, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.ExecContext(ctx, "CREATE TABLE mine (x); INSERT INTO mine VALUES (1)"); err != nil {
		t.Fatal(err)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(ctx, path, Options{}); !errors.Is(err, errs.Invalid) {
		t.Errorf("opening another program's file: %v, want errs.Invalid", err)
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("another program's file was changed (%v)", err)
	}
}
