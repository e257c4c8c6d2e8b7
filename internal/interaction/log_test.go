package interaction

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"resonance/internal/catalog"
)

func TestZeroLogIsEmpty(t *testing.T) {
	var l Log
	l.Forget(1)
	l.Put(1, Event{Row: 3, Kind: Like, PostID: 2}, true)
	if l.Events() != 0 || l.Newest() != catalog.Never || l.MeanPull() != 0 || len(l.History("")) != 0 || len(l.History("ann")) != 0 {
		t.Errorf("Events %d, Newest %d, MeanPull %g", l.Events(), l.Newest(), l.MeanPull())
	}
	if diff := cmp.Diff(RatingScale{Mean: 50, Deviation: 5}, l.RatingScale()); diff != "" {
		t.Errorf("RatingScale (-want +got):\n%s", diff)
	}
}

func TestHistoryIsOldestFirst(t *testing.T) {
	var l Log
	l.Name(7, "ann")
	at := func(row, at int64, post int32, kind Kind) Event {
		return Event{Row: row, At: at, PostID: post, Kind: kind}
	}
	want := History{
		at(6, math.MinInt64, 1, View), at(5, -1, 1, View), at(4, 0, 1, View), at(8, 0, 1, Like), at(9, 0, 1, Like),
		at(3, 0, 2, View), at(2, 1, 1, View), at(1, math.MaxInt64, math.MaxInt32, View),
	}
	for _, i := range []int{7, 3, 0, 5, 4, 2, 6, 1} {
		l.Put(7, want[i], false)
	}
	if diff := cmp.Diff(want, l.History("ann")); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	if l.Newest() != math.MaxInt64 {
		t.Errorf("Newest() = %d", l.Newest())
	}
}

func TestPutReplacesTheSameRow(t *testing.T) {
	var l Log
	l.Name(1, "ann")
	l.Put(1, Event{Row: 5, At: 100, PostID: 9, Kind: Rating, Value: 80}, false)
	l.Put(1, Event{Row: 6, At: 50, PostID: 9, Kind: View, Value: NoValue}, false)
	changed := Event{Row: 5, At: 10, PostID: 8, Kind: Rating, Value: 20}
	l.Put(1, changed, false)
	l.Put(1, changed, false)
	want := History{changed, {Row: 6, At: 50, PostID: 9, Kind: View, Value: NoValue}}
	if diff := cmp.Diff(want, l.History("ann")); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	if l.Events() != 2 || l.Newest() != 50 || l.RatingScale().Mean != 20 || l.Totals(9).Events[Rating] != 0 || l.Totals(8).RatingSum != 20 {
		t.Errorf("Events %d, Newest %d, scale %+v", l.Events(), l.Newest(), l.RatingScale())
	}
}

func TestNames(t *testing.T) {
	one, two := Event{Row: 1, PostID: 1, Kind: View}, Event{Row: 2, PostID: 2, Kind: View}
	tests := map[string]struct {
		do   func(*Log)
		want map[string]History
	}{
		"unnamed":         {func(*Log) {}, map[string]History{"": nil, "ann": nil}},
		"named later":     {func(l *Log) { l.Name(1, "ann") }, map[string]History{"ann": {one}}},
		"renamed":         {func(l *Log) { l.Name(1, "ann"); l.Name(1, "bob") }, map[string]History{"ann": nil, "bob": {one}}},
		"the same twice":  {func(l *Log) { l.Name(1, "ann"); l.Name(1, "ann") }, map[string]History{"ann": {one}}},
		"name taken away": {func(l *Log) { l.Name(1, "ann"); l.Name(1, "") }, map[string]History{"ann": nil, "": nil}},
		"names swapped": {
			func(l *Log) { l.Name(1, "ann"); l.Name(2, "bob"); l.Name(1, "bob"); l.Name(2, "ann") },
			map[string]History{"ann": {two}, "bob": {one}},
		},
		"name passed on, first owner leaves after": {
			func(l *Log) { l.Name(1, "ann"); l.Name(2, "ann"); l.Forget(1) },
			map[string]History{"ann": {two}},
		},
		"name passed on, first owner leaves before": {
			func(l *Log) { l.Name(1, "ann"); l.Forget(1); l.Name(2, "ann") },
			map[string]History{"ann": {two}},
		},
		"forgotten": {func(l *Log) { l.Name(1, "ann"); l.Forget(1) }, map[string]History{"ann": nil}},
		"odd names": {func(l *Log) { l.Name(1, "\xff\x00"); l.Name(2, "42") }, map[string]History{"\xff\x00": {one}, "42": {two}, "\xff": nil}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var l Log
			l.Put(1, one, false)
			l.Put(2, two, false)
			test.do(&l)
			for username, want := range test.want {
				if diff := cmp.Diff(want, l.History(username), cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("History(%q) (-want +got):\n%s", username, diff)
				}
			}
		})
	}
}

// When upstream names a local user, or a key comes back with another username, the row of an
// event stays and its user changes.
func TestEventMovesToAnotherUser(t *testing.T) {
	event := Event{Row: 4, At: 7, PostID: 3, Kind: Like}
	for name, leaves := range map[string]bool{"the first user leaves": true, "the first user stays": false} {
		t.Run(name, func(t *testing.T) {
			var l Log
			l.Put(catalog.LocalUserID, event, false)
			if leaves {
				l.Forget(catalog.LocalUserID)
			}
			l.Put(12, event, false)
			l.Name(catalog.LocalUserID, "local")
			l.Name(12, "ann")
			if diff := cmp.Diff(History{event}, l.History("ann")); diff != "" || len(l.History("local")) != 0 {
				t.Errorf("%v stays behind; history (-want +got):\n%s", l.History("local"), diff)
			}
			if l.Events() != 1 || l.Totals(3).Events[Like] != 1 {
				t.Errorf("Events %d, totals %+v", l.Events(), l.Totals(3))
			}
		})
	}
}

// A mark of removal says which row has gone, and nothing else.
func TestRemovalNeedsTheRowOnly(t *testing.T) {
	var l Log
	l.Name(1, "ann")
	l.Put(1, Event{Row: 4, At: 7, PostID: 3, Kind: Like}, false)
	l.Put(0, Event{Row: 4, Value: NoValue}, true)
	l.Put(0, Event{Row: 5, Value: NoValue}, true) // never heard of
	if len(l.History("ann")) != 0 || l.Events() != 0 || l.Totals(3).Events[Like] != 0 || l.Newest() != catalog.Never {
		t.Errorf("left: %v, Events %d, totals %+v, Newest %d", l.History("ann"), l.Events(), l.Totals(3), l.Newest())
	}
}

func TestForgetLeavesNothing(t *testing.T) {
	var l Log
	l.Name(1, "ann")
	for row := range int64(20) {
		l.Put(1, Event{Row: row, At: row, PostID: int32(row % 3), Kind: Kinds()[row%10], Value: 7}, false)
	}
	l.Forget(1)
	if diff := cmp.Diff(new(Log), &l, equalLogs); diff != "" {
		t.Errorf("a forgotten user left something (-want +got):\n%s", diff)
	}
}
