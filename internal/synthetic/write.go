package synthetic

import (
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
	"resonance/internal/store"
)

// Store is where a catalogue is written to.
type Store interface {
	PutUsers(ctx context.Context, users []catalog.User) (int, error)
	PutPosts(ctx context.Context, posts []catalog.Post) (int, error)
	PutInteractions(ctx context.Context, events []interaction.Interaction) (int, error)
	PutEmbeddings(ctx context.Context, model string, embeddings []store.Embedding) (int, error)
	SetSetting(ctx context.Context, key, value string) error
}

// rows is how many rows a transaction writes.
const rows = 20_000

// Write writes everything to a store that is empty, as embeddings of the model called model. progress,
// which may be nil, is told how many of the posts are written.
func (c *Catalogue) Write(ctx context.Context, s Store, model string, progress func(posts int)) error {
	if err := s.SetSetting(ctx, "origin", "real"); err != nil { // or serving would add the demo
		return fmt.Errorf("write synthetic catalogue: %w", err)
	}
	err := inBatches(ctx, c.Users(), c.User, func(users []catalog.User) error {
		_, err := s.PutUsers(ctx, users)
		return err
	})
	if err != nil {
		return fmt.Errorf("write synthetic users: %w", err)
	}
	written := 0
	err = inBatches(ctx, c.posts, c.embedded, func(posts []embeddedPost) error {
		if err := putPosts(ctx, s, model, posts); err != nil {
			return err
		}
		if written += len(posts); progress != nil {
			progress(written)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write synthetic posts: %w", err)
	}
	err = inBatches(ctx, c.Users(), c.Events, func(events [][]interaction.Interaction) error {
		_, err := s.PutInteractions(ctx, slices.Concat(events...))
		return err
	})
	if err != nil {
		return fmt.Errorf("write synthetic events: %w", err)
	}
	return nil
}

type embeddedPost struct {
	catalog.Post
	vector []float32
}

func (c *Catalogue) embedded(i int) embeddedPost {
	return embeddedPost{c.Post(int64(i + 1)), c.Vector(int64(i + 1))}
}

func putPosts(ctx context.Context, s Store, model string, embedded []embeddedPost) error {
	posts, embeddings := make([]catalog.Post, len(embedded)), make([]store.Embedding, len(embedded))
	for i := range embedded {
		p := &embedded[i]
		posts[i] = p.Post
		embeddings[i] = store.Embedding{PostID: p.ID, Hash: store.TextHash(p.Text()), Vector: p.vector}
	}
	if _, err := s.PutPosts(ctx, posts); err != nil {
		return err
	}
	_, err := s.PutEmbeddings(ctx, model, embeddings)
	return err
}

// inBatches makes n rows and puts them, batch by batch: the next ones are made while a batch is put.
func inBatches[T any](ctx context.Context, n int, row func(int) T, put func([]T) error) error {
	g, ctx := errgroup.WithContext(ctx)
	made := make(chan []T)
	g.Go(func() error {
		defer close(made)
		for first := 0; first < n; first += rows {
			batch := make([]T, min(rows, n-first))
			for i := range batch {
				batch[i] = row(first + i)
			}
			select {
			case made <- batch:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	g.Go(func() error {
		for batch := range made {
			if err := put(batch); err != nil {
				return err
			}
		}
		return nil
	})
	return g.Wait()
}
