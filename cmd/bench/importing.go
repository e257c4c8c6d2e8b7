package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// importing compares resonance import with a bare loop that inserts the same rows into the same tables.
func importing(ctx context.Context, b *bench) (s section, err error) {
	s = section{
		title: "Import", header: []string{"", "lines", "resonance import, lines/s", "bare loop, lines/s", "ratio"},
		intro: "`resonance import`, from the start of the process to its end, against a loop of prepared INSERTs of the same rows into the same tables, " +
			"1,000 rows a transaction, the rows in memory already. A line becomes up to three rows of tables. In turn, each into an empty store of the newest schema.",
	}
	folders, err := b.importFolders(ctx)
	if err != nil {
		return s, err
	}
	for _, folder := range folders {
		if err := b.compareImport(ctx, &s, folder); err != nil {
			return s, err
		}
	}
	return s, nil
}

// importFolders makes a folder of what the main store holds and, where it is there, one of MovieLens' ratings.
func (b *bench) importFolders(ctx context.Context) (folders []string, err error) {
	store, err := b.mainStore(ctx)
	if err != nil {
		return nil, err
	}
	export := filepath.Join(b.work, "the store's rows")
	if err := b.command(ctx, store.path, nil, "export", export); err != nil {
		return nil, err
	}
	films, err := filepath.Abs(filepath.Join(b.shared, "data", "ml-latest-small"))
	if err != nil {
		return nil, err
	}
	if b.short || !exists(films) {
		return []string{export}, nil
	}
	ratings := filepath.Join(b.work, "MovieLens")
	return []string{export, ratings}, b.command(ctx, store.path, nil, "convert", "movielens", films, ratings)
}

func (b *bench) compareImport(ctx context.Context, s *section, folder string) error {
	tables, err := b.imported(ctx, folder)
	if err != nil {
		return err
	}
	lines := 0
	for _, t := range tables {
		if t.name == "posts" || t.name == "users" || t.name == "interactions" {
			lines += len(t.rows)
		}
	}
	var products, loops, ratios []float64
	for range b.rounds {
		path := b.newStore()
		if err := b.command(ctx, path, nil, "migrate", "up"); err != nil {
			return err
		}
		began := time.Now()
		if err := b.command(ctx, path, nil, "import", folder); err != nil {
			return err
		}
		product := float64(lines) / time.Since(began).Seconds()
		took, err := b.bareLoop(ctx, tables)
		if err != nil {
			return err
		}
		loop := float64(lines) / took.Seconds()
		products, loops, ratios = append(products, product), append(loops, loop), append(ratios, product/loop)
	}
	name := filepath.Base(folder)
	s.rows = append(s.rows, []string{name, grouped(int64(lines)), figure(median(products), ""), figure(median(loops), ""), figure(median(ratios), "")})
	s.claims = append(s.claims, claim{what: name + ": lines/s in proportion to the bare loop's", value: median(ratios), asked: .7, floor: .1})
	return nil
}

// newStore returns a path where no store is.
func (b *bench) newStore() string {
	b.stores++
	return filepath.Join(b.work, fmt.Sprintf("new-%d.db", b.stores))
}

// table is the rows of one table.
type table struct {
	name string
	rows [][]any
}

// imported imports a folder and returns what the tables hold then.
func (b *bench) imported(ctx context.Context, folder string) (tables []table, err error) {
	path := b.newStore()
	if err := b.command(ctx, path, nil, "import", folder); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for _, name := range []string{"users", "names", "posts", "documents", "interactions"} {
		t, err := readTable(ctx, db, name)
		if err != nil {
			return nil, err
		}
		tables = append(tables, t)
	}
	return tables, nil
}

func readTable(ctx context.Context, db *sql.DB, name string) (t table, err error) {
	t.name = name
	rows, err := db.QueryContext(ctx, "SELECT * FROM "+name)
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	columns, err := rows.Columns()
	if err != nil {
		return t, err
	}
	for rows.Next() {
		row, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return t, err
		}
		t.rows = append(t.rows, row)
	}
	return t, rows.Err()
}

// perTransaction is how many rows the bare loop commits together.
const perTransaction = 1000

// bareLoop inserts the tables into an empty store, and returns how long that took.
func (b *bench) bareLoop(ctx context.Context, tables []table) (took time.Duration, err error) {
	path := b.newStore()
	if err := b.command(ctx, path, nil, "migrate", "up"); err != nil {
		return 0, err
	}
	db, err := sql.Open("sqlite", "file:"+path+"?_synchronous=FULL&_pragma=journal_mode(WAL)")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	began := time.Now()
	for _, t := range tables {
		for first := 0; first < len(t.rows); first += perTransaction {
			if err := t.insert(ctx, db, first, min(first+perTransaction, len(t.rows))); err != nil {
				return 0, err
			}
		}
	}
	return time.Since(began), nil
}

// insert writes some rows in one transaction.
func (t table) insert(ctx context.Context, db *sql.DB, from, to int) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after the commit
	statement, err := tx.PrepareContext(ctx, "INSERT INTO "+t.name+" VALUES (?"+strings.Repeat(", ?", len(t.rows[0])-1)+")")
	if err != nil {
		return err
	}
	for _, row := range t.rows[from:to] {
		if _, err := statement.ExecContext(ctx, row...); err != nil {
			return fmt.Errorf("insert into %s: %w", t.name, err)
		}
	}
	return errors.Join(statement.Close(), tx.Commit())
}
