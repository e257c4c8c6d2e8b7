// Package profile says what a user's own events tell of the user: what was seen, liked and
// hidden, and where in the space of embeddings the user's taste lies.
package profile

import (
	"cmp"
	"math"
	"slices"

	"resonance/internal/interaction"
	"resonance/internal/vector"
)

// Touch is everything a user did with one post.
type Touch struct {
	PostID     int64
	LastAt     int64   // time of the last event that made the post a seen one, epoch milliseconds
	Weight     float64 // pull on the user embedding; negative for dislike, 0 for no taste
	Seen       bool
	Hidden     bool
	Liked      bool
	Bookmarked bool
	Followed   bool // a follow of the post's author
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
	p := Profile{byPost: make(map[int64]int, len(history))}
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
		p.touches[i].Weight = liking[i] + dislike[i]
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
	switch e.Kind {
	case interaction.Like:
		t.Liked = true
	case interaction.Bookmark:
		t.Bookmarked = true
	case interaction.Follow:
		t.Followed = true
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

// The user embedding looks back over at most memoryPosts posts, the weight of each halved every
// halfLifePosts posts back: tastes change with what is watched, not with the calendar, so a user
// who returns after a year is still known.
const (
	memoryPosts   = 50
	halfLifePosts = 10
)

// Tastes returns the newest posts that speak of the user's taste, newest first, each with its
// weight decayed by recency: at most memoryPosts, none with weight 0 and none that is not usable,
// such as one that has gone or has no embedding.
func (p Profile) Tastes(usable func(postID int64) bool) []Taste {
	tastes := make([]Taste, 0, min(len(p.touches), memoryPosts))
	for _, t := range p.touches {
		if len(tastes) == memoryPosts {
			break
		}
		if t.Weight != 0 && usable(t.PostID) {
			decay := math.Exp2(-float64(len(tastes)) / halfLifePosts)
			tastes = append(tastes, Taste{PostID: t.PostID, Weight: t.Weight * decay})
		}
	}
	return tastes
}

// Taste is a post and how strongly the user's taste points toward it.
type Taste struct {
	PostID int64
	Weight float64
}

// UserEmbedding returns the weighted mean of the embeddings of the tastes, scaled to unit norm:
//
//	u = Σ weight_i · embedding_i / |Σ weight_i · embedding_i|
//
// embeddings[i] belongs to tastes[i], nil where the post has none yet. It returns nil when
// nothing is left to average.
func UserEmbedding(tastes []Taste, embeddings [][]float32) []float32 {
	var sum []float32
	for i, taste := range tastes {
		if embeddings[i] == nil {
			continue
		}
		if sum == nil {
			sum = make([]float32, len(embeddings[i]))
		}
		vector.AddScaled(sum, float32(taste.Weight), embeddings[i])
	}
	if sum == nil || !vector.Normalise(sum) {
		return nil
	}
	return sum
}
