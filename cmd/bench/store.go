package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"resonance/internal/embedding/minilm"
	"resonance/internal/errs"
	"resonance/internal/learn"
	"resonance/internal/replica"
	"resonance/internal/store"
	"resonance/internal/store/sqlite"
	"resonance/internal/synthetic"
)

// A store to measure on is made once and kept in the user's cache folder, since its texts take a minute to
// embed. It is settled: everything is embedded, and a model is fitted that asks for no better one yet, so that
// nothing runs in the background unless a measurement asks for it.

// stored is a store to serve, and what requests name of it.
type stored struct {
	path  string
	users []string // by name, spread over all, always the same
	posts []int64  // the newest
}

// mainStore returns a copy of the store that most measurements serve.
func (b *bench) mainStore(ctx context.Context) (stored, error) {
	path, err := b.original(ctx)
	if err != nil {
		return stored{}, err
	}
	if path, err = b.copyOf(path); err != nil {
		return stored{}, err
	}
	if err := settle(ctx, path); err != nil { // what it was settled by may be a recipe of old
		return stored{}, err
	}
	return look(ctx, path)
}

// look reads what requests name.
func look(ctx context.Context, path string) (s stored, err error) {
	s.path = path
	if s.users, err = usernames(ctx, path); err != nil {
		return s, err
	}
	s.posts, err = postIDs(ctx, path)
	return s, err
}

// original returns the path of the store that most measurements serve copies of: synthetic posts if there are to be some,
// else what upstream was captured to have, else the demo catalogue.
func (b *bench) original(ctx context.Context) (string, error) {
	switch {
	case b.posts > 0:
		return b.syntheticStore(ctx, b.posts)
	case b.hasCapture():
		return b.kept(ctx, "captured", b.makeCaptured)
	}
	return b.kept(ctx, "demo", b.makeDemo)
}

func (b *bench) syntheticStore(ctx context.Context, posts int) (string, error) {
	name := fmt.Sprintf("synthetic-v%d-%d", synthetic.Version, posts)
	return b.kept(ctx, name, func(ctx context.Context, path string) error {
		return makeSynthetic(ctx, path, posts, func(written int) { b.say("  %d of %d posts written", written, posts) })
	})
}

// kept returns the path of a store, which make makes unless it is there.
func (b *bench) kept(ctx context.Context, name string, make func(ctx context.Context, path string) error) (string, error) {
	dir := filepath.Join(b.cache, "stores")
	path := filepath.Join(dir, name+".db")
	if exists(path) && (!b.fresh || b.made[path]) {
		return path, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	b.say("making the store %s, once", path)
	began, half := time.Now(), path+".half"
	if err := errors.Join(removeStore(path), removeStore(half)); err != nil {
		return "", err
	}
	if err := make(ctx, half); err != nil {
		return "", fmt.Errorf("make store %s: %w", name, err)
	}
	if err := checkpoint(ctx, half); err != nil {
		return "", err
	}
	b.say("  took %.0f s", time.Since(began).Seconds())
	b.made[path] = true
	return path, errors.Join(os.Rename(half, path), removeStore(half))
}

func removeStore(path string) (err error) {
	for _, suffix := range []string{"", "-wal", "-shm", ".lock"} {
		if failed := os.Remove(path + suffix); !errors.Is(failed, os.ErrNotExist) {
			err = errors.Join(err, failed)
		}
	}
	return err
}

// copyOf returns a copy of a store that nobody has open, to be served.
func (b *bench) copyOf(path string) (string, error) {
	from, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = from.Close() }()
	to, err := os.CreateTemp(b.work, "store-*.db")
	if err != nil {
		return "", err
	}
	_, err = io.Copy(to, from)
	return to.Name(), errors.Join(err, to.Close())
}

func (b *bench) hasCapture() bool {
	return exists(filepath.Join(b.shared, "upstream", "posts.json"))
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// makeCaptured syncs from a fake upstream that serves the captured rows, and embeds them.
func (b *bench) makeCaptured(ctx context.Context, path string) error {
	up, err := b.startUpstream(ctx)
	if err != nil {
		return err
	}
	err = b.command(ctx, path, up.settings(), "sync")
	if err := errors.Join(err, up.stop()); err != nil {
		return err
	}
	if err := settle(ctx, path); err != nil {
		return err
	}
	return b.embedAll(ctx, path)
}

// makeDemo lets the product load the demo catalogue.
func (b *bench) makeDemo(ctx context.Context, path string) error {
	if err := b.embedAll(ctx, path); err != nil {
		return err
	}
	return settle(ctx, path)
}

func makeSynthetic(ctx context.Context, path string, posts int, progress func(int)) error {
	catalogue, err := synthetic.New(posts)
	if err != nil {
		return err
	}
	model, err := minilm.Load()
	if err != nil {
		return err
	}
	db, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		return err
	}
	if err := errors.Join(catalogue.Write(ctx, db, model.Model(), progress), db.Close()); err != nil {
		return err
	}
	return settle(ctx, path)
}

// embedAll serves a store until nothing waits to be embedded.
func (b *bench) embedAll(ctx context.Context, path string) error {
	p, err := b.serve(ctx, path)
	if err != nil {
		return err
	}
	err = p.until(ctx, func(h health) bool { return h.Embedding.Queued == 0 && h.Posts > 0 })
	return errors.Join(err, p.stop())
}

// settle saves a snapshot of everything in the store, with the recipe that a service begins with, as if it had
// been compared with others already.
func settle(ctx context.Context, path string) (err error) {
	model, err := minilm.Load()
	if err != nil {
		return err
	}
	db, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	r, err := replica.New(db, nil, model.Model(), time.Now)
	if err != nil {
		return err
	}
	defer r.Close()
	before, err := db.Snapshot(ctx, 0)
	if err != nil && !errors.Is(err, errs.NotFound) {
		return err
	}
	return r.Read(ctx, func(view replica.View) error {
		recipe := learn.Begin(learn.Past{Catalog: view.Catalog, Log: view.Log})
		recipe.Tuned = &learn.Tuning{Protocol: learn.Mixed, Touches: view.Crowd.Touches(), Embedded: view.Embedded()}
		_, err := db.SaveSnapshot(ctx, store.Snapshot{
			Version: before.Version, Recipe: recipe.String(), ServesAt: time.Now(), Sequence: view.Sequence,
			Touches: view.Crowd.Touches(), Rows: learn.Encoded(view.Catalog, view.Crowd),
		})
		return err
	})
}

// Requests name so many users and posts of a store at most.
const (
	mostUsers = 5000
	mostPosts = 300
)

func usernames(ctx context.Context, path string) (names []string, err error) {
	statement := fmt.Sprintf("SELECT username FROM names WHERE username IS NOT NULL ORDER BY user_id * 7919 %% 10007, user_id LIMIT %d", mostUsers)
	err = query(ctx, path, statement, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		names = append(names, name)
		return err
	})
	if err == nil && len(names) == 0 {
		err = fmt.Errorf("the store %s has no users", path)
	}
	return names, err
}

func postIDs(ctx context.Context, path string) (ids []int64, err error) {
	statement := fmt.Sprintf("SELECT id FROM posts WHERE gone = 0 AND public = 1 ORDER BY created_at DESC LIMIT %d", mostPosts)
	err = query(ctx, path, statement, func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}
