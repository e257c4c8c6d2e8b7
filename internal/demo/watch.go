package demo

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
)

// How the viewers behave, in whole numbers:
//
// Each comes in sittings of about eventsPerSitting events, spread from their first visit to
// their last, more of them lately. A sitting is a walk over posts that are out and not yet seen.
// The first is drawn in proportion to
//
//	taste · appeal · newness · (3 for a favourite author, else 1)
//
// where taste is 20 a unit of weight, and 3 for a category that is none of theirs. Who lands in
// the middle of a series (what an author posts under one first tag) often starts it from the
// beginning. From a post they enjoyed they go on to the next of its series half of the time if
// there is one, or to something akin in the same category; a quarter of the time, and from a
// post they did not enjoy, it is a fresh draw. So what follows what can be learnt, and so can who
// likes what.
//
// How they take a post is one number, liking, 0..100, from taste, author, appeal and chance; how
// much they watch and what they do about it follow from it.
const (
	eventsPerSitting = 10
	tasteUnit        = 20
	otherTaste       = 3
	startOverPercent = 40 // from the middle of a series to its first open part
	goOnPercent      = 50 // from an enjoyed post to the next of its series
	akinPercent      = 25 // from an enjoyed post to something akin, series or not
	enjoyed          = 50 // liking from which a post counts as enjoyed
)

// closing is how long before the store's creation everybody has stopped watching.
const closing = 4 * time.Minute

// watchAll plays out everybody's interactions, in the order of their times.
func watchAll(viewers []viewer, posts []catalog.Post, created time.Time) []interaction.Interaction {
	shelf := newShelf(posts)
	var all []interaction.Interaction
	for _, v := range viewers {
		all = append(all, watch(v, shelf, created)...)
	}
	slices.SortFunc(all, func(a, b interaction.Interaction) int {
		return cmp.Or(a.At.Compare(b.At), strings.Compare(a.Username, b.Username),
			cmp.Compare(a.PostID, b.PostID), cmp.Compare(a.Kind, b.Kind))
	})
	return all
}

// visitor is a viewer while they watch.
type visitor struct {
	viewer
	*shelf
	dice
	seen     []bool // by index of post
	followed map[string]bool
	log      []interaction.Interaction
}

func watch(v viewer, s *shelf, created time.Time) []interaction.Interaction {
	if v.events == 0 {
		return nil
	}
	w := &visitor{viewer: v, shelf: s, dice: newDice("viewer", v.Username), seen: make([]bool, len(s.posts)), followed: map[string]bool{}}
	end := created.Add(-closing)
	now := created.Add(-v.first)
	ages := w.sittings()
	for i, age := range ages {
		if start := created.Add(-age); start.After(now) {
			now = start
		}
		now = w.sit(now, end, v.events*(i+1)/len(ages)).Add(10 * time.Minute)
	}
	return w.log
}

// sittings draws when the viewer sits down, as times before the store's creation, longest ago
// first; the first and the last visit are always among them.
func (w *visitor) sittings() []time.Duration {
	ages := []time.Duration{w.last}
	for n := w.events / eventsPerSitting; n > 0; n-- {
		span := int64(w.first-w.last)/int64(time.Millisecond) + 1
		age := min(w.below(span), w.below(span))
		ages = append(ages, w.last+time.Duration(age)*time.Millisecond)
	}
	slices.Sort(ages)
	slices.Reverse(ages)
	if len(ages) > 1 {
		ages[0] = w.first
	}
	return ages
}

// sit watches until the log holds quota events, nothing is left to see, or end comes. It returns
// when the viewer gets up.
func (w *visitor) sit(now, end time.Time, quota int) time.Time {
	last, liked := -1, false
	for len(w.log) < quota && now.Before(end) {
		i := w.choose(last, liked, now)
		if i < 0 {
			break
		}
		w.seen[i] = true
		liking := w.liking(i)
		now = w.react(i, liking, now)
		last, liked = i, liking >= enjoyed
	}
	return now
}

// choose returns the index of the post to watch next, or -1 when there is none.
func (w *visitor) choose(last int, liked bool, now time.Time) int {
	if last >= 0 && liked {
		roll := w.below(100)
		if roll < goOnPercent {
			if next := w.goOn(last, now); next >= 0 {
				return next
			}
		}
		if roll < goOnPercent+akinPercent {
			if next := w.pick(w.weigh(now, func(i int) int64 { return w.akin(last, i) })); next >= 0 {
				return next
			}
		}
	}
	next := w.pick(w.weigh(now, w.pull(now)))
	if next >= 0 && w.chance(startOverPercent) {
		next = w.startOver(next, now)
	}
	return next
}

// weigh returns the weight of every post that the viewer may see now; of the others, 0.
func (w *visitor) weigh(now time.Time, weight func(i int) int64) []int64 {
	weights := make([]int64, len(w.posts))
	for i := range w.posts {
		if w.open(i, now) {
			weights[i] = weight(i)
		}
	}
	return weights
}

// open reports whether post i is out, unseen and somebody else's.
func (w *visitor) open(i int, now time.Time) bool {
	return !w.seen[i] && w.posts[i].Owner.Username != w.Username && w.posts[i].CreatedAt.Before(now)
}

// goOn returns the next open post of the series that i belongs to, or -1.
func (w *visitor) goOn(i int, now time.Time) int {
	next := w.after[i]
	for next >= 0 && !w.open(next, now) {
		next = w.after[next]
	}
	return next
}

// startOver returns the first open post of the series that i, open itself, belongs to.
func (w *visitor) startOver(i int, now time.Time) int {
	first := i
	for part := w.before[i]; part >= 0; part = w.before[part] {
		if w.open(part, now) {
			first = part
		}
	}
	return first
}

// akin weighs post i by the tags and keywords it shares with the last one, within a category.
func (w *visitor) akin(last, i int) int64 {
	if w.category[i] != w.category[last] {
		return 0
	}
	a, b := w.posts[last], w.posts[i]
	return 1 + 5*common(a.Tags, b.Tags) + 5*common(a.Keywords, b.Keywords)
}

// pull returns the weight of a fresh draw.
func (w *visitor) pull(now time.Time) func(i int) int64 {
	return func(i int) int64 {
		taste := int64(otherTaste)
		if weight := w.tastes[w.category[i]]; weight > 0 {
			taste = tasteUnit * weight
		}
		if w.favourites[w.posts[i].Owner.Username] {
			taste *= 3
		}
		return taste * w.appeal[i] * newness(now.Sub(w.posts[i].CreatedAt))
	}
}

func newness(age time.Duration) int64 {
	const day = 24 * time.Hour
	switch {
	case age < 2*day:
		return 6
	case age < 7*day:
		return 4
	case age < 21*day:
		return 2
	}
	return 1
}
