// Package past is a store as it once was, held in memory: the engine that serves reads it as it
// reads the real one, and can see nothing but what has been revealed.
//
// Posts come with their counters masked, since those were counted after the events that they
// count, and all of them public: which posts a measurement may show is its protocol's to say.
package past

import (
	"context"
	"fmt"
	"sort"
	"strconv"
	"sync"

	"resonance/internal/catalog"
	"resonance/internal/store"
)

// Source is the store. It begins empty and grows by Reveal; every step has its own sequence
// number. Safe for concurrent use.
type Source struct {
	mu         sync.RWMutex
	sequence   int64
	whole      map[int64]catalog.Post
	vectors    map[int64][]float32
	known      map[int64]bool // users
	users      []store.UserChange
	posts      []store.PostChange
	events     []store.EventChange
	embeddings []store.EmbeddingChange
}

// New returns a source of which nothing is revealed yet.
func New() *Source {
	return &Source{whole: map[int64]catalog.Post{}, vectors: map[int64][]float32{}, known: map[int64]bool{}}
}

// Username returns the name by which the source knows the user with this id. It is nobody's as
// an author, so that no post counts as the user's own.
func Username(id int64) string { return "evaluated:" + strconv.FormatInt(id, 10) }

// Post is a post to reveal with its embedding, nil for none.
type Post struct {
	*catalog.Post
	Embedding []float32
}

// Reveal adds posts and events in one step; Seq is set by the source. A post or a Row must be
// revealed once only.
func (s *Source) Reveal(posts []Post, events []store.EventChange) {
	if len(posts) == 0 && len(events) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sequence++
	for _, p := range posts {
		s.post(p)
	}
	for _, e := range events {
		if !s.known[e.UserID] {
			s.known[e.UserID] = true
			s.users = append(s.users, store.UserChange{ID: e.UserID, Username: Username(e.UserID), Seq: s.sequence})
		}
		e.Seq = s.sequence
		s.events = append(s.events, e)
	}
}

func (s *Source) post(p Post) {
	shown := masked(*p.Post)
	s.whole[shown.ID] = shown
	s.posts = append(s.posts, store.PostChange{Features: shown.Features(), Seq: s.sequence})
	if p.Embedding != nil {
		s.vectors[shown.ID] = p.Embedding
		s.embeddings = append(s.embeddings, store.EmbeddingChange{PostID: shown.ID, Vector: p.Embedding, Seq: s.sequence})
	}
}

// masked returns p without what was counted since, and public.
func masked(p catalog.Post) catalog.Post {
	p.Public, p.Locked = true, false
	p.CommentCount, p.UpvoteCount, p.ViewCount, p.ExitCount = 0, 0, 0, 0
	p.RatingCount, p.AverageRating, p.ShareCount, p.BookmarkCount = 0, 0, 0, 0
	if p.Category != nil {
		category := *p.Category
		category.Count = 0
		p.Category = &category
	}
	if p.Topic != nil {
		topic := *p.Topic
		topic.PostsCount = 0
		p.Topic = &topic
	}
	return p
}

// Sequence returns the number of the last step.
func (s *Source) Sequence(context.Context) (int64, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.sequence, nil
}

// Changes visits what was revealed after the step since, and returns the last step.
func (s *Source) Changes(ctx context.Context, since int64, _ string, v store.ChangeVisitor) (int64, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	err := each(ctx, s.users, since, func(c store.UserChange) int64 { return c.Seq }, v.User)
	if err == nil {
		err = each(ctx, s.posts, since, func(c store.PostChange) int64 { return c.Seq }, v.Post)
	}
	if err == nil {
		err = each(ctx, s.events, since, func(c store.EventChange) int64 { return c.Seq }, v.Event)
	}
	if err == nil {
		err = each(ctx, s.embeddings, since, func(c store.EmbeddingChange) int64 { return c.Seq }, v.Embedding)
	}
	if err != nil {
		return 0, fmt.Errorf("read changes since %d: %w", since, err)
	}
	return s.sequence, nil
}

// each visits the changes, ordered by sequence, that came after since.
func each[T any](ctx context.Context, changes []T, since int64, sequence func(T) int64, visit func(T) error) error {
	if visit == nil {
		return nil
	}
	first := sort.Search(len(changes), func(i int) bool { return sequence(changes[i]) > since })
	for i, c := range changes[first:] {
		if i%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if err := visit(c); err != nil {
			return err
		}
	}
	return nil
}

// Posts returns the revealed posts in the order of ids, without the others.
func (s *Source) Posts(_ context.Context, ids []int64) ([]catalog.Post, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	posts := make([]catalog.Post, 0, len(ids))
	for _, id := range ids {
		if p, known := s.whole[id]; known {
			posts = append(posts, p)
		}
	}
	return posts, nil
}

// GetMany returns the embeddings of ids, nil where there is none; see replica.Embeddings. It is
// never written over dst.
func (s *Source) GetMany(_ context.Context, _ [][]float32, ids, versions []int64) ([][]float32, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	vectors := make([][]float32, len(ids))
	for i, id := range ids {
		if versions[i] != 0 {
			vectors[i] = s.vectors[id]
		}
	}
	return vectors, nil
}
