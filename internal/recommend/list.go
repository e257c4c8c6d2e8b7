package recommend

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"resonance/internal/catalog"
	"resonance/internal/errs"
	"resonance/internal/rank"
	"resonance/internal/replica"
)

// About is what questions about posts, rather than about a user, have in common.
type About struct {
	Project  string // project code, case ignored; "" is no filter, an unknown one has no posts
	Username string // who sees the answer: what they hid stays away; "" is nobody in particular
	TopK     int    `json:"-"` // 1..MaxTopK

	Bound []string `json:"-"` // as in Request
}

// Check reports what is wrong; the error wraps errs.Invalid.
func (a About) Check() error {
	if a.TopK < 1 || a.TopK > MaxTopK {
		return fmt.Errorf("%w: first: %d is not in 1..%d", errs.Invalid, a.TopK, MaxTopK)
	}
	return nil
}

// viewer returns who sees the answer, and what may be in it.
func (a About) viewer(view replica.View) *audience {
	p := profileOf(view, a.Username, a.Bound)
	viewer := newAudience(view.Catalog, p, a.Username)
	viewer.author = 0 // one's own posts are in every list but the feed
	viewer.scope = view.Catalog.Scope(a.Project)
	return viewer
}

// scored is a post and what its score is made of.
type scored struct {
	post  catalog.Ordinal
	score float64
	parts []rank.Part
}

// score returns a post with the parts that are not 0.
func score(post catalog.Ordinal, parts ...rank.Part) scored {
	s := scored{post: post, parts: slices.DeleteFunc(parts, func(p rank.Part) bool { return p.Value == 0 })}
	for _, part := range s.parts {
		s.score += part.Value
	}
	return s
}

// best sorts posts, the highest scores first and equal ones by id, and returns the first n.
func best(index *catalog.Index, posts []scored, n int) []scored {
	slices.SortFunc(posts, func(x, y scored) int {
		return cmp.Or(cmp.Compare(y.score, x.score), index.CompareIDs(x.post, y.post))
	})
	return posts[:min(n, len(posts))]
}

// list reads posts whole, in order.
func (a *audience) list(ctx context.Context, view replica.View, posts []scored) (Feed, error) {
	wanted, places := make([]int64, len(posts)), make(map[int64]int, len(posts))
	for i, s := range posts {
		wanted[i] = view.Catalog.Entry(s.post).ID
		places[wanted[i]] = i
	}
	read, err := view.Posts(ctx, wanted)
	if err != nil {
		return Feed{}, err
	}
	feed := Feed{Items: make([]Item, len(read))}
	for i, post := range read {
		s := posts[places[post.ID]]
		feed.Items[i] = Item{Post: post, Viewer: a.viewer(s.post), Score: s.score, Parts: s.parts}
	}
	return feed, nil
}
