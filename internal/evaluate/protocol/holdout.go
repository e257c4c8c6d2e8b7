package protocol

import "slices"

// LeaveLast is S2 and M2: each user's latest first-touched item is taken away with all its
// events, and is the one relevant item; among touches of one moment the larger id is later.
// Users of a single item stay in training and get no list.
// Validation takes the second last instead, and the last is gone from training too; Part n
// takes the n-th last. A user with too few items for that keeps only the first.
func LeaveLast(events []Event, part Part) Split {
	return holdOut(events, func(touches []Touch) (train, relevant []Touch) {
		n := len(touches)
		if n <= int(part) {
			return touches[:min(n, 1)], nil
		}
		return touches[:n-int(part)], touches[n-int(part) : n-int(part)+1]
	})
}

// LastFifth is M1: of each user's n first touches by (At, Item) the last max(1, n/5) are taken
// away and are relevant. Validation does it again with what is left, and so on.
func LastFifth(events []Event, part Part) Split {
	return holdOut(events, func(touches []Touch) (train, relevant []Touch) {
		train = touches
		for range part {
			cut := max(0, len(train)-max(1, len(train)/5))
			train, relevant = train[:cut], train[cut:]
		}
		return train, relevant
	})
}

// holdOut takes from every user's touches what divide keeps out of training. Users who keep a
// history and have something relevant get a list, by user; candidates are all items but those
// of the history, and now is the latest training time plus one second.
func holdOut(events []Event, divide func([]Touch) (train, relevant []Touch)) Split {
	events = sorted(events)
	histories := sequences(firstTouches(events))
	trained, relevant := make(map[pair]bool), make(map[int64][]int64)
	for u, touches := range histories {
		train, held := divide(touches)
		for _, t := range train {
			trained[pair{u, t.Item}] = true
		}
		histories[u] = train
		relevant[u] = itemsOf(held)
	}
	var split Split
	for _, e := range events {
		if trained[pair{e.User, e.Item}] {
			split.Train = append(split.Train, e)
		}
	}
	split.ask(histories, relevant)
	return split
}

// ask adds a list for every user with a history and something relevant.
func (s *Split) ask(histories map[int64][]Touch, relevant map[int64][]int64) {
	if len(s.Train) == 0 {
		return
	}
	now := s.Train[len(s.Train)-1].At + second
	for _, u := range users(relevant) {
		if len(histories[u]) > 0 && len(relevant[u]) > 0 {
			s.add(List{User: u, History: histories[u], Relevant: relevant[u], Now: now, CreatedBefore: unbounded})
		}
	}
}

// itemsOf returns the touched items, ascending.
func itemsOf(touches []Touch) []int64 {
	var items []int64
	for _, t := range touches {
		items = append(items, t.Item)
	}
	slices.Sort(items)
	return items
}
