package interaction

import (
	"cmp"
	"iter"
	"maps"
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
// use while Put, Name or Forget runs. The zero value is empty and ready.
type Log struct {
	users  map[int64]History
	owners map[int64]int64 // users by row
	byName map[string]int64
	names  map[int64]string
	totals map[int32]*Totals

	everything Totals // over all posts
	touched    int    // posts with an event
	newest     int64  // epoch milliseconds
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
}

// Put adds an event, or replaces the event of the same row, whosever that was; of one that is
// gone only the row counts, and the event is taken out. It returns the user and the event that
// had the row before, 0 for none.
func (l *Log) Put(userID int64, event Event, gone bool) (owner int64, old Event) {
	owner, known := l.owners[event.Row]
	if known {
		sameRow := func(e Event) bool { return e.Row == event.Row }
		old = l.remove(owner, slices.IndexFunc(l.users[owner], sameRow))
	}
	if !gone {
		l.insert(userID, event)
	}
	return owner, old
}

func (l *Log) insert(userID int64, event Event) {
	if l.users == nil {
		l.users, l.owners, l.totals = map[int64]History{}, map[int64]int64{}, map[int32]*Totals{}
	}
	l.owners[event.Row] = userID
	history := l.users[userID]
	unsent := history.unsent(event.PostID, event.Kind)
	i, _ := slices.BinarySearchFunc(history, event, compareEvents)
	history = slices.Insert(history, i, event)
	l.users[userID] = history
	l.count(event, 1, history.unsent(event.PostID, event.Kind)-unsent)
	if l.Events() == 1 || event.At > l.newest {
		l.newest = event.At
	}
}

func (l *Log) remove(userID int64, i int) Event {
	history := l.users[userID]
	event := history[i]
	delete(l.owners, event.Row)
	unsent := history.unsent(event.PostID, event.Kind)
	history = slices.Delete(history, i, i+1)
	if l.users[userID] = history; len(history) == 0 {
		delete(l.users, userID)
	}
	l.count(event, -1, history.unsent(event.PostID, event.Kind)-unsent)
	if event.At == l.newest {
		l.findNewest()
	}
	return event
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

// Of returns what the user with this id did, as History does.
func (l *Log) Of(userID int64) History { return l.users[userID] }

// Users returns the ids of the users with an event, in no order that means something.
func (l *Log) Users() iter.Seq[int64] { return maps.Keys(l.users) }

// Posts returns the ids of the posts with an event, in no order that means something.
func (l *Log) Posts() iter.Seq[int64] {
	return func(yield func(int64) bool) {
		for id := range l.totals {
			if !yield(int64(id)) {
				return
			}
		}
	}
}

// Events returns how many events the log holds.
func (l *Log) Events() int { return len(l.owners) }

// Newest returns the time of the newest event in epoch milliseconds, or catalog.Never.
func (l *Log) Newest() int64 {
	if l.Events() == 0 {
		return catalog.Never
	}
	return l.newest
}

// UserID returns the id of the user called username, if there is one.
func (l *Log) UserID(username string) (int64, bool) {
	id, ok := l.byName[username]
	return id, ok
}

// Busiest returns the username of the user with the most events, of several the first by name;
// "" when no user has both a name and an event.
func (l *Log) Busiest() string {
	best, most := "", 0
	for id, name := range l.names {
		if n := len(l.users[id]); n > most || n == most && n > 0 && name < best {
			best, most = name, n
		}
	}
	return best
}
