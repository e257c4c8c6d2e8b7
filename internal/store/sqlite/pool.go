package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"sync"
)

// Every commit is on disk when it returns, and deleted content is overwritten with zeros.
const commonOptions = "_foreign_keys=1&_synchronous=FULL&_pragma=secure_delete(1)"

// The journal shrinks to journal_size_limit after a long reader made it grow. The writer does not
// leave waiting to SQLite, see conn.lock; others wait up to 30 s for a lock.
const (
	patient       = "&_busy_timeout=30000"
	writerOptions = commonOptions + "&_busy_timeout=0&_pragma=cache_size(-16000)&_pragma=journal_size_limit(67108864)"
	readerOptions = commonOptions + patient + "&_query_only=1&_pragma=cache_size(-4000)"
)

// openFile returns a handle of the file at path; it opens no connection yet.
func openFile(path, options string) (*sql.DB, error) {
	u := url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: options}
	return sql.Open("sqlite", u.String())
}

// pool is a fixed number of connections that open when first needed and keep their prepared
// statements, which database/sql's own pool would prepare again in every transaction.
type pool struct {
	db   *sql.DB
	free chan *conn // nil: not opened yet
	once sync.Once
}

func newPool(path, options string, size int) (*pool, error) {
	db, err := openFile(path, options)
	if err != nil {
		return nil, err
	}
	p := &pool{db: db, free: make(chan *conn, size)}
	for range size {
		p.free <- nil
	}
	return p, nil
}

var errClosed = errors.New("the store is closed")

// take waits for a free connection, which must be given back.
func (p *pool) take(ctx context.Context) (*conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case c, ok := <-p.free:
		switch {
		case !ok:
			return nil, errClosed
		case c != nil:
			return c, nil
		}
		raw, err := p.db.Conn(ctx)
		if err != nil {
			p.free <- nil
			return nil, fmt.Errorf("open connection: %w", err)
		}
		return &conn{raw: raw, prepared: make(map[string]*sql.Stmt)}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pool) give(c *conn) { p.free <- c }

// close waits until every connection was given back, and closes them.
func (p *pool) close() (err error) {
	p.once.Do(func() {
		for range cap(p.free) {
			if c := <-p.free; c != nil {
				err = errors.Join(err, c.close())
			}
		}
		close(p.free)
		err = errors.Join(err, p.db.Close())
	})
	return err
}

// conn is one connection with its prepared statements. Not safe for concurrent use.
type conn struct {
	raw      *sql.Conn
	prepared map[string]*sql.Stmt // by text; the texts are constants of this package
}

// close closes the statements first: database/sql forgets those of a lent connection, and SQLite keeps a connection
// that has statements, its locks on the file too.
func (c *conn) close() (err error) {
	for _, s := range c.prepared {
		err = errors.Join(err, s.Close())
	}
	return errors.Join(err, c.raw.Close())
}

func (c *conn) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if s := c.prepared[query]; s != nil {
		return s, nil
	}
	s, err := c.raw.PrepareContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("prepare %q: %w", query, err)
	}
	c.prepared[query] = s
	return s, nil
}

// exec runs a statement and returns how many rows it changed.
func (c *conn) exec(ctx context.Context, query string, args ...any) (int64, error) {
	s, err := c.prepare(ctx, query)
	if err != nil {
		return 0, err
	}
	r, err := s.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// first scans the first row of a query into dest and reports whether there was one.
func (c *conn) first(ctx context.Context, query string, args []any, dest ...any) (bool, error) {
	s, err := c.prepare(ctx, query)
	if err != nil {
		return false, err
	}
	err = s.QueryRowContext(ctx, args...).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// each calls visit for every row of a query; visit scans it. An error of visit ends the query
// and is returned.
func (c *conn) each(ctx context.Context, query string, args []any, visit func(scan func(dest ...any) error) error) error {
	s, err := c.prepare(ctx, query)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	for rows.Next() {
		if err := visit(rows.Scan); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

// stream calls visit for every row of a query with the driver's own values (int64, string, []byte, nil), valid until
// it returns but for what they point to. It is each for a million rows: scanning takes as long as reading.
func (c *conn) stream(ctx context.Context, query string, args []any, visit func(row []driver.Value) error) error {
	return c.raw.Raw(func(raw any) (err error) {
		named := make([]driver.NamedValue, len(args))
		for i, arg := range args {
			named[i] = driver.NamedValue{Ordinal: i + 1, Value: arg}
		}
		rows, err := raw.(driver.QueryerContext).QueryContext(ctx, query, named)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, rows.Close()) }()
		row := make([]driver.Value, len(rows.Columns()))
		for {
			switch err := rows.Next(row); {
			case errors.Is(err, io.EOF):
				return nil
			case err != nil:
				return err
			}
			if err := visit(row); err != nil {
				return err
			}
		}
	})
}
