package teach

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"resonance/internal/catalog"
	"resonance/internal/errs"
	"resonance/internal/evaluate/past"
	"resonance/internal/interaction"
	"resonance/internal/learn"
	"resonance/internal/replica"
	"resonance/internal/store"
)

// memory is a store of one snapshot, as sqlite keeps it.
type memory struct {
	mu       sync.Mutex
	snapshot store.Snapshot
	holder   string
	err      error // of every call, when not nil
}

func (m *memory) Lease(_ context.Context, _, holder string, _ time.Duration) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.holder == "" {
		m.holder = holder
	}
	return m.holder == holder, m.err
}

func (m *memory) ReleaseLease(context.Context, string, string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.holder = ""
	return m.err
}

func (m *memory) SaveSnapshot(_ context.Context, s store.Snapshot) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s.Version != m.snapshot.Version {
		return 0, fmt.Errorf("%w: version %d stands", errs.Conflict, m.snapshot.Version)
	}
	s.Version++
	m.snapshot = s
	return s.Version, m.err
}

func (m *memory) KeepFit(_ context.Context, version int64, fit store.Fit) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if version == m.snapshot.Version && m.snapshot.Fit.Kept == nil {
		m.snapshot.Fit = fit
	}
	return m.err
}

func (m *memory) Snapshot(_ context.Context, known int64) (store.Snapshot, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return store.Snapshot{}, m.err
	}
	if m.snapshot.Version == known {
		return store.Snapshot{}, errs.NotFound
	}
	return m.snapshot, nil
}

// school is two processes on one store, each with a teacher.
type school struct {
	source   *past.Source
	store    *memory
	teachers [2]*Teacher
	rows     int64
}

func newSchool(t *testing.T) *school {
	s := &school{source: past.New(), store: new(memory)}
	var posts []past.Post
	for id := range int64(12) {
		posts = append(posts, past.Post{Post: &catalog.Post{ID: id + 1, CreatedAt: time.UnixMilli(id)}})
	}
	s.source.Reveal(posts, nil)
	open := func() (*replica.Replica, error) { return replica.New(s.source, s.source, "past", time.Now) }
	for i := range s.teachers {
		r, err := open()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(r.Close)
		if err := r.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.teachers[i] = New(Options{Store: s.store, Replica: r, Copy: open, Effort: learn.Effort{Workers: 1}, Log: zerolog.Nop()})
	}
	return s
}

// view lets users view posts, one after the other.
func (s *school) view(users, posts int64) {
	var events []store.EventChange
	for u := range users {
		for p := range posts {
			s.rows++
			events = append(events, store.EventChange{
				Row: s.rows, UserID: u + 1, PostID: (u+p)%12 + 1, Kind: interaction.View, Value: interaction.NoValue, At: 1000 * s.rows,
			})
		}
	}
	s.source.Reveal(nil, events)
}

// serving returns the model of each process, and whether it is stale.
func (s *school) serving(t *testing.T) (models [2]*learn.Model, stale [2]bool) {
	t.Helper()
	for i, teacher := range s.teachers {
		if err := teacher.Replica.Read(t.Context(), func(v replica.View) error {
			models[i], stale[i] = v.Model, v.Stale()
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	return models, stale
}

// Every process comes to serve a model of what people did, the same one, and goes on with them.
func TestEveryProcessFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSchool(t)
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		for _, teacher := range s.teachers {
			running.Go(func() { teacher.Run(ctx) })
		}
		defer running.Wait()
		defer cancel()
		before := int64(0)
		for _, users := range []int64{6, 9} {
			s.view(users, 5)
			time.Sleep(time.Minute) // of the bubble's clock
			models, stale := s.serving(t)
			if stale != [2]bool{} || models[0].Version != models[1].Version || models[0].Version <= before || models[0].Sum != models[1].Sum {
				t.Fatalf("models %d and %d after %d, stale %v", models[0].Version, models[1].Version, before, stale)
			}
			if models[0].Recipe.Tuned == nil || !models[0].Recipe.Same(models[1].Recipe) {
				t.Errorf("recipes %s and %s", models[0].Recipe, models[1].Recipe)
			}
			before = models[0].Version
		}
	})
}

