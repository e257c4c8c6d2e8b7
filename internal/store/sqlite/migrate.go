package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/pressly/goose/v3"

	"resonance/internal/errs"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migration is one step of the schema.
type Migration struct {
	Version   int64
	Name      string
	AppliedAt time.Time // zero: pending
}

// MigrateUp applies every pending migration to the file at path, creating it and its folder,
// and returns those it applied. Two processes may do so at once: one waits for the other.
func MigrateUp(ctx context.Context, path string) (applied []Migration, err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("create the store's folder: %w", err)
	}
	err = migrate(ctx, path, func(p *goose.Provider) error {
		results, err := p.Up(ctx)
		for _, r := range results {
			applied = append(applied, migration(r.Source, time.Now()))
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("migrate up: %w", err)
	}
	return applied, nil
}

// MigrateDown takes back the newest applied migration of the file at path, with the data it
// holds. The error wraps errs.NotFound when none is applied.
func MigrateDown(ctx context.Context, path string) (Migration, error) {
	if _, err := os.Stat(path); err != nil {
		return Migration{}, fmt.Errorf("migrate down: %w: %w", errs.NotFound, err)
	}
	var taken Migration
	err := migrate(ctx, path, func(p *goose.Provider) error {
		r, err := p.Down(ctx)
		if errors.Is(err, goose.ErrNoNextVersion) {
			return fmt.Errorf("%w: no migration is applied", errs.NotFound)
		}
		if err == nil {
			taken = migration(r.Source, time.Time{})
		}
		return err
	})
	if err != nil {
		return Migration{}, fmt.Errorf("migrate down: %w", err)
	}
	return taken, nil
}

// MigrateStatus returns every migration that the binary knows, oldest first. A file that does
// not exist is not created.
func MigrateStatus(ctx context.Context, path string) (all []Migration, err error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return known()
	}
	err = migrate(ctx, path, func(p *goose.Provider) error {
		states, err := p.Status(ctx)
		for _, s := range states {
			all = append(all, migration(s.Source, s.AppliedAt))
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read migration status: %w", err)
	}
	return all, nil
}

func migration(s *goose.Source, at time.Time) Migration {
	return Migration{Version: s.Version, Name: filepath.Base(s.Path), AppliedAt: at}
}

// known returns the migrations in the binary as pending ones.
func known() ([]Migration, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql") // in order of name, thus of version
	if err != nil {
		return nil, err
	}
	all := make([]Migration, len(names))
	for i, name := range names {
		all[i].Name = filepath.Base(name)
		if all[i].Version, err = goose.NumericComponent(name); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// migrate calls do with a provider on the file at path while no other process migrates it.
func migrate(ctx context.Context, path string, do func(*goose.Provider) error) (err error) {
	unlock, err := lockMigrations(ctx, path)
	if err != nil {
		return fmt.Errorf("wait for another process that migrates: %w", err)
	}
	defer func() { err = errors.Join(err, unlock()) }()
	db, err := openFile(path, commonOptions+patient+"&_txlock=immediate&_journal_mode=WAL")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	if err := refuseNewer(ctx, db); err != nil {
		return err
	}
	if err := refuseForeign(ctx, db); err != nil {
		return err
	}
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, dir,
		goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return err
	}
	return do(p)
}

// lockMigrations takes an exclusive lock beside the file at path, by a transaction on an empty
// database: it is gone with the process that held it, on every system that SQLite runs on.
func lockMigrations(ctx context.Context, path string) (unlock func() error, err error) {
	db, err := openFile(path+".lock", "_busy_timeout=600000")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, "BEGIN EXCLUSIVE"); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db.Close, nil
}

// refuseNewer is an error that names both versions if the schema is newer than the binary's.
func refuseNewer(ctx context.Context, db *sql.DB) error {
	have, err := schemaVersion(ctx, db)
	if err != nil {
		return err
	}
	all, err := known()
	if err != nil {
		return err
	}
	if want := all[len(all)-1].Version; have > want {
		return fmt.Errorf("%w: the store's schema is version %d and this binary knows versions up to %d: use a newer resonance", errs.Invalid, have, want)
	}
	return nil
}

// refuseForeign is an error if the file holds tables and none of them is ours: it is another
// program's, and stays as it is.
func refuseForeign(ctx context.Context, db *sql.DB) error {
	var foreign bool
	err := db.QueryRowContext(ctx, `SELECT count(*) > 0 AND count(*) FILTER (WHERE name = 'goose_db_version') = 0
		FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'`).Scan(&foreign)
	if err == nil && foreign {
		return fmt.Errorf("%w: the file holds another program's tables: name a file of resonance's own", errs.Invalid)
	}
	return err
}

// schemaVersion returns the version of the newest applied migration, 0 for a new file.
func schemaVersion(ctx context.Context, db *sql.DB) (int64, error) {
	var tables int
	err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema WHERE name = 'goose_db_version'").Scan(&tables)
	if err != nil || tables == 0 {
		return 0, err
	}
	var version int64
	err = db.QueryRowContext(ctx, "SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied").Scan(&version)
	return version, err
}
