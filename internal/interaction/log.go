package interaction

import (
	"cmp"
	"slices"

	"resonance/internal/catalog"
)

// Event is an interaction as the Log holds it.
type Event struct {
	Row    int64 // the store's number of the interaction
	At     int64 // epoch milliseconds
	PostID int32
	Kind   Kind
	Value  int8 // or NoValue
	Synced bool // upstream has sent it, so upstream's counters count it
}

// History is what one user did, oldest first; equal times order by post, then kind.
type History []Event

// Log holds every event in memory, by user and in totals by post. Totals are whole numbers, so
// that the same events give the same Log in whatever order they came. Not safe for concurrent
// use while Put, Remove or a change of users runs. The zero value is empty and ready.
type Log struct {
	users  map[int64]History
	byName map[string]int64
	names  map[int64]string
	totals map[int32]*Totals

	everything Totals // over all posts
	touched    int    // posts with an event
	events     int
	newest     int64 // epoch milliseconds
	lastRow    int64 // largest row ever put
}

// Name tells the log the username of a user; a later name replaces it.
func (l *Log) Name(userID int64, username string) {
	if l.byName == nil {
		l.byName, l.names = map[string]int64{}, map[int64]string{}
	}
	l.unname(userID)
	if username != "" {
		l.byName[username], l.names[userID] = userID, username
	}
}

func (l *Log) unname(userID int64) {
	if old, ok := l.names[userID]; ok {
		if l.byName[old] == userID {
			delete(l.byName, old)
		}
		delete(l.names, userID)
	}
}

// Forget removes a user: the name and every event.
func (l *Log) Forget(userID int64) {
	l.unname(userID)
	for history := l.users[userID]; len(history) > 0; history = l.users[userID] {
		l.remove(userID, len(history)-1)
	}
	delete(l.users, userID)
}

// Put adds an event, or replaces the event of the same row; one that is gone is taken out.
func (l *Log) Put(userID int64, event Event, gone bool) {
	if event.Row <= l.lastRow {
		sameRow := func(e Event) bool { return e.Row == event.Row }
		if i := slices.IndexFunc(l.users[userID], sameRow); i >= 0 {
			l.remove(userID, i)
		}
	}
	if !gone {
		l.insert(userID, event)
	}
}

func (l *Log) insert(userID int64, event Event) {
	if l.users == nil {
		l.users, l.totals = map[int64]History{}, map[int32]*Totals{}
	}
	l.lastRow = max(l.lastRow, event.Row)
	history := l.users[userID]
	unsent := history.unsent(event.PostID, event.Kind)
	i, _ := slices.BinarySearchFunc(history, event, compareEvents)
	history = slices.Insert(history, i, event)
	l.users[userID] = history
	l.count(event, 1, history.unsent(event.PostID, event.Kind)-unsent)
	if l.events == 1 || event.At > l.newest {
		l.newest = event.At
	}
}

func (l *Log) remove(userID int64, i int) {
	history := l.users[userID]
	event := history[i]
	unsent := history.unsent(event.PostID, event.Kind)
	history = slices.Delete(history, i, i+1)
	l.users[userID] = history
	l.count(event, -1, history.unsent(event.PostID, event.Kind)-unsent)
	if event.At == l.newest {
		l.findNewest()
	}
}

func (l *Log) findNewest() {
	l.newest = catalog.Never
	for _, history := range l.users {
		if n := len(history); n > 0 {
			l.newest = max(l.newest, history[n-1].At)
		}
	}
}

func compareEvents(a, b Event) int {
	return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.PostID, b.PostID), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Row, b.Row))
}

// History returns what the user called username did; empty for an unknown one. It is valid until
// the log changes, and the caller must not change it.
func (l *Log) History(username string) History {
	id, ok := l.byName[username]
	if !ok {
		return nil
	}
	return l.users[id]
}

// Events returns how many events the log holds.
func (l *Log) Events() int { return l.events }

// Newest returns the time of the newest event in epoch milliseconds, or catalog.Never.
func (l *Log) Newest() int64 {
	if l.events == 0 {
		return catalog.Never
	}
	return l.newest
}
