package demo

import (
	"time"

	"resonance/internal/interaction"
)

// liking returns how well the viewer takes post i, 0..100.
func (w *visitor) liking(i int) int64 {
	liking := int64(20)
	if weight := w.tastes[w.category[i]]; weight > 0 {
		liking = 48 + 4*weight
	}
	if w.favourites[w.posts[i].Owner.Username] {
		liking += 12
	}
	return clamp(liking+2*w.appeal[i]-6+w.between(-18, 18), 0, 100)
}

// react watches post i, or skips it, and logs what the viewer does about it. It returns when
// they are ready for the next.
func (w *visitor) react(i int, liking int64, now time.Time) time.Time {
	at := func(from, to int64) time.Time {
		now = now.Add(time.Duration(w.between(from*1000, to*1000)) * time.Millisecond)
		return now
	}
	if liking < 40 && w.chance(55-liking) {
		w.record(i, interaction.Skip, interaction.NoValue, at(1, 5))
		return at(1, 3)
	}
	percent := clamp(liking+w.between(-25, 35), 3, 100)
	seconds := w.between(15, 90) * percent / 100
	w.record(i, interaction.View, int(percent), at(seconds, seconds+2))

	author := w.posts[i].Owner.Username
	follow := (liking - 70) / 5
	if w.favourites[author] {
		follow = liking / 4
	}
	for _, may := range []struct {
		kind    interaction.Kind
		percent int64
	}{
		{interaction.Like, (liking - 40) * 4 / 5},
		{interaction.Inspire, (liking - 65) / 2},
		{interaction.Rating, 12},
		{interaction.Bookmark, (liking - 60) / 4},
		{interaction.Share, (liking - 65) / 5},
		{interaction.Follow, follow},
	} {
		if !w.chance(may.percent) || may.kind == interaction.Follow && w.followed[author] {
			continue
		}
		value := interaction.NoValue
		if may.kind == interaction.Rating {
			value = int(clamp(liking+w.between(-20, 5), 1, 100))
		}
		w.record(i, may.kind, value, at(1, 8))
	}
	return at(2, 20)
}

// record logs an event unless the viewer has left all of theirs.
func (w *visitor) record(i int, kind interaction.Kind, value int, at time.Time) {
	if len(w.log) == w.events {
		return
	}
	if kind == interaction.Follow {
		w.followed[w.posts[i].Owner.Username] = true
	}
	w.log = append(w.log, interaction.Interaction{Username: w.Username, PostID: w.posts[i].ID, Kind: kind, Value: value, At: at})
}

func clamp(n, lo, hi int64) int64 { return min(max(n, lo), hi) }
