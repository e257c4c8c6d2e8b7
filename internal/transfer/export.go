package transfer

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
	"resonance/internal/store"
)

// Export writes everything in r into dir, creating it: one object a line, users and posts by id,
// interactions by time, user, post, kind and key. The files appear when all of them are whole;
// files that an earlier export left are replaced.
func Export(ctx context.Context, dir string, r Reader) (counts Counts, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return Counts{}, fmt.Errorf("export: %w", err)
	}
	var files [3]lineFile
	defer func() {
		for n := range files {
			files[n].discard()
		}
	}()
	for n, name := range []string{usersFile, postsFile, interactionsFile} {
		if err := files[n].create(dir, name); err != nil {
			return Counts{}, fmt.Errorf("export %s: %w", name, err)
		}
	}
	users, posts, interactions := &files[0], &files[1], &files[2]
	err = r.Rows(ctx, store.RowVisitor{
		User:        func(u catalog.User) error { return users.write(json.Marshal(userJSON(u))) },
		Post:        func(p catalog.Post) error { return posts.write(p.MarshalJSON()) },
		Interaction: func(i interaction.Interaction) error { return interactions.write(i.MarshalJSON()) },
	})
	for n := range files {
		err = errors.Join(err, files[n].finish())
	}
	if err != nil {
		return Counts{}, fmt.Errorf("export: %w", err)
	}
	for n := range files {
		if err := files[n].appear(); err != nil {
			return Counts{}, fmt.Errorf("export: %w", err)
		}
	}
	return Counts{Users: users.lines, Posts: posts.lines, Interactions: interactions.lines}, nil
}

// lineFile is a file under way; nobody sees it before it appears.
type lineFile struct {
	file  *os.File
	out   *bufio.Writer
	path  string // where it appears
	lines int64
}

func (f *lineFile) create(dir, name string) (err error) {
	f.path = filepath.Join(dir, name)
	if f.file, err = os.CreateTemp(dir, "."+name+".*"); err != nil {
		return err
	}
	f.out = bufio.NewWriterSize(f.file, 1<<18)
	return nil
}

// write adds a line; it takes what a marshaller returns.
func (f *lineFile) write(line []byte, err error) error {
	if err != nil {
		return err
	}
	f.lines++
	if _, err := f.out.Write(line); err != nil {
		return err
	}
	return f.out.WriteByte('\n')
}

// finish puts all of the file on disk.
func (f *lineFile) finish() error {
	return errors.Join(f.out.Flush(), f.file.Chmod(0o644), f.file.Sync(), f.file.Close())
}

func (f *lineFile) appear() error { return os.Rename(f.file.Name(), f.path) }

// discard removes a file that did not appear.
func (f *lineFile) discard() {
	if f.file != nil {
		_ = f.file.Close()
		_ = os.Remove(f.file.Name()) // gone already if it appeared
	}
}
