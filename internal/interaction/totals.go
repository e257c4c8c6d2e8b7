package interaction

// Totals is what all users together did with one post, in whole numbers.
type Totals struct {
	Events        [len(traits)]int32 // by Kind
	Unsent        [len(traits)]int32 // by Kind: events that upstream's counters do not count yet
	RatingSum     int64              // of the ratings' values
	ratingSquares int64
}

// Totals returns what all users did with the post; the zero Totals when nothing.
func (l *Log) Totals(postID int64) Totals {
	if t := l.totals[int32(postID)]; t != nil {
		return *t
	}
	return Totals{}
}

// Everyone returns what all users together did with all posts.
func (l *Log) Everyone() *Totals { return &l.everything }

// Liking returns how many events say that a user liked what was met.
func (t *Totals) Liking() (n int) {
	for _, kind := range []Kind{Like, Inspire, Share, Bookmark} {
		n += int(t.Events[kind])
	}
	return n
}

// RatingScale returns how everyone here rates.
func (l *Log) RatingScale() RatingScale {
	return newRatingScale(int64(l.everything.Events[Rating]), l.everything.RatingSum, l.everything.ratingSquares)
}

// Pull returns how strongly everyone's events speak for a post with these totals: the sum of
// the weights of their kinds, each rating by its distance from everyone's mean; 0 or more.
func (t *Totals) Pull(scale RatingScale) float64 {
	var pull float64
	for kind := View; kind.Valid(); kind++ {
		pull += kind.Weight() * float64(t.Events[kind])
	}
	if n := float64(t.Events[Rating]); n > 0 {
		pull += Rating.Weight() * (float64(t.RatingSum) - n*scale.Mean) / max(scale.Deviation, minDeviation)
	}
	return max(pull, 0)
}

// MeanPull returns what speaks for a post on average: the weights of all events whose kinds
// speak for a post, over the number of posts that have an event; 0 without any. Dislikes are left
// out, so that many of them on one post do not make every other look popular.
func (l *Log) MeanPull() float64 {
	if l.touched == 0 {
		return 0
	}
	var pull float64
	for kind := View; kind.Valid(); kind++ {
		pull += max(kind.Weight(), 0) * float64(l.everything.Events[kind])
	}
	return pull / float64(l.touched)
}

// count adds an event to the totals (sign 1) or takes it out (sign -1); unsent is by how much
// the user's events of this kind that upstream has not sent changed.
func (l *Log) count(event Event, sign int32, unsent int32) {
	t := l.totals[event.PostID]
	if t == nil {
		t = new(Totals)
		l.totals[event.PostID] = t
		l.touched++
	}
	t.add(event, sign, unsent)
	l.everything.add(event, sign, unsent)
	if t.Events == ([len(traits)]int32{}) {
		delete(l.totals, event.PostID)
		l.touched--
	}
}

func (t *Totals) add(event Event, sign, unsent int32) {
	t.Events[event.Kind] += sign
	t.Unsent[event.Kind] += unsent
	if event.Kind == Rating {
		t.RatingSum += int64(sign) * int64(event.Value)
		t.ratingSquares += int64(sign) * int64(event.Value) * int64(event.Value)
	}
}

// unsent returns how many of the user's events of a kind on a post upstream's counters do not
// count: none once upstream has sent one of them, for it is then the same event, and one at most
// of a kind that is a state.
func (h History) unsent(postID int32, kind Kind) int32 {
	var n int32
	for _, e := range h {
		if e.PostID == postID && e.Kind == kind {
			if e.Synced {
				return 0
			}
			n++
		}
	}
	if kind.State() {
		return min(n, 1)
	}
	return n
}
