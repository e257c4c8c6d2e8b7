package replica

import (
	"time"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
	"resonance/internal/learn"
	"resonance/internal/signal"
	"resonance/internal/store"
	"resonance/internal/vector"
)

// state is the copy as of one sequence.
type state struct {
	catalog  catalog.Index
	log      interaction.Log
	vectors  vector.Index
	model    *learn.Model
	sequence int64
	loaded   bool

	crowd       *signal.Crowd
	crowdOrigin int64
	stale       stale // between a change and freshen
}

// newState returns the copy of nothing. Where all posts are ranked their embeddings are at hand.
func newState(m *learn.Model) state {
	return state{model: m, vectors: vector.Index{Keep: signal.RankWhole}}
}

// visitor applies changes as they come.
func (s *state) visitor() store.ChangeVisitor {
	return store.ChangeVisitor{
		Post:      func(c store.PostChange) error { s.putPost(c); return nil },
		User:      func(c store.UserChange) error { s.putUser(c); return nil },
		Event:     func(c store.EventChange) error { s.putEvent(c); return nil },
		Embedding: func(c store.EmbeddingChange) error { s.putEmbedding(c); return nil },
	}
}

func (s *state) putPost(c store.PostChange) {
	s.stale.catalog = true
	if s.crowd != nil {
		s.moved(c)
	}
	if c.Gone {
		if o, ok := s.catalog.Lookup(c.ID); ok {
			s.catalog.Remove(c.ID)
			s.vectors.Remove(o)
		}
		return
	}
	s.catalog.Put(c.Features, c.Seq)
}

func (s *state) putUser(c store.UserChange) {
	if c.Gone {
		for _, e := range s.log.Of(c.ID) {
			s.stale.rating(int64(e.PostID))
		}
		s.log.Forget(c.ID)
		s.stale.user(c.ID)
		return
	}
	s.log.Name(c.ID, c.Username)
}

func (s *state) putEvent(c store.EventChange) {
	if !c.Gone && !c.Kind.Valid() {
		return // of a kind that a newer program on the same store knows
	}
	event := interaction.Event{
		Row: c.Row, At: c.At, PostID: int32(c.PostID), Kind: c.Kind, Value: int8(c.Value), Synced: c.Synced,
	}
	owner, old := s.log.Put(c.UserID, event, c.Gone)
	if s.crowd != nil {
		s.stale.user(owner)
		s.stale.user(c.UserID)
		s.stale.rating(int64(old.PostID))
		s.stale.rating(c.PostID)
	}
}

func (s *state) putEmbedding(c store.EmbeddingChange) {
	if o, ok := s.catalog.Lookup(c.PostID); ok {
		s.vectors.Put(o, c.Vector, c.Seq)
	}
}

// now returns the time that decays are counted from, in epoch milliseconds: one second past the
// newest event or post, so that old data ranks as new data does, but never later than the clock.
func (s *state) now(clock time.Time) int64 {
	newest := max(s.catalog.Newest(), s.log.Newest())
	if newest == catalog.Never {
		return clock.UnixMilli()
	}
	return min(clock.UnixMilli(), newest+1000)
}

// batch holds changes until they are applied together.
type batch struct {
	posts      []store.PostChange
	users      []store.UserChange
	events     []store.EventChange
	embeddings []store.EmbeddingChange
}

func (b *batch) visitor() store.ChangeVisitor {
	return store.ChangeVisitor{
		Post:  func(c store.PostChange) error { b.posts = append(b.posts, c); return nil },
		User:  func(c store.UserChange) error { b.users = append(b.users, c); return nil },
		Event: func(c store.EventChange) error { b.events = append(b.events, c); return nil },
		Embedding: func(c store.EmbeddingChange) error {
			c.Vector = append([]float32(nil), c.Vector...)
			b.embeddings = append(b.embeddings, c)
			return nil
		},
	}
}

// apply makes the changes: posts before their embeddings, users before their events.
func (b *batch) apply(s *state) {
	for _, c := range b.posts {
		s.putPost(c)
	}
	for _, c := range b.users {
		s.putUser(c)
	}
	for _, c := range b.events {
		s.putEvent(c)
	}
	for _, c := range b.embeddings {
		s.putEmbedding(c)
	}
	s.freshen()
}
