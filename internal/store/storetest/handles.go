package storetest

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"resonance/internal/catalog"
	"resonance/internal/errs"
	"resonance/internal/interaction"
	"resonance/internal/store"
)

// testHandles writes through one handle and reads through another.
func testHandles(t *testing.T, open Open) {
	ctx := context.Background()
	dir := t.TempDir()
	a, b := handle(t, open, dir), handle(t, open, dir)
	r := newReplica()
	for n := range 20 {
		before := sequence(t, b)
		_, err := a.PutInteractions(ctx, []interaction.Interaction{like("ada", 1, n)})
		must(t, err)
		if after := sequence(t, b); after != before+1 {
			t.Fatalf("the other handle sees sequence %d after a write, want %d", after, before+1)
		}
		r.follow(t, b, theModel)
		if len(r.events) != n+1 {
			t.Fatalf("the other handle sees %d events, want %d", len(r.events), n+1)
		}
	}

	t.Run("at once", func(t *testing.T) {
		var wg sync.WaitGroup
		for g, s := range []Store{a, b, a, b} {
			wg.Go(func() {
				for n := range 25 {
					if _, err := s.PutInteractions(ctx, []interaction.Interaction{like("bob", int64(2+g), n)}); err != nil {
						t.Errorf("put: %v", err)
					}
				}
			})
		}
		wg.Wait()
		r.follow(t, a, theModel)
		same(t, load(t, b, theModel), r)
		if len(r.events) != 120 {
			t.Errorf("%d events, want 120", len(r.events))
		}
	})
}

func testCancellation(t *testing.T, open Open) {
	s := fresh(t, open)
	_, err := s.PutPosts(context.Background(), []catalog.Post{post(1, 1), post(2, 2)})
	must(t, err)
	before := sequence(t, s)
	ctx, cancel := context.WithCancel(context.Background())

	t.Run("during a visit", func(t *testing.T) {
		visited := 0
		stop := errors.New("stop")
		_, err := s.Changes(ctx, 0, theModel, store.ChangeVisitor{Post: func(store.PostChange) error {
			visited++
			return stop
		}})
		if !errors.Is(err, stop) || visited != 1 {
			t.Errorf("a visitor's error ended the visit with %v after %d posts", err, visited)
		}
	})

	cancel()
	for name, call := range map[string]func() error{
		"Sequence":        func() error { _, err := s.Sequence(ctx); return err },
		"Changes":         func() error { _, err := s.Changes(ctx, 0, theModel, store.ChangeVisitor{}); return err },
		"Posts":           func() error { _, err := s.Posts(ctx, []int64{1}); return err },
		"PutPosts":        func() error { _, err := s.PutPosts(ctx, []catalog.Post{post(1, 3)}); return err },
		"PutUsers":        func() error { _, err := s.PutUsers(ctx, []catalog.User{{ID: 1, Username: "a"}}); return err },
		"PutInteractions": func() error { _, err := s.PutInteractions(ctx, []interaction.Interaction{like("a", 1, 1)}); return err },
		"PutPage":         func() error { _, err := s.PutPage(ctx, store.Page{Endpoint: "posts", Number: 1}); return err },
		"EndPass":         func() error { _, err := s.EndPass(ctx, "posts"); return err },
		"Forget":          func() error { _, err := s.Forget(ctx, "a"); return err },
		"Reset":           func() error { return s.Reset(ctx) },
		"TextsToEmbed":    func() error { _, err := s.TextsToEmbed(ctx, "new", 1); return err },
	} {
		t.Run(name, func(t *testing.T) {
			if err := call(); !errors.Is(err, context.Canceled) {
				t.Errorf("error %v, want one that wraps context.Canceled", err)
			}
		})
	}
	if after := sequence(t, s); after != before {
		t.Errorf("a cancelled call changed something: the sequence went from %d to %d", before, after)
	}
	_, err = s.PutPosts(context.Background(), []catalog.Post{post(1, 3)})
	must(t, err)
}

