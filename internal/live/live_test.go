package live

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"resonance/internal/catalog"
	"resonance/internal/errs"
	"resonance/internal/recommend"
)

const soon = time.Millisecond

// world makes the feed that says how often it was changed, and fails or panics when told to.
type world struct {
	mu     sync.Mutex
	moment Moment
	title  string
	views  int64
	fail   error
	panic  any
	blind  error // what asking for the moment fails with
	made   int   // feeds
	looks  int
}

func (w *world) Feed(_ context.Context, request recommend.Request) (recommend.Feed, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.made++
	if w.panic != nil {
		panic(w.panic)
	}
	if err := errors.Join(w.fail, request.Check()); err != nil {
		return recommend.Feed{}, err
	}
	return recommend.Feed{Items: []recommend.Item{{Post: &catalog.Post{ID: 1, Title: w.title, ViewCount: w.views}, Score: float64(w.views)}}}, nil
}

func (w *world) now(context.Context) (Moment, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.looks++
	return w.moment, w.blind
}

// change does something to the world, as its next sequence.
func (w *world) change(do func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.moment.Sequence++
	do()
}

// counted reads a count.
func (w *world) counted(n *int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return *n
}

func (w *world) entitle(title string) { w.change(func() { w.title = title }) }

// watch runs do with a hub over a world, and with what was pushed to somebody who watches, in a bubble
// whose clock obeys the test.
func watch(t *testing.T, do func(w *world, hub *Hub, updates <-chan *Update)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{title: "first"}
		hub := New(w, w.now, zerolog.Nop())
		ctx, stop := context.WithCancel(t.Context())
		go hub.Run(ctx)
		updates, err := hub.Watch(ctx, recommend.Request{Username: "ann", TopK: 10})
		if err != nil {
			t.Fatal(err)
		}
		do(w, hub, updates)
		stop()
		synctest.Wait() // a goroutine left behind would be a deadlock of the bubble
		if n := hub.Watchers(); n != 0 {
			t.Errorf("%d watchers are left", n)
		}
	})
}

// got returns the title that is pushed within a while, "" for none.
func got(updates <-chan *Update, within time.Duration) string {
	select {
	case u, ok := <-updates:
		switch {
		case !ok:
			return "closed"
		case u.Err != nil:
			return "error: " + u.Err.Error()
		}
		return u.Feed.Items[0].Post.Title
	case <-time.After(within):
		return ""
	}
}

func TestTheFeedComesAtOnceAndWhenItChanges(t *testing.T) {
	watch(t, func(w *world, _ *Hub, updates <-chan *Update) {
		if title := got(updates, soon); title != "first" {
			t.Errorf("at once %q", title)
		}
		if title := got(updates, time.Minute); title != "" {
			t.Errorf("without a change %q", title)
		}
		for n := range 3 {
			want := fmt.Sprint("change ", n)
			w.entitle(want)
			if title := got(updates, lookout+pause+soon); title != want {
				t.Errorf("got %q, want %q", title, want)
			}
		}
	})
}

// The first change after a while is pushed as soon as it is seen; those that follow it closely come as one.
func TestChangesThatComeCloselyAreOne(t *testing.T) {
	watch(t, func(w *world, _ *Hub, updates <-chan *Update) {
		got(updates, soon)
		time.Sleep(pause + lookout/2) // between two looks
		made := w.counted(&w.made)
		for n := range 50 {
			w.entitle(fmt.Sprint(n))
			time.Sleep(lookout)
			select {
			case u := <-updates:
				if title := u.Feed.Items[0].Post.Title; n%5 != 0 || title != fmt.Sprint(n) {
					t.Errorf("after change %d: %q", n, title)
				}
			default:
				if n%5 == 0 {
					t.Errorf("nothing after change %d", n)
				}
			}
		}
		if made := w.counted(&w.made) - made; made != 10 {
			t.Errorf("%d feeds made in 5 s, want 10", made)
		}
	})
}

func TestASlowReaderGetsTheNewestOnly(t *testing.T) {
	watch(t, func(w *world, _ *Hub, updates <-chan *Update) {
		for n := range 20 {
			w.entitle(fmt.Sprint(n))
			time.Sleep(pause)
		}
		time.Sleep(pause + lookout)
		if title := got(updates, soon); title != "19" {
			t.Errorf("first %q, want the newest", title)
		}
		if title := got(updates, time.Minute); title != "" {
			t.Errorf("and then %q", title)
		}
	})
}

// What moves scores and counters only is not pushed.
func TestOnlyWhatDiffersIsPushed(t *testing.T) {
	watch(t, func(w *world, _ *Hub, updates <-chan *Update) {
		got(updates, soon)
		w.change(func() { w.views++ })
		if title := got(updates, time.Minute); title != "" {
			t.Errorf("pushed %q", title)
		}
	})
}

// While a feed waits for its reader it may change back: then there is nothing to push.
func TestWhatChangedBackIsNotPushed(t *testing.T) {
	watch(t, func(w *world, _ *Hub, updates <-chan *Update) {
		got(updates, soon)
		w.entitle("other")
		time.Sleep(2 * pause)
		w.entitle("first")
		time.Sleep(2 * pause)
		if title := got(updates, time.Minute); title != "" {
			t.Errorf("pushed %q", title)
		}
	})
}

func TestAWrongQuestionIsRefusedAtOnce(t *testing.T) {
	hub := New(&world{}, nil, zerolog.Nop())
	if _, err := hub.Watch(t.Context(), recommend.Request{TopK: 10}); !errors.Is(err, errs.Invalid) {
		t.Errorf("error %v", err)
	}
	if hub.Watchers() != 0 {
		t.Error("it is counted")
	}
}

