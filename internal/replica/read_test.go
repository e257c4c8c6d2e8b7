package replica_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"resonance/internal/catalog"
	"resonance/internal/errs"
	"resonance/internal/interaction"
	"resonance/internal/replica"
	"resonance/internal/store"
)

func post(id int64) catalog.Post {
	return catalog.Post{ID: id, Public: true, CreatedAt: time.UnixMilli(id).UTC()}
}

func like(post int64) store.EventChange {
	return store.EventChange{UserID: 1, PostID: post, Kind: interaction.Like, Value: interaction.NoValue}
}

func TestReplicaOfEmptyStore(t *testing.T) {
	r := newReplica(t, newFakeStore())
	if r.Loaded() {
		t.Error("loaded before the first read")
	}
	p := take(t, r)
	if !r.Loaded() || p.Sequence != 0 || p.Now != testClock().UnixMilli() || p.Events != 0 || len(p.Posts) != 0 {
		t.Errorf("loaded %t, view of an empty store: %+v", r.Loaded(), p)
	}
}

// Promise 1: what was acknowledged is in the very next read, on every replica.
func TestReadYourWrites(t *testing.T) {
	f := newFakeStore()
	replicas := []*replica.Replica{newReplica(t, f), newReplica(t, f)}
	f.putUser(1, "ann")
	for n := range 50 {
		f.putEvent(like(int64(n)))
		for i, r := range replicas {
			err := r.Read(context.Background(), func(v replica.View) error {
				if got := len(v.Log.History("ann")); got != n+1 || v.Sequence != f.seq {
					t.Errorf("replica %d sees %d events at sequence %d, want %d at %d", i, got, v.Sequence, n+1, f.seq)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Readers see every write that was acknowledged before they began, and no View changes under
// them, while writes go on.
func TestConcurrentReadersAndWriter(t *testing.T) {
	const writes, readers = 200, 4
	f := newFakeStore()
	r := newReplica(t, f)
	f.putUser(1, "ann")
	var acknowledged, reads atomic.Int64
	var done sync.WaitGroup
	for range readers {
		done.Go(func() {
			for acknowledged.Load() < writes {
				least := acknowledged.Load()
				if err := r.Read(context.Background(), func(v replica.View) error { return checkView(t, v, least) }); err != nil {
					t.Error(err)
				}
				reads.Add(1)
			}
		})
	}
	for n := range int64(writes) {
		f.putPost(post(n + 1))
		f.putEvent(like(n + 1))
		f.putEmbedding(n+1, []float32{1, float32(n)})
		acknowledged.Store(n + 1)
		for reads.Load() < 3*n && n < writes-1 { // let readers keep up, so that both are busy all along
			runtime.Gosched()
		}
	}
	done.Wait()
}

// checkView looks at a view twice; its parts must agree with one another, and both times.
func checkView(t *testing.T, v replica.View, least int64) error {
	first := -1
	for range 2 {
		posts, err := v.Posts(context.Background(), []int64{1, least})
		if err != nil {
			return err
		}
		events := v.Log.Events()
		if n := v.Catalog.Len(); int64(events) < least || n < events || n > events+1 || len(v.Log.History("ann")) != events {
			t.Errorf("%d posts, %d events after %d acknowledged writes", n, events, least)
		}
		if least > 0 && len(posts) != 2 {
			t.Errorf("%d of posts 1 and %d", len(posts), least)
		}
		if first >= 0 && first != events {
			t.Errorf("a view went from %d to %d events", first, events)
		}
		first = events
		runtime.Gosched()
	}
	return nil
}

// Readers that come while the copy is loaded wait for that one load.
func TestConcurrentFirstReads(t *testing.T) {
	f := newFakeStore()
	f.putEvent(like(1))
	var loads atomic.Int64
	f.fail = func(call string) error {
		if call == "Changes" {
			loads.Add(1)
		}
		return nil
	}
	r := newReplica(t, f)
	var done sync.WaitGroup
	for range 8 {
		done.Go(func() {
			err := r.Read(context.Background(), func(v replica.View) error {
				if v.Log.Events() != 1 {
					t.Errorf("a first read sees %d events", v.Log.Events())
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	if loads.Load() != 3 { // posts, users with events, embeddings
		t.Errorf("the store was read %d times", loads.Load())
	}
}

// A read asks the store for one number when nothing has changed.
func TestUnchangedStoreIsNotReadAgain(t *testing.T) {
	f := newFakeStore()
	f.putPost(post(1))
	r := newReplica(t, f)
	take(t, r)
	f.fail = func(call string) error {
		if call == "Changes" {
			t.Error("an unchanged store was read again")
		}
		return nil
	}
	take(t, r)
}

func TestNow(t *testing.T) {
	clock := testClock().UnixMilli()
	tests := map[string]struct {
		posts, events []int64 // times
		want          int64
	}{
		"empty store":              {nil, nil, clock},
		"newest is a post":         {[]int64{5000, 9000}, []int64{7000}, 10_000},
		"newest is an event":       {[]int64{5000}, []int64{7000}, 8000},
		"before 1970":              {[]int64{-9000}, nil, -8000},
		"an event alone":           {nil, []int64{-3000}, -2000},
		"the future":               {[]int64{clock + 1e12}, nil, clock},
		"less than a second ahead": {[]int64{clock - 10}, nil, clock},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFakeStore()
			for i, at := range test.posts {
				p := post(int64(i + 1))
				p.CreatedAt = time.UnixMilli(at)
				f.putPost(p)
			}
			for _, at := range test.events {
				e := like(1)
				e.At = at
				f.putEvent(e)
			}
			if got := take(t, newReplica(t, f)).Now; got != test.want {
				t.Errorf("Now = %d, want %d", got, test.want)
			}
		})
	}
}

// What is done beside a load has all posts, while the rest is still read; a load that fails ends it.
func TestLoadShowsPostsEarly(t *testing.T) {
	f := newFakeStore()
	for id := range int64(1000) {
		f.putPost(post(id + 1))
		f.putEmbedding(id+1, []float32{1, 2})
	}
	r, calls, known := newReplica(t, f), 0, 0
	err := r.Load(context.Background(), func(_ context.Context, posts *catalog.Index) {
		calls++
		if r.Loaded() {
			t.Error("the copy is loaded already")
		}
		for id := range int64(1000) {
			if _, ok := posts.Lookup(id + 1); ok {
				known++
			}
		}
	})
	if err != nil || calls != 1 || known != 1000 || !r.Loaded() {
		t.Errorf("called %d times with %d posts, loaded %t, error %v", calls, known, r.Loaded(), err)
	}

	f.fail = failAfter("visit", 1500)
	ended := false
	err = newReplica(t, f).Load(context.Background(), func(ctx context.Context, _ *catalog.Index) {
		<-ctx.Done()
		ended = true
	})
	if !errors.Is(err, errs.Unavailable) || !ended {
		t.Errorf("ended %t, error %v", ended, err)
	}
}
