// Package protocol builds the lists by which recommendation quality is measured: what a model
// may learn from, and for each list who asks, what is known of them, what may be shown and
// what was relevant.
//
// Everything is pure: plain events in, splits out, the same ones whatever the order of the
// input. No event that a split's models may not know is in its Train, and no touch that a
// list's user had not made is in its History. A relevant item is a first touch of any kind.
//
// Give the functions touches of items that exist, and nothing else: a skip or an impression
// among the events would become something to recommend.
package protocol

import (
	"cmp"
	"math"
	"slices"
)

// Event is one thing a user did with an item.
type Event struct {
	User, Item int64   // ids; ties go by them
	At         int64   // Unix milliseconds
	Kind       int     // only orders events that are equal otherwise
	Value      float64 // orders events like Kind
	Line       int     // 0-based line of interactions.jsonl; only Random reads it
}

// Touch is a user's first event with an item, of any kind.
type Touch struct {
	Item int64
	At   int64 // Unix milliseconds
}

// Item is what the candidate rules need to know of an item.
type Item struct {
	ID        int64
	CreatedAt int64 // Unix milliseconds
}

// Part says which lists a protocol builds. LeaveLast, LastFifth and Random can cut further
// back than Validation, as Part 3 and on, each inside the training part of the one before;
// TimeSplit and Live build their validation lists for every Part but Test.
type Part int

// The parts. Weights and hyperparameters are chosen on Validation; Test is for the last look.
const (
	Test Part = iota + 1
	Validation
)

// Split is a training part and the lists that models of it are measured on.
type Split struct {
	Train []Event // by (At, User, Item, Kind, Value)
	Lists []List  // of users with history
	Cold  []List  // of users without any; only TimeSplit and Live have such
}

// List is one request and what was relevant to it.
type List struct {
	User     int64
	History  []Touch // by (At, Item), oldest first; these items are never candidates
	Relevant []int64 // ascending, never empty
	Now      int64   // the moment of the request, Unix milliseconds
	// CreatedBefore bounds the candidates: created earlier than this, Unix milliseconds;
	// math.MaxInt64 where the protocol sets no bound.
	CreatedBefore int64
}

// Candidates returns the ids among items that the list may show, in the order of items.
func (l List) Candidates(items []Item) []int64 {
	seen := make(map[int64]bool, len(l.History))
	for _, t := range l.History {
		seen[t.Item] = true
	}
	open := make([]int64, 0, len(items))
	for _, it := range items {
		if it.CreatedAt < l.CreatedBefore && !seen[it.ID] {
			open = append(open, it.ID)
		}
	}
	return open
}

// unbounded is the CreatedBefore of a protocol whose candidates may be of any age.
const unbounded = math.MaxInt64

// second is what is added to the latest training time to make "now".
const second = 1000

// pair is a user's touch of an item, for sets.
type pair struct{ user, item int64 }

// visit is a first touch with its user.
type visit struct {
	user int64
	Touch
}

// sorted returns events in their order of time, without touching the input.
func sorted(events []Event) []Event {
	events = slices.Clone(events)
	slices.SortFunc(events, func(a, b Event) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.User, b.User), cmp.Compare(a.Item, b.Item),
			cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Value, b.Value), cmp.Compare(a.Line, b.Line))
	})
	return events
}

// firstTouches returns the first event of each user with each item, by (At, user, item);
// events must be sorted.
func firstTouches(events []Event) []visit {
	known := make(map[pair]bool, len(events))
	var visits []visit
	for _, e := range events {
		if p := (pair{e.User, e.Item}); !known[p] {
			known[p] = true
			visits = append(visits, visit{e.User, Touch{e.Item, e.At}})
		}
	}
	return visits
}

// sequences groups visits by user, keeping their order: each user's touches by (At, Item).
func sequences(visits []visit) map[int64][]Touch {
	byUser := make(map[int64][]Touch)
	for _, v := range visits {
		byUser[v.user] = append(byUser[v.user], v.Touch)
	}
	return byUser
}

// users returns the keys of byUser, ascending.
func users[V any](byUser map[int64]V) []int64 {
	ids := make([]int64, 0, len(byUser))
	for u := range byUser {
		ids = append(ids, u)
	}
	slices.Sort(ids)
	return ids
}

// before returns how many of the sorted events are earlier than at.
func before(events []Event, at int64) int {
	n, _ := slices.BinarySearchFunc(events, at, func(e Event, at int64) int {
		if e.At < at {
			return -1
		}
		return 1
	})
	return n
}
