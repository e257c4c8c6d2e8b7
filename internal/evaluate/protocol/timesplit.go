package protocol

import "slices"

// TimeSplit is S1R, the rolling time split. For every cut q, the q quantile of the events'
// rows by time, models learn from what came before and each user's first touches in the next
// 5 % of the rows are relevant, of items created before the cut; these are the candidates too.
// Test cuts at .80, .85, .90 and .95, the last window open; Validation at .40 to .75 by .05,
// none reaching into the test windows. One split a cut, lists by user.
func TimeSplit(events []Event, items []Item, part Part) []Split {
	if part == Test {
		return Windows(events, items, 80, 95, 5)
	}
	return Windows(events, items, 40, 75, 5)
}

// Windows is TimeSplit with cuts at the percentiles from, from + step, .. to of the events' rows, and
// windows as wide as a step.
func Windows(events []Event, items []Item, from, to, step int) []Split {
	events = sorted(events)
	if len(events) == 0 {
		return nil
	}
	created := make(map[int64]int64, len(items))
	for _, it := range items {
		created[it.ID] = it.CreatedAt
	}
	var splits []Split
	for percent := from; percent <= to; percent += step {
		cut := events[before(events, quantile(events, percent)):]
		train := events[:len(events)-len(cut)]
		if percent+step < 100 {
			cut = cut[:before(cut, quantile(events, percent+step))]
		}
		splits = append(splits, window(train, cut, created, quantile(events, percent)))
	}
	return splits
}

// quantile is the time of the sorted event that stands percent of the way through the rows.
func quantile(events []Event, percent int) int64 {
	return events[percent*len(events)/100].At
}

// window makes the split of models that know train and are asked at the moment now what their
// users will touch in later.
func window(train, later []Event, created map[int64]int64, now int64) Split {
	histories := sequences(firstTouches(train))
	known := make(map[pair]bool)
	for u, touches := range histories {
		for _, t := range touches {
			known[pair{u, t.Item}] = true
		}
	}
	relevant := make(map[int64][]int64)
	for _, v := range firstTouches(later) {
		if at, exists := created[v.Item]; exists && at < now && !known[pair{v.user, v.Item}] {
			relevant[v.user] = append(relevant[v.user], v.Item)
		}
	}
	split := Split{Train: train}
	for _, u := range users(relevant) {
		slices.Sort(relevant[u])
		l := List{User: u, History: histories[u], Relevant: relevant[u], Now: now, CreatedBefore: now}
		split.add(l)
	}
	return split
}

// add files a list under Lists, or Cold when its user has no history.
func (s *Split) add(l List) {
	if len(l.History) == 0 {
		s.Cold = append(s.Cold, l)
		return
	}
	s.Lists = append(s.Lists, l)
}