func TestAStoreThatDoesNotAnswerIsAskedAgain(t *testing.T) {
	watch(t, func(w *world, _ *Hub, updates <-chan *Update) {
		got(updates, soon)
		w.change(func() { w.fail, w.title = errs.Unavailable, "second" })
		if title := got(updates, time.Minute); title != "" {
			t.Errorf("pushed %q", title)
		}
		w.mu.Lock()
		w.fail = nil // and nothing else changes
		w.mu.Unlock()
		if title := got(updates, pause+soon); title != "second" {
			t.Errorf("afterwards %q", title)
		}
	})
}

func TestAFailureIsTheLastThatComes(t *testing.T) {
	for _, fault := range []func(w *world){
		func(w *world) { w.fail = errors.New("secret") }, func(w *world) { w.panic = "secret" },
	} {
		watch(t, func(w *world, _ *Hub, updates <-chan *Update) {
			got(updates, soon)
			w.change(func() { fault(w) })
			if title := got(updates, lookout+pause+soon); !strings.Contains(title, "error: ") || !strings.Contains(title, "secret") {
				t.Errorf("pushed %q", title)
			}
			if title := got(updates, soon); title != "closed" {
				t.Errorf("and then %q", title)
			}
		})
	}
}

func TestNobodyWatchesNobodyLooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{}
		ctx, stop := context.WithTimeout(t.Context(), time.Hour)
		defer stop()
		New(w, w.now, zerolog.Nop()).Run(ctx)
		if w.looks != 0 {
			t.Errorf("%d looks", w.looks)
		}
	})
}

func TestOneLoopLooksForAll(t *testing.T) {
	watch(t, func(w *world, hub *Hub, _ <-chan *Update) {
		ctx, stop := context.WithCancel(context.Background()) // of the bubble
		defer stop()
		for range 100 {
			if _, err := hub.Watch(ctx, recommend.Request{Username: "bo", TopK: 10}); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Second)
		if most := int(time.Second/lookout) + 1; w.counted(&w.looks) > most {
			t.Errorf("%d looks in a second, want %d at most", w.looks, most)
		}
	})
}

func TestBlindnessIsLoggedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		w := &world{blind: errors.New("no store")}
		hub := New(w, w.now, zerolog.New(&log))
		ctx, stop := context.WithCancel(t.Context())
		updates, _ := hub.Watch(ctx, recommend.Request{Username: "ann", TopK: 10})
		got(updates, soon)
		go hub.Run(ctx)
		time.Sleep(10 * lookout)
		stop()
		synctest.Wait()
		if n := strings.Count(log.String(), "no store"); n != 1 {
			t.Errorf("logged %d times: %s", n, &log)
		}
	})
}

// Time that moves alone is told when it stands still, and every now and then.
func TestWhenTimeAloneMoves(t *testing.T) {
	start := time.UnixMilli(0)
	var l look
	told := func(sequence, now int64, after time.Duration) bool {
		return l.changed(Moment{Sequence: sequence, Now: now}, start.Add(after))
	}
	for n, step := range []struct {
		sequence, now int64
		after         time.Duration
		want          bool
	}{
		{1, 100, 0, true}, {1, 100, 1, false},
		{2, 200, 2, true}, {2, 300, 3, false}, {2, 400, 4, false}, {2, 400, 5, true}, {2, 400, 6, false}, // an event, and a second
		{3, 500, 7, true}, {3, 600, drift, false}, {3, 700, drift + 7, true}, {3, 800, drift + 8, false}, // ahead of the clock
		{3, 800, drift + 9, true}, {3, 800, 3 * drift, false},
	} {
		if got := told(step.sequence, step.now, step.after); got != step.want {
			t.Errorf("step %d: told %t, want %t", n, got, step.want)
		}
	}
}

func TestSame(t *testing.T) {
	item := func(id int64) recommend.Item {
		return recommend.Item{Post: &catalog.Post{ID: id, Tags: []string{"a"}}}
	}
	a := recommend.Feed{Items: []recommend.Item{item(1), item(2)}}
	for name, test := range map[string]struct {
		change func(*recommend.Feed)
		want   bool
	}{
		"nothing":   {func(*recommend.Feed) {}, true},
		"scores":    {func(f *recommend.Feed) { f.Items[0].Score = 2 }, true},
		"counters":  {func(f *recommend.Feed) { f.Items[0].Post.UpvoteCount, f.Items[1].Post.AverageRating = 3, 4 }, true},
		"order":     {func(f *recommend.Feed) { f.Items[0], f.Items[1] = f.Items[1], f.Items[0] }, false},
		"fewer":     {func(f *recommend.Feed) { f.Items = f.Items[:1] }, false},
		"more":      {func(f *recommend.Feed) { f.More = true }, false},
		"a like":    {func(f *recommend.Feed) { f.Items[0].Viewer.Upvoted = true }, false},
		"a title":   {func(f *recommend.Feed) { f.Items[0].Post.Title = "new" }, false},
		"a tag":     {func(f *recommend.Feed) { f.Items[0].Post.Tags = []string{"b"} }, false},
		"its owner": {func(f *recommend.Feed) { f.Items[0].Post.Owner.PictureURL = "x" }, false},
	} {
		b := recommend.Feed{Items: []recommend.Item{item(1), item(2)}}
		test.change(&b)
		if got := Same(a, b); got != test.want {
			t.Errorf("%s: same is %t", name, got)
		}
	}
}
