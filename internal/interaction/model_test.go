package interaction

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"resonance/internal/catalog"
)

// equalLogs compares logs to the last number; only what no answer can show is left out: the
// newest time of a log without events.
var equalLogs = cmp.Options{
	cmp.AllowUnexported(Log{}, Totals{}), cmpopts.EquateEmpty(),
	cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".newest" }, cmp.Comparer(func(a, b int64) bool {
		return a == b || (a == 0 || a == catalog.Never) && (b == 0 || b == catalog.Never)
	})),
}

// change is what the store says of a row: its newest state.
type change struct {
	user int64
	Event
	gone bool
}

// randomHistory returns the successive states of rows, each row's in order.
func randomHistory(r *rand.Rand, rows int) [][]change {
	states := make([][]change, rows)
	for i := range states {
		for range 1 + r.IntN(3) {
			kind := Kinds()[r.IntN(len(Kinds()))]
			event := Event{
				Row: int64(i + 1), At: r.Int64N(30) - 15, PostID: math.MaxInt32 - int32(r.IntN(5)), Kind: kind,
				Value: NoValue, Synced: r.IntN(3) == 0,
			}
			if kind.HasValue() {
				event.Value = int8(1 + r.IntN(100))
			}
			states[i] = append(states[i], change{1 + r.Int64N(4), event, r.IntN(5) == 0})
		}
	}
	return states
}

// deliver puts the changes into a new log in a random order that keeps each row's own.
func deliver(r *rand.Rand, states [][]change) *Log {
	l := new(Log)
	left := slices.Clone(states)
	names := r.Perm(4)
	for len(left)+len(names) > 0 {
		if n := len(names); n > 0 && r.IntN(8) == 0 || len(left) == 0 {
			l.Name(int64(1+names[n-1]), fmt.Sprint("user ", names[n-1]))
			names = names[:n-1]
			continue
		}
		i := r.IntN(len(left))
		c := left[i][0]
		if c.gone {
			c.user, c.Event = 0, Event{Row: c.Row} // all that a mark says
		}
		l.Put(c.user, c.Event, c.gone)
		if r.IntN(4) == 0 {
			l.Put(c.user, c.Event, c.gone) // told twice
		}
		if left[i] = left[i][1:]; len(left[i]) == 0 {
			left = slices.Delete(left, i, i+1)
		}
	}
	return l
}

// newestOnly returns the last state of each row that is not gone.
func newestOnly(states [][]change) (last [][]change) {
	for _, s := range states {
		if c := s[len(s)-1]; !c.gone {
			last = append(last, []change{c})
		}
	}
	return last
}

func TestLogIgnoresOrderOfArrival(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 2))
		states := randomHistory(r, r.IntN(80))
		want := deliver(r, newestOnly(states))
		for range 3 {
			if diff := cmp.Diff(want, deliver(r, states), equalLogs); diff != "" {
				t.Fatalf("seed %d: the same events in another order (-want +got):\n%s", seed, diff)
			}
		}
	}
}

func TestLogAgainstModel(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 3))
		states := randomHistory(r, r.IntN(80))
		l := deliver(r, states)
		var present []change
		newest := int64(catalog.Never)
		histories := map[string]History{}
		for _, s := range newestOnly(states) {
			c := s[0]
			present = append(present, c)
			newest = max(newest, c.At)
			name := fmt.Sprint("user ", c.user-1)
			histories[name] = append(histories[name], c.Event)
		}
		for name, want := range histories {
			slices.SortFunc(want, compareEvents)
			if diff := cmp.Diff(want, l.History(name)); diff != "" {
				t.Errorf("seed %d: History(%q) (-want +got):\n%s", seed, name, diff)
			}
		}
		if l.Events() != len(present) || l.Newest() != newest {
			t.Errorf("seed %d: Events %d, Newest %d, want %d, %d", seed, l.Events(), l.Newest(), len(present), newest)
		}
		checkTotals(t, l, present)
		if t.Failed() {
			t.Fatal("seed ", seed)
		}
	}
}

func checkTotals(t *testing.T, l *Log, present []change) {
	t.Helper()
	type act struct {
		user int64
		post int32
		kind Kind
	}
	local, sent := map[act]int32{}, map[act]bool{}
	want := map[int32]*Totals{}
	for _, c := range present {
		if want[c.PostID] == nil {
			want[c.PostID] = new(Totals)
		}
		a, w := act{c.user, c.PostID, c.Kind}, want[c.PostID]
		w.Events[c.Kind]++
		if c.Kind == Rating {
			w.RatingSum += int64(c.Value)
			w.ratingSquares += int64(c.Value) * int64(c.Value)
		}
		if local[a]++; c.Synced {
			sent[a] = true
		}
	}
	for a, n := range local {
		if a.kind.State() {
			n = 1
		}
		if !sent[a] {
			want[a.post].Unsent[a.kind] += n
		}
	}
	for post := range int64(6) {
		id := math.MaxInt32 - post
		w := want[int32(id)]
		if w == nil {
			w = new(Totals)
		}
		if diff := cmp.Diff(*w, l.Totals(id), cmp.AllowUnexported(Totals{})); diff != "" {
			t.Errorf("Totals(%d) (-want +got):\n%s", id, diff)
		}
	}
	checkScaleAndPull(t, l, slices.Collect(maps.Values(want)))
}

func checkScaleAndPull(t *testing.T, l *Log, posts []*Totals) {
	t.Helper()
	var sum, count, pull float64
	for _, p := range posts {
		sum, count = sum+float64(p.RatingSum), count+float64(p.Events[Rating])
		for _, kind := range Kinds() {
			pull += max(kind.Weight(), 0) * float64(p.Events[kind])
		}
	}
	if count > 0 && math.Abs(l.RatingScale().Mean-sum/count) > 1e-9 {
		t.Errorf("mean rating %g, want %g", l.RatingScale().Mean, sum/count)
	}
	if n := float64(len(posts)); n > 0 && math.Abs(l.MeanPull()-pull/n) > 1e-9 {
		t.Errorf("MeanPull %g, want %g", l.MeanPull(), pull/n)
	}
}
