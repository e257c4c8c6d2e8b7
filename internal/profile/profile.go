// Package profile says what a user's own events tell of the user: what was seen, liked and
// hidden, and how strongly each post speaks of the user's taste.
package profile

import (
	"cmp"
	"math"
	"slices"

	"resonance/internal/interaction"
)

// Touch is everything a user did with one post.
type Touch struct {
	PostID     int64
	FirstAt    int64   // time of the first event that is a touch (interaction.IsTouch), epoch milliseconds; counts only with Touched
	LastAt     int64   // time of the last event that made the post a seen one, epoch milliseconds
	Weight     float64 // pull on the user embedding; negative for dislike, 0 for no taste
	Touched    bool    // one of the events is a touch
	Seen       bool
	Hidden     bool
	Liked      bool
	Bookmarked bool
	Followed   bool // a follow of the post's author
	Ignored    int  // impressions, as long as nothing else was done with the post
}

// Profile is what a user's events determine, and nothing else does.
type Profile struct {
	touches []Touch // newest first
	byPost  map[int64]int
}

// Of returns the profile of a history. A post's weight is the strongest positive weight among
// its events plus the strongest negative one:
//
//	weight(event) = kind.Weight() · scale.ValueFactor(kind, value, the user's mean rating)
func Of(history interaction.History, scale interaction.RatingScale) Profile {
	p := Profile{touches: slices.Grow([]Touch(nil), len(history)), byPost: make(map[int64]int, len(history))}
	sum, count := 0, 0
	for _, e := range history {
		if e.Kind == interaction.Rating {
			sum, count = sum+int(e.Value), count+1
		}
	}
	userMean := scale.UserMean(sum, count)
	liking := make([]float64, 0, len(history))
	dislike := make([]float64, 0, len(history))
	for _, e := range history {
		i, known := p.byPost[int64(e.PostID)]
		if !known {
			i = len(p.touches)
			p.byPost[int64(e.PostID)] = i
			p.touches = append(p.touches, Touch{PostID: int64(e.PostID), LastAt: math.MinInt64})
			liking, dislike = append(liking, 0), append(dislike, 0)
		}
		p.touches[i].add(e)
		weight := e.Kind.Weight() * scale.ValueFactor(e.Kind, int(e.Value), userMean)
		liking[i], dislike[i] = max(liking[i], weight), min(dislike[i], weight)
	}
	for i := range p.touches {
		t := &p.touches[i]
		t.Weight = liking[i] + dislike[i]
		if t.Seen || t.Hidden || t.Followed {
			t.Ignored = 0
		}
	}
	slices.SortFunc(p.touches, func(a, b Touch) int {
		return cmp.Or(cmp.Compare(b.LastAt, a.LastAt), cmp.Compare(b.PostID, a.PostID))
	})
	for i, t := range p.touches {
		p.byPost[t.PostID] = i
	}
	return p
}

func (t *Touch) add(e interaction.Event) {
	if e.Kind.Seen() {
		t.Seen, t.LastAt = true, max(t.LastAt, e.At)
	}
	if interaction.IsTouch(e.Kind, int(e.Value)) {
		if !t.Touched || e.At < t.FirstAt {
			t.FirstAt = e.At
		}
		t.Touched = true
	}
	switch e.Kind {
	case interaction.Like:
		t.Liked = true
	case interaction.Bookmark:
		t.Bookmarked = true
	case interaction.Follow:
		t.Followed = true
	case interaction.Impression:
		t.Ignored++
	case interaction.Hide:
		t.Hidden = true
	}
}

// Touches returns what the user touched, most recently seen first; the caller must not change it.
func (p Profile) Touches() []Touch { return p.touches }

// Touch returns what the user did with a post; the zero Touch when nothing.
func (p Profile) Touch(postID int64) Touch {
	if i, ok := p.byPost[postID]; ok {
		return p.touches[i]
	}
	return Touch{}
}
