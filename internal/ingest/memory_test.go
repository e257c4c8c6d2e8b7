package ingest_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"resonance/internal/catalog"
	"resonance/internal/store"
	"resonance/internal/upstream"
)

// memory is a store without a file, for tests that run on a fake clock. It keeps leases, counts the
// pages put, and holds texts to embed.
type memory struct {
	mu     sync.Mutex
	err    error // of every call, if not nil
	leases map[string]held
	pages  int
	queue  []store.Text // newest first
	saved  []int64      // posts embedded, in order
}

type held struct {
	holder string
	until  time.Time
}

func newMemory() *memory { return &memory{leases: map[string]held{}} }

// locked runs do under the lock, unless calls are to fail.
func (m *memory) locked(do func()) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err == nil {
		do()
	}
	return m.err
}

func (m *memory) fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.err = err
}

func (m *memory) Lease(_ context.Context, name, holder string, ttl time.Duration) (ok bool, err error) {
	err = m.locked(func() {
		now := time.Now()
		if before := m.leases[name]; before.holder == holder || !before.until.After(now) {
			m.leases[name], ok = held{holder, now.Add(ttl)}, true
		}
	})
	return ok, err
}

func (m *memory) ReleaseLease(_ context.Context, name, holder string) error {
	return m.locked(func() {
		if m.leases[name].holder == holder {
			delete(m.leases, name)
		}
	})
}

// seize gives a lease to someone else.
func (m *memory) seize(name string, ttl time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.leases[name] = held{"someone else", time.Now().Add(ttl)}
}

func (m *memory) Checkpoint(context.Context, string) (store.Checkpoint, error) {
	return store.Checkpoint{}, m.locked(func() {})
}

func (m *memory) PutPage(_ context.Context, page store.Page) (int, error) {
	return len(page.Users), m.locked(func() { m.pages++ })
}

func (m *memory) EndPass(context.Context, string) (store.PassResult, error) {
	return store.PassResult{}, m.locked(func() {})
}
func (m *memory) RestartPass(context.Context, string) error { return m.locked(func() {}) }
func (m *memory) KnownPosts(context.Context, []int64) (map[int64]bool, error) {
	return nil, m.locked(func() {})
}

func (m *memory) PutPosts(context.Context, []catalog.Post) (int, error) {
	return 0, m.locked(func() {})
}

func (m *memory) TextsToEmbed(_ context.Context, _ string, limit int) (texts []store.Text, err error) {
	err = m.locked(func() { texts = slices.Clone(m.queue[:min(limit, len(m.queue))]) })
	return texts, err
}

func (m *memory) PutEmbeddings(_ context.Context, _ string, embeddings []store.Embedding) (int, error) {
	return len(embeddings), m.locked(func() {
		for _, e := range embeddings {
			m.saved = append(m.saved, e.PostID)
			m.queue = slices.DeleteFunc(m.queue, func(t store.Text) bool { return t.PostID == e.PostID && t.Hash == e.Hash })
		}
	})
}

func (m *memory) EmbeddingCounts(context.Context, string) (done, queued int64, err error) {
	err = m.locked(func() { done, queued = int64(len(m.saved)), int64(len(m.queue)) })
	return done, queued, err
}

func (m *memory) add(texts ...store.Text) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.queue = append(texts, m.queue...)
}

func (m *memory) embedded() []int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.saved)
}

// source is an upstream of one user whose calls can be made to fail.
type source struct {
	mu    sync.Mutex
	down  bool
	calls []time.Time // of the first endpoint
}

var errDown = errors.New("upstream is down")

func (s *source) Page(_ context.Context, endpoint upstream.Endpoint, number, _ int) (upstream.Page, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	page := upstream.Page{Endpoint: endpoint, Number: number, MaxRows: 10}
	if endpoint == upstream.Users {
		s.calls = append(s.calls, time.Now())
		page.Users, page.Rows = []catalog.User{{ID: 1, Username: "u"}}, 1
	}
	if s.down {
		return upstream.Page{}, errDown
	}
	return page, nil
}

func (s *source) set(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
}

// times returns when passes began, since start.
func (s *source) times(start time.Time) []time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	var since []time.Duration
	for _, at := range s.calls {
		since = append(since, at.Sub(start))
	}
	return since
}
