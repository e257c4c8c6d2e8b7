package recommend

import (
	"context"
	"math"

	"resonance/internal/catalog"
	"resonance/internal/profile"
	"resonance/internal/replica"
	"resonance/internal/rerank"
)

// audience is the requesting user as far as single posts go: which may be shown, and how.
type audience struct {
	catalog *catalog.Index
	profile profile.Profile
	author  catalog.Name // the user as an author; 0 for one who has no post
	follows map[catalog.Name]bool
}

func newAudience(index *catalog.Index, p profile.Profile, username string) audience {
	a := audience{catalog: index, profile: p, follows: map[catalog.Name]bool{}}
	a.author, _ = index.Authors.Lookup(username)
	for _, touch := range p.Touches() {
		o, ok := index.Lookup(touch.PostID)
		if !touch.Followed || !ok {
			continue
		}
		if entry := index.Entry(o); entry.Author != 0 && !entry.Gone {
			a.follows[entry.Author] = true
		}
	}
	return a
}

// allowed reports whether the post at o may be shown to the user at all.
func (a audience) allowed(o catalog.Ordinal) bool {
	entry := a.catalog.Entry(o)
	own := a.author != 0 && entry.Author == a.author
	return !own && !a.profile.Touch(entry.ID).Hidden
}

// unseen reports whether the post at o may be shown and is new to the user.
func (a audience) unseen(o catalog.Ordinal) bool {
	return a.allowed(o) && !a.profile.Touch(a.catalog.Entry(o).ID).Seen
}

// longAgo orders posts by how long ago the user saw them, unseen ones before all others.
func (a audience) longAgo(o catalog.Ordinal) float64 {
	touch := a.profile.Touch(a.catalog.Entry(o).ID)
	if !touch.Seen {
		return math.Inf(1)
	}
	return -float64(touch.LastAt)
}

// viewer returns what the user has to do with the post at o.
func (a audience) viewer(o catalog.Ordinal) Viewer {
	entry := a.catalog.Entry(o)
	touch := a.profile.Touch(entry.ID)
	return Viewer{Upvoted: touch.Liked, Bookmarked: touch.Bookmarked, Following: a.follows[entry.Author]}
}

// present reads the chosen posts whole.
func present(ctx context.Context, view replica.View, a audience, chosen []rerank.Scored) (Feed, error) {
	ids := make([]int64, len(chosen))
	for i, c := range chosen {
		ids[i] = c.PostID
	}
	posts, err := view.Posts(ctx, ids)
	if err != nil {
		return Feed{}, err
	}
	byID := make(map[int64]*catalog.Post, len(posts))
	for _, post := range posts {
		byID[post.ID] = post
	}
	feed := Feed{Items: make([]Item, 0, len(chosen))}
	for _, c := range chosen {
		if post := byID[c.PostID]; post != nil {
			feed.Items = append(feed.Items, Item{Post: post, Viewer: a.viewer(c.Ordinal), Score: c.Score, Parts: c.Parts.Named()})
		}
	}
	return feed, nil
}
