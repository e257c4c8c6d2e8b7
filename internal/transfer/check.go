package transfer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"resonance/internal/catalog"
	"resonance/internal/errs"
	"resonance/internal/interaction"
)

// keepBytes is how much of a folder's files is kept as rows between the check and the write,
// rather than read again.
const keepBytes = 64 << 20

// Folder is a folder whose every line was checked.
type Folder struct {
	users        source[catalog.User]
	posts        source[catalog.Post]
	interactions source[interaction.Interaction]
}

// Check reads every line of the files in dir. Blank lines, a byte order mark and keys that are
// not known are allowed. The error lists the first wrong lines as "file:line: what is wrong" and
// wraps errs.Invalid; it wraps errs.NotFound when there is no folder, or none of the files in it.
func Check(ctx context.Context, dir string, progress Progress) (*Folder, error) {
	return check(ctx, dir, progress, keepBytes)
}

// check keeps rows of at most budget bytes.
func check(ctx context.Context, dir string, progress Progress, budget int) (*Folder, error) {
	f := &Folder{
		users:        source[catalog.User]{path: filepath.Join(dir, usersFile), row: decodeUser, budget: &budget},
		posts:        source[catalog.Post]{path: filepath.Join(dir, postsFile), row: decodePost, budget: &budget},
		interactions: source[interaction.Interaction]{path: filepath.Join(dir, interactionsFile), row: decodeInteraction, budget: &budget},
	}
	if _, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("%w: %w", errs.NotFound, err)
	}
	found := 0
	for _, check := range []func(context.Context, Progress) (bool, error){f.users.check, f.posts.check, f.interactions.check} {
		ok, err := check(ctx, progress)
		if err != nil {
			return nil, err
		}
		if ok {
			found++
		}
	}
	if found == 0 {
		return nil, fmt.Errorf("%w: %s holds none of %s, %s and %s", errs.NotFound, dir, postsFile, usersFile, interactionsFile)
	}
	return f, nil
}

// source is one file of a folder.
type source[T any] struct {
	path   string
	row    func(line []byte, into *T) error
	budget *int      // bytes that may still be kept, of all files
	kept   []rows[T] // the whole file, unless again
	again  bool      // there was too much to keep
	total  int64
}

func (s *source[T]) name() string { return filepath.Base(s.path) }

// check reads the file and reports whether it exists.
func (s *source[T]) check(ctx context.Context, progress Progress) (found bool, err error) {
	var wrong []error
	err = readFile(ctx, s.path, s.row, func(r rows[T]) error {
		for _, err := range r.wrong {
			wrong = append(wrong, fmt.Errorf("%s:%w", s.name(), err))
		}
		if len(wrong) >= maxErrors {
			return errTooMany
		}
		s.total += int64(len(r.all))
		s.keep(r)
		progress.tell("checking "+s.name(), s.total, 0)
		return nil
	})
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case len(wrong) > maxErrors:
		wrong = wrong[:maxErrors]
	}
	if len(wrong) > 0 {
		return true, errors.Join(wrong...)
	}
	if errors.Is(err, errs.Invalid) {
		return true, fmt.Errorf("%s:%w", s.name(), err)
	}
	return true, err
}

var errTooMany = errors.New("too many errors")

// keep holds r for the write if there is room.
func (s *source[T]) keep(r rows[T]) {
	if s.again {
		return
	}
	if *s.budget < r.bytes {
		s.again, s.kept = true, nil
		return
	}
	*s.budget -= r.bytes
	s.kept = append(s.kept, r)
}

// each calls visit with the rows of the file again, block by block.
func (s *source[T]) each(ctx context.Context, visit func([]T) error) error {
	if s.again {
		return readFile(ctx, s.path, s.row, func(r rows[T]) error {
			if len(r.wrong) > 0 {
				return fmt.Errorf("%s changed since it was checked; line %w", s.name(), r.wrong[0])
			}
			return visit(r.all)
		})
	}
	for n, r := range s.kept {
		if err := visit(r.all); err != nil {
			return err
		}
		s.kept[n] = rows[T]{} // written, and no longer needed
	}
	return nil
}

func (p Progress) tell(stage string, done, total int64) {
	if p != nil {
		p(stage, done, total)
	}
}

func decodePost(line []byte, into *catalog.Post) error { return explain(into.UnmarshalJSON(line)) }

func decodeInteraction(line []byte, into *interaction.Interaction) error {
	return explain(into.UnmarshalJSON(line))
}

// explain puts a type error of JSON in words of the file rather than of the program.
func explain(err error) error {
	var wrong *json.UnmarshalTypeError
	switch {
	case !errors.As(err, &wrong):
		return err
	case wrong.Field == "":
		return fmt.Errorf("%w: a line takes an object, not a %s", errs.Invalid, wrong.Value)
	}
	return fmt.Errorf("%w: %s: takes %s, not a %s", errs.Invalid, wrong.Field, kindInWords(wrong.Type.Kind()), wrong.Value)
}
