package protocol_test

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"resonance/internal/evaluate/protocol"
)

const anyAge = math.MaxInt64

// touch makes the event of user with item at the given second.
func touch(user, item, second int64) protocol.Event {
	return protocol.Event{User: user, Item: item, At: second * 1000}
}

func TestLeaveLast(t *testing.T) {
	events := []protocol.Event{
		touch(1, 10, 1), touch(1, 12, 5), touch(1, 11, 5), touch(1, 12, 9), // 11 and 12 tie: 12 is last
		touch(2, 10, 2), touch(2, 11, 3),
		touch(3, 12, 4),
	}
	tests := []struct {
		name  string
		part  protocol.Part
		lists []protocol.List
		train []protocol.Event
	}{
		{
			"the last, with all its events", protocol.Test,
			[]protocol.List{
				{User: 1, History: []protocol.Touch{{Item: 10, At: 1000}, {Item: 11, At: 5000}}, Relevant: []int64{12}, Now: 6000, CreatedBefore: anyAge},
				{User: 2, History: []protocol.Touch{{Item: 10, At: 2000}}, Relevant: []int64{11}, Now: 6000, CreatedBefore: anyAge},
			},
			[]protocol.Event{touch(1, 10, 1), touch(2, 10, 2), touch(3, 12, 4), touch(1, 11, 5)},
		},
		{
			"the second last, where there are three", protocol.Validation,
			[]protocol.List{
				{User: 1, History: []protocol.Touch{{Item: 10, At: 1000}}, Relevant: []int64{11}, Now: 5000, CreatedBefore: anyAge},
			},
			[]protocol.Event{touch(1, 10, 1), touch(2, 10, 2), touch(3, 12, 4)},
		},
		{"deeper than anyone's history", 5, nil, []protocol.Event{touch(1, 10, 1), touch(2, 10, 2), touch(3, 12, 4)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := protocol.LeaveLast(events, tt.part)
			if diff := gocmp.Diff(protocol.Split{Train: tt.train, Lists: tt.lists}, got); diff != "" {
				t.Errorf("split (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLastFifth(t *testing.T) {
	var events []protocol.Event
	for i := range int64(11) {
		events = append(events, touch(1, i, i))
	}
	events = append(events, touch(2, 1, 0), touch(3, 1, 0), touch(3, 2, 1))
	tests := []struct {
		name     string
		part     protocol.Part
		relevant map[int64][]int64 // by user
	}{
		{"two of eleven, one of two, none left of one", protocol.Test, map[int64][]int64{1: {9, 10}, 3: {2}}},
		{"one of the nine that are left", protocol.Validation, map[int64][]int64{1: {8}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := make(map[int64][]int64)
			for _, l := range protocol.LastFifth(events, tt.part).Lists {
				got[l.User] = l.Relevant
			}
			if diff := gocmp.Diff(tt.relevant, got); diff != "" {
				t.Errorf("relevant by user (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTimeSplit(t *testing.T) {
	// Twenty rows, one a second; the cuts stand at seconds 16, 17, 18 and 19.
	var events []protocol.Event
	for i := range int64(16) {
		events = append(events, touch(1+i%3, i, i))
	}
	events = append(events, touch(1, 20, 16), touch(9, 20, 17), touch(2, 30, 18), touch(1, 0, 19))
	items := []protocol.Item{{ID: 30, CreatedAt: 18_000}}
	for i := range int64(21) {
		items = append(items, protocol.Item{ID: i, CreatedAt: 0})
	}
	type asked struct{ user, relevant, now int64 }
	var got, cold []asked
	for _, s := range protocol.TimeSplit(events, items, protocol.Test) {
		for _, l := range s.Lists {
			got = append(got, asked{l.User, l.Relevant[0], l.Now / 1000})
		}
		for _, l := range s.Cold {
			cold = append(cold, asked{l.User, l.Relevant[0], l.Now / 1000})
		}
	}
	// Item 30 is created at its cut, not before; user 1 knew item 0 already; user 9 is new.
	if diff := gocmp.Diff([]asked{{1, 20, 16}}, got, gocmp.AllowUnexported(asked{})); diff != "" {
		t.Errorf("lists (-want +got):\n%s", diff)
	}
	if diff := gocmp.Diff([]asked{{9, 20, 17}}, cold, gocmp.AllowUnexported(asked{})); diff != "" {
		t.Errorf("cold lists (-want +got):\n%s", diff)
	}
}

func TestLive(t *testing.T) {
	var events []protocol.Event
	for i := range int64(300) {
		events = append(events, touch(i%2, i, i))
	}
	events = append(events, touch(0, 0, 290), touch(7, 5, 299))
	splits := protocol.Live(events, protocol.Test)
	if len(splits) != 2 {
		t.Fatalf("%d blocks, want 2 for the 61 first touches of the window", len(splits))
	}
	// 302 rows: the window opens at row 241, second 241; the first block holds 241 to 290.
	if got := len(splits[1].Train); got != 292 {
		t.Errorf("second block learns from %d events, want the 292 before second 291", got)
	}
	l := splits[0].Lists[0]
	if l.User != 1 || l.Now != 241_000 || len(l.History) != 120 || l.Relevant[0] != 241 || l.CreatedBefore != 241_001 {
		t.Errorf("first list = %+v, want user 1 at second 241 with 120 touches behind", l)
	}
	if got := splits[1].Cold; len(got) != 1 || got[0].User != 7 {
		t.Errorf("cold lists = %+v, want user 7's", got)
	}
}

func TestSplitmix64HoldsOutAFifth(t *testing.T) {
	var events []protocol.Event
	for i := range 10_000 {
		events = append(events, protocol.Event{User: int64(i % 10), Item: int64(i), Line: i})
	}
	for seed := range uint64(3) {
		split := protocol.Random(events, seed, protocol.Test)
		if held := 10_000 - len(split.Train); held < 1900 || held > 2100 {
			t.Errorf("seed %d holds out %d of 10,000, want about a fifth", seed, held)
		}
	}
}

func TestRandomAsksOnlyForWhatTrainingLacks(t *testing.T) {
	var events []protocol.Event
	for i := range 100 {
		events = append(events, protocol.Event{User: 1, Item: int64(i % 10), At: int64(i), Line: i})
	}
	for _, l := range protocol.Random(events, 0, protocol.Test).Lists {
		for _, touched := range l.History {
			if slices.Contains(l.Relevant, touched.Item) {
				t.Errorf("item %d is both known and relevant", touched.Item)
			}
		}
	}
}

func TestCandidates(t *testing.T) {
	l := protocol.List{History: []protocol.Touch{{Item: 2}}, CreatedBefore: 50}
	items := []protocol.Item{{ID: 1, CreatedAt: 49}, {ID: 2, CreatedAt: 1}, {ID: 3, CreatedAt: 50}, {ID: 4, CreatedAt: -5}}
	if diff := gocmp.Diff([]int64{1, 4}, l.Candidates(items)); diff != "" {
		t.Errorf("candidates (-want +got):\n%s", diff)
	}
}

// protocols are all of them, on one set of events.
func protocols(events []protocol.Event, items []protocol.Item, part protocol.Part) map[string][]protocol.Split {
	return map[string][]protocol.Split{
		"time-split": protocol.TimeSplit(events, items, part),
		"live":       protocol.Live(events, part),
		"leave-last": {protocol.LeaveLast(events, part)},
		"last-fifth": {protocol.LastFifth(events, part)},
		"random":     {protocol.Random(events, 1, part)},
	}
}

// town returns random events of 12 users with 40 items, repeats and equal times included.
func town(seed uint64, n int) ([]protocol.Event, []protocol.Item) {
	random := rand.New(rand.NewPCG(seed, 0))
	items := make([]protocol.Item, 40)
	for i := range items {
		items[i] = protocol.Item{ID: int64(i), CreatedAt: int64(random.IntN(300))}
	}
	events := make([]protocol.Event, n)
	for i := range events {
		events[i] = protocol.Event{
			User: int64(random.IntN(12)), Item: int64(random.IntN(40)), At: int64(random.IntN(300)),
			Kind: random.IntN(4), Value: float64(random.IntN(2)), Line: i,
		}
	}
	return events, items
}

// TestNoListLeaks holds every protocol to its promises on random events: what is relevant is
// neither known to the models nor to the user's history, and in the protocols of time no model
// learns from the list's own moment on.
func TestNoListLeaks(t *testing.T) {
	for seed := range uint64(40) {
		events, items := town(seed, 200)
		for _, part := range []protocol.Part{protocol.Test, protocol.Validation} {
			for name, splits := range protocols(events, items, part) {
				for _, s := range splits {
					learnt := make(map[[2]int64]bool)
					for _, e := range s.Train {
						learnt[[2]int64{e.User, e.Item}] = true
					}
					for _, l := range append(slices.Clone(s.Lists), s.Cold...) {
						checkList(t, name, s, l, learnt)
					}
				}
			}
		}
	}
}

func checkList(t *testing.T, name string, s protocol.Split, l protocol.List, learnt map[[2]int64]bool) {
	t.Helper()
	if len(l.Relevant) == 0 || !slices.IsSorted(l.Relevant) {
		t.Errorf("%s: relevant = %v, want some, ascending", name, l.Relevant)
	}
	for _, id := range l.Relevant {
		if learnt[[2]int64{l.User, id}] {
			t.Errorf("%s: models learnt from user %d's relevant item %d", name, l.User, id)
		}
		if slices.ContainsFunc(l.History, func(h protocol.Touch) bool { return h.Item == id }) {
			t.Errorf("%s: user %d's relevant item %d is in the history", name, l.User, id)
		}
	}
	for _, h := range l.History {
		if h.At >= l.Now {
			t.Errorf("%s: history of user %d reaches to %d, now is %d", name, l.User, h.At, l.Now)
		}
	}
	for _, e := range s.Train {
		if e.At >= l.Now {
			t.Errorf("%s: models learn from time %d, now is %d", name, e.At, l.Now)
		}
	}
}

// TestValidationStaysInsideTraining says that whatever Validation asks about or learns from was
// in the training part of Test.
func TestValidationStaysInsideTraining(t *testing.T) {
	for seed := range uint64(20) {
		events, items := town(seed, 200)
		test, validation := protocols(events, items, protocol.Test), protocols(events, items, protocol.Validation)
		for name, splits := range validation {
			known := make(map[[2]int64]bool)
			for _, e := range test[name][0].Train {
				known[[2]int64{e.User, e.Item}] = true
			}
			for _, s := range splits {
				for _, e := range s.Train {
					if !known[[2]int64{e.User, e.Item}] {
						t.Errorf("%s: validation learns from %+v, which test training lacks", name, e)
					}
				}
				for _, l := range s.Lists {
					for _, id := range l.Relevant {
						if !known[[2]int64{l.User, id}] {
							t.Errorf("%s: validation asks user %d for %d, which test training lacks", name, l.User, id)
						}
					}
				}
			}
		}
	}
}

// TestInputOrderDoesNotMatter shuffles the events, which must not be reordered themselves.
func TestInputOrderDoesNotMatter(t *testing.T) {
	events, items := town(1, 200)
	want := protocols(events, items, protocol.Test)
	random := rand.New(rand.NewPCG(7, 7))
	random.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
	shuffled := slices.Clone(events)
	if diff := gocmp.Diff(want, protocols(events, items, protocol.Test)); diff != "" {
		t.Errorf("splits of shuffled events (-want +got):\n%s", diff)
	}
	if diff := gocmp.Diff(shuffled, events); diff != "" {
		t.Errorf("the input was changed (-want +got):\n%s", diff)
	}
	slices.SortFunc(items, func(a, b protocol.Item) int { return cmp.Compare(b.ID, a.ID) })
	if diff := gocmp.Diff(want, protocols(events, items, protocol.Test)); diff != "" {
		t.Errorf("splits with items reversed (-want +got):\n%s", diff)
	}
}

func TestNoEventsGiveNoLists(t *testing.T) {
	for name, splits := range protocols(nil, nil, protocol.Test) {
		for _, s := range splits {
			if len(s.Lists)+len(s.Cold)+len(s.Train) > 0 {
				t.Errorf("%s: %+v from no events", name, s)
			}
		}
	}
}