// testInvalid puts a wrong row behind a good one: nothing is written.
func testInvalid(t *testing.T, open Open) {
	ctx := context.Background()
	s := fresh(t, open)
	good, bad := like("ada", 1, 1), like("ada", 1, 2)
	bad.Kind = 0
	late := like("ada", 1, 2)
	late.At = time.Time{}
	for name, call := range map[string]func() (int, error){
		"post id 0":                func() (int, error) { return s.PutPosts(ctx, []catalog.Post{post(1, 1), post(0, 1)}) },
		"post id too large":        func() (int, error) { return s.PutPosts(ctx, []catalog.Post{post(1, 1), post(catalog.MaxID+1, 1)}) },
		"user id 0":                func() (int, error) { return s.PutUsers(ctx, []catalog.User{{ID: 1, Username: "a"}, {Username: "b"}}) },
		"username that is no text": func() (int, error) { return s.PutUsers(ctx, []catalog.User{{ID: 1, Username: "\xff"}}) },
		"kind":                     func() (int, error) { return s.PutInteractions(ctx, []interaction.Interaction{good, bad}) },
		"time":                     func() (int, error) { return s.PutInteractions(ctx, []interaction.Interaction{good, late}) },
		"endpoint":                 func() (int, error) { return s.PutPage(ctx, store.Page{Endpoint: "nonsense", Number: 1}) },
		"empty vector":             func() (int, error) { return s.PutEmbeddings(ctx, theModel, []store.Embedding{{PostID: 1}}) },
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := call(); !errors.Is(err, errs.Invalid) {
				t.Errorf("error %v, want one that wraps errs.Invalid", err)
			}
			if seq := sequence(t, s); seq != 0 {
				t.Errorf("the sequence is %d, want 0", seq)
			}
		})
	}
	if _, err := s.Changes(ctx, 1, theModel, store.ChangeVisitor{}); !errors.Is(err, errs.Invalid) {
		t.Errorf("changes since a sequence that was never reached: %v", err)
	}
}

// testEnds lets contexts end at every moment of a call: none leaves a transaction open, or half
// of what it wrote.
func testEnds(t *testing.T, open Open) {
	dir := t.TempDir()
	s, other := handle(t, open, dir), handle(t, open, dir)
	full, post := 0, int64(0)
	for n := range int64(600) {
		ctx, cancel := newEnding(1 + n%30)
		post += 2
		did, err := s.PutInteractions(ctx, []interaction.Interaction{like("ada", post, 1), like("ada", post+1, 1)})
		if err == nil {
			full += did
		}
		failures := []error{
			err,
			second(s.Changes(ctx, 0, theModel, store.ChangeVisitor{Event: func(store.EventChange) error { return nil }})),
			s.Rows(ctx, store.RowVisitor{Interaction: func(interaction.Interaction) error { return nil }}),
			second(s.TextsToEmbed(ctx, theModel, 1)),
		}
		for _, err := range failures {
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Fatalf("round %d: %v", n, err)
			}
		}
		cancel()
	}
	if _, err := other.PutInteractions(context.Background(), []interaction.Interaction{like("bob", 1, 1)}); err != nil {
		t.Errorf("a write through another handle: %v", err)
	}
	if events := len(load(t, s, theModel).events); events != full+1 {
		t.Errorf("%d events, but %d were acknowledged", events, full+1)
	}
}

// ending is a context that is cancelled when it is asked for its Done channel once too often.
type ending struct {
	context.Context
	cancel context.CancelFunc
	left   *atomic.Int64
}

func newEnding(after int64) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	e := ending{ctx, cancel, new(atomic.Int64)}
	e.left.Store(after)
	return e, cancel
}

// Done may cancel e.
func (e ending) Done() <-chan struct{} {
	if e.left.Add(-1) == 0 {
		e.cancel()
	}
	return e.Context.Done()
}

func second[T any](_ T, err error) error { return err }
