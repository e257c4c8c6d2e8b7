package transfer

import (
	"context"
	"fmt"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
)

// Write writes the rows of the folder: users, then posts, then interactions, each file in the
// order of its lines, so that of two rows with one identity the last wins. Every block of lines
// is one transaction; an import that dies is repeated as a whole, which changes nothing twice.
// A folder is written once.
func (f *Folder) Write(ctx context.Context, w Writer, progress Progress) (Counts, error) {
	l := loader{Writer: w, names: map[string]bool{}, ids: map[int64]bool{}}
	err := write(ctx, &f.users, progress, &l.counts.Users, l.users)
	if err == nil {
		err = write(ctx, &f.posts, progress, &l.counts.Posts, l.posts)
	}
	if err == nil {
		err = write(ctx, &f.interactions, progress, &l.counts.Interactions, l.interactions)
	}
	return l.counts, err
}

// write gives the rows of s to put, which returns how many of them were not skipped.
func write[T any](ctx context.Context, s *source[T], progress Progress, count *int64, put func(context.Context, []T) (int64, error)) error {
	done := int64(0)
	err := s.each(ctx, func(rows []T) error {
		n, err := put(ctx, rows)
		*count += n
		done += int64(len(rows))
		progress.tell("writing "+s.name(), done, s.total)
		return err
	})
	if err != nil {
		return fmt.Errorf("import %s: %w", s.name(), err)
	}
	return nil
}

// loader writes blocks of rows and counts them.
type loader struct {
	Writer
	counts Counts
	names  map[string]bool // whether forgotten, of every name met among the interactions
	ids    map[int64]bool
}

func (l *loader) posts(ctx context.Context, posts []catalog.Post) (int64, error) {
	changed, err := l.PutPosts(ctx, posts)
	l.counts.Changed += int64(changed)
	return int64(len(posts)), err
}

func (l *loader) users(ctx context.Context, users []catalog.User) (written int64, err error) {
	for _, u := range users {
		forgotten, err := l.Forgotten(ctx, u.Username)
		if err == nil && !forgotten {
			forgotten, err = l.ForgottenID(ctx, u.ID)
		}
		if err != nil {
			return 0, err
		}
		if forgotten {
			l.counts.Skipped++
			written--
		}
	}
	changed, err := l.PutUsers(ctx, users)
	l.counts.Changed += int64(changed)
	return written + int64(len(users)), err
}

func (l *loader) interactions(ctx context.Context, interactions []interaction.Interaction) (written int64, err error) {
	for n := range interactions {
		forgotten, err := l.forgotten(ctx, &interactions[n])
		if err != nil {
			return 0, err
		}
		if forgotten {
			l.counts.Skipped++
			written--
		}
	}
	changed, err := l.PutInteractions(ctx, interactions)
	l.counts.Changed += int64(changed)
	return written + int64(len(interactions)), err
}

// forgotten reports whether the interaction is a forgotten user's.
func (l *loader) forgotten(ctx context.Context, i *interaction.Interaction) (bool, error) {
	if i.Username != "" {
		return remember(ctx, l.names, i.Username, l.Forgotten)
	}
	return remember(ctx, l.ids, i.UserID, l.ForgottenID)
}

// remember returns what ask answers for key, asking once.
func remember[K comparable](ctx context.Context, answers map[K]bool, key K, ask func(context.Context, K) (bool, error)) (bool, error) {
	answer, known := answers[key]
	if known {
		return answer, nil
	}
	answer, err := ask(ctx, key)
	if err == nil {
		answers[key] = answer
	}
	return answer, err
}