// A model serves in every process from the moment that its snapshot names, not before.
func TestAModelServesAtOnceEverywhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSchool(t)
		s.view(6, 5)
		if err := s.teachers[0].step(t.Context()); err != nil {
			t.Fatal(err)
		}
		var following sync.WaitGroup
		for _, teacher := range s.teachers {
			following.Go(func() {
				if err := teacher.Follow(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		time.Sleep(time.Until(s.store.snapshot.ServesAt) - time.Millisecond)
		synctest.Wait()
		if models, _ := s.serving(t); models[0].Version != 0 || models[1].Version != 0 {
			t.Errorf("models %d and %d serve before their time", models[0].Version, models[1].Version)
		}
		following.Wait()
		if models, _ := s.serving(t); models[0].Version != 1 || models[1].Version != 1 {
			t.Errorf("models %d and %d serve at their time", models[0].Version, models[1].Version)
		}
	})
}

// What the first fit of a snapshot found is kept, and a process that starts meanwhile serves the same model from it; it
// knows how long the next fit will take.
func TestAStartNeedNotFit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSchool(t)
		s.view(6, 5)
		if err := errors.Join(s.teachers[0].step(t.Context()), s.teachers[0].Follow(t.Context())); err != nil {
			t.Fatal(err)
		}
		fit := s.store.snapshot.Fit
		models, _ := s.serving(t)
		if fit.Kept == nil || !bytes.Equal(fit.Kept, models[0].Kept()) {
			t.Fatalf("%d bytes are kept, not those of the model that serves", len(fit.Kept))
		}
		s.store.snapshot.Fit.Took = time.Hour
		if err := s.teachers[1].Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		models, _ = s.serving(t)
		if models[1].Version != 1 || !bytes.Equal(fit.Kept, models[1].Kept()) || s.teachers[1].fitting.Load() != int64(time.Hour) {
			t.Errorf("model %d, which takes %s", models[1].Version, time.Duration(s.teachers[1].fitting.Load()))
		}
	})
}

// What was kept and is damaged, or written by another program, is no reason to go without a model.
func TestADamagedFitIsMadeAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSchool(t)
		s.view(6, 5)
		if err := errors.Join(s.teachers[0].step(t.Context()), s.teachers[0].Follow(t.Context())); err != nil {
			t.Fatal(err)
		}
		whole := s.store.snapshot.Fit.Kept
		s.store.snapshot.Fit.Kept = whole[:len(whole)-4]
		if err := s.teachers[1].Follow(t.Context()); err != nil {
			t.Fatal(err)
		}
		if models, _ := s.serving(t); models[1].Version != 1 || !bytes.Equal(whole, models[1].Kept()) {
			t.Errorf("model %d, not that of the snapshot", models[1].Version)
		}
	})
}

// Too little is no lesson, and what is fitted already needs no other snapshot.
func TestNothingToLearn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSchool(t)
		s.view(1, 3)
		for range 2 {
			if err := s.teachers[0].step(t.Context()); err != nil || s.store.snapshot.Version != 0 {
				t.Fatalf("version %d of three touches, error %v", s.store.snapshot.Version, err)
			}
		}
	})
}

// Once the last post has its embedding, a better recipe is looked for with them; not while others wait.
func TestEmbeddingsAreLearntFrom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSchool(t)
		teacher, waiting := s.teachers[0], int64(1)
		teacher.Queued = func(context.Context) (int64, error) { return waiting, nil }
		turn := func() int64 {
			if err := errors.Join(teacher.Replica.Refresh(t.Context()), teacher.step(t.Context()), teacher.Follow(t.Context())); err != nil {
				t.Fatal(err)
			}
			return s.store.snapshot.Version
		}
		s.view(6, 5)
		if turn(); turn() != 2 {
			t.Fatalf("snapshot %d, want that of the first search", s.store.snapshot.Version)
		}
		s.source.Reveal([]past.Post{{Post: &catalog.Post{ID: 99, Category: &catalog.Category{Name: "x"}}, Embedding: []float32{1, 0}}}, nil)
		if turn() != 2 {
			t.Error("a search began while a post waited for its embedding")
		}
		waiting = 0
		if turn(); turn() != 3 {
			t.Errorf("snapshot %d: one search is due, once", s.store.snapshot.Version)
		}
		if models, _ := s.serving(t); models[0].Recipe.Tuned.Embedded != 1 {
			t.Errorf("the recipe was chosen on %+v", models[0].Recipe.Tuned)
		}
	})
}

// A recipe that was chosen by hand meanwhile is not overwritten, and a store that fails is said to.
func TestOthersWriteToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSchool(t)
		s.view(6, 5)
		s.store.snapshot.Version = 7
		if err := s.teachers[0].step(t.Context()); err != nil || s.store.snapshot.Version != 7 {
			t.Errorf("version %d, error %v", s.store.snapshot.Version, err)
		}
		s.store.snapshot.Recipe = "no recipe"
		if err := s.teachers[0].Follow(t.Context()); !errors.Is(err, errs.Invalid) {
			t.Errorf("of a broken recipe: error %v", err)
		}
		s.store.err = errs.Unavailable
		if err := s.teachers[0].Follow(t.Context()); !errors.Is(err, errs.Unavailable) {
			t.Errorf("of a store that fails: error %v", err)
		}
	})
}
