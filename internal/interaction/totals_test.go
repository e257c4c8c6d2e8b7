package interaction

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// logOf returns a log of events, each with the row of its place and users told apart by user.
func logOf(events ...userEvent) *Log {
	l := new(Log)
	for i, e := range events {
		e.Row = int64(i + 1)
		l.Put(e.user, e.Event, false)
	}
	return l
}

type userEvent struct {
	user int64
	Event
}

func did(user int64, kind Kind, post int32, value int8) userEvent {
	return userEvent{user, Event{Kind: kind, PostID: post, Value: value}}
}

func synced(e userEvent) userEvent {
	e.Synced = true
	return e
}

func TestPull(t *testing.T) {
	scale := RatingScale{Mean: 20, Deviation: 10}
	tests := map[string]struct {
		events []userEvent
		want   float64
	}{
		"nothing":                      {nil, 0},
		"one view":                     {[]userEvent{did(1, View, 9, 100)}, 1}, // its value is not counted
		"view, like, inspire":          {[]userEvent{did(1, View, 9, NoValue), did(2, Like, 9, NoValue), did(3, Inspire, 9, NoValue)}, 8},
		"share, bookmark":              {[]userEvent{did(1, Share, 9, NoValue), did(1, Bookmark, 9, NoValue)}, 7},
		"a mean rating":                {[]userEvent{did(1, Rating, 9, 20)}, 2},
		"two ratings":                  {[]userEvent{did(1, Rating, 9, 35), did(2, Rating, 9, 25)}, 8}, // 2·2 + 2·(1.5+.5)
		"a low rating":                 {[]userEvent{did(1, Rating, 9, 15)}, 1},
		"skips alone are not negative": {[]userEvent{did(1, Skip, 9, NoValue), did(2, Skip, 9, NoValue)}, 0},
		"a skip takes a view away":     {[]userEvent{did(1, View, 9, NoValue), did(2, View, 9, NoValue), did(3, Skip, 9, NoValue)}, 1},
		"no opinion":                   {[]userEvent{did(1, Follow, 9, NoValue), did(1, Hide, 9, NoValue), did(1, Impression, 9, NoValue)}, 0},
		"other posts":                  {[]userEvent{did(1, Like, 8, NoValue)}, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			totals := logOf(test.events...).Totals(9)
			if got := totals.Pull(scale); math.Abs(got-test.want) > 1e-12 {
				t.Errorf("Pull = %g, want %g", got, test.want)
			}
		})
	}
}

func TestMeanPull(t *testing.T) {
	tests := map[string]struct {
		events []userEvent
		want   float64
	}{
		"empty log":         {nil, 0},
		"one post":          {[]userEvent{did(1, Like, 9, NoValue)}, 3},
		"two posts":         {[]userEvent{did(1, Like, 9, NoValue), did(1, View, 8, NoValue)}, 2},
		"ratings even out":  {[]userEvent{did(1, Rating, 9, 90), did(1, Rating, 8, 10)}, 2},
		"touched, no pull":  {[]userEvent{did(1, Like, 9, NoValue), did(1, Impression, 8, NoValue), did(1, Hide, 7, NoValue)}, 1},
		"never negative":    {[]userEvent{did(1, Skip, 9, NoValue)}, 0},
		"many dislikes":     {[]userEvent{did(1, Skip, 9, NoValue), did(2, Skip, 9, NoValue), did(3, Skip, 9, NoValue), did(1, Like, 8, NoValue)}, 1.5},
		"two users, a post": {[]userEvent{did(1, Like, 9, NoValue), did(2, Like, 9, NoValue)}, 6},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := logOf(test.events...).MeanPull(); math.Abs(got-test.want) > 1e-12 {
				t.Errorf("MeanPull = %g, want %g", got, test.want)
			}
		})
	}
}

// Counters shown add what upstream does not count yet: an event and its synced twin are one.
func TestUnsent(t *testing.T) {
	like := func(user int64) userEvent { return did(user, Like, 9, NoValue) }
	tests := map[string]struct {
		events []userEvent
		want   int32
	}{
		"nothing":                     {nil, 0},
		"local":                       {[]userEvent{like(1)}, 1},
		"two users":                   {[]userEvent{like(1), like(2)}, 2},
		"synced":                      {[]userEvent{synced(like(1))}, 0},
		"local, then its twin":        {[]userEvent{like(1), synced(like(1))}, 0},
		"twin first":                  {[]userEvent{synced(like(1)), like(1)}, 0},
		"another user's is no twin":   {[]userEvent{like(1), synced(like(2))}, 1},
		"another kind is no twin":     {[]userEvent{like(1), synced(did(1, View, 9, NoValue))}, 1},
		"another post's is no twin":   {[]userEvent{like(1), synced(did(1, Like, 8, NoValue))}, 1},
		"two local ones, then a twin": {[]userEvent{like(1), like(1), synced(like(1))}, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := logOf(test.events...).Totals(9).Unsent[Like]; got != test.want {
				t.Errorf("Unsent = %d, want %d", got, test.want)
			}
		})
	}
}

// A twin that is taken out, or turns out to be local, makes the other one count again.
func TestUnsentFollowsTheTwin(t *testing.T) {
	l := logOf(did(1, Like, 9, NoValue), synced(did(1, Like, 9, NoValue)))
	twin := Event{Row: 2, Kind: Like, PostID: 9, Value: NoValue, Synced: true}
	var got []int32
	see := func() { got = append(got, l.Totals(9).Unsent[Like]) }
	see()
	l.Put(1, twin, true)
	see()
	l.Put(1, twin, false)
	see()
	twin.PostID = 8
	l.Put(1, twin, false)
	see()
	l.Forget(1)
	see()
	if diff := cmp.Diff([]int32{0, 1, 0, 1, 0}, got); diff != "" {
		t.Errorf("unsent likes (-want +got):\n%s", diff)
	}
}
