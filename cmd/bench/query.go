package main

import (
	"context"
	"database/sql"
	"errors"

	_ "modernc.org/sqlite" // the driver that the product uses
)

// query reads rows of a store's file, beside whoever serves it.
func query(ctx context.Context, path, statement string, visit func(scan func(...any) error) error) (err error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_busy_timeout=30000&_query_only=1")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rows, err := db.QueryContext(ctx, statement)
	if err != nil {
		return err
	}
	for rows.Next() {
		if err := visit(rows.Scan); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return rows.Err()
}

// checkpoint brings everything that a store's journal holds into its one file.
func checkpoint(ctx context.Context, path string) error {
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	return errors.Join(err, db.Close())
}
