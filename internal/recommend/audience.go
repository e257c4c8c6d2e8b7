package recommend

import (
	"context"
	"math"

	"resonance/internal/catalog"
	"resonance/internal/profile"
	"resonance/internal/rank"
	"resonance/internal/replica"
	"resonance/internal/rerank"
	"resonance/internal/signal"
)

// audience is the requesting user as far as single posts go: which may be shown, and how.
type audience struct {
	catalog *catalog.Index
	profile profile.Profile
	author  catalog.Name // the user as an author; 0 for one who has no post
	follows map[catalog.Name]bool
	scope   catalog.Scope
	rule    func(*catalog.Entry) bool // what else is asked of a post; nil: nothing
}

func newAudience(index *catalog.Index, p profile.Profile, username string) audience {
	a := audience{catalog: index, profile: p, follows: map[catalog.Name]bool{}, scope: index.Scope("")}
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
	return !own && (a.rule == nil || a.rule(entry)) && !a.profile.Touch(entry.ID).Hidden
}

// unseen reports whether the post at o may be shown and is new to the user.
func (a audience) unseen(o catalog.Ordinal) bool {
	return a.allowed(o) && !a.profile.Touch(a.catalog.Entry(o).ID).Seen
}

// more reports whether there are more than n posts to show.
func (a audience) more(n int, unseenOnly bool) bool {
	shown := a.allowed
	if unseenOnly {
		shown = a.unseen
	}
	for _, o := range a.scope.Ordinals() {
		if !shown(o) {
			continue
		}
		if n--; n < 0 {
			return true
		}
	}
	return false
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

// candidates returns the ranked candidates of a question as the last stage takes them.
func (a audience) candidates(q *signal.Question, ranking *rank.Ranking) []rerank.Candidate {
	candidates := make([]rerank.Candidate, len(q.Candidates))
	for i, o := range q.Candidates {
		entry := a.catalog.Entry(o)
		touch := a.profile.Touch(entry.ID)
		candidates[i] = rerank.Candidate{
			Place: i, Ordinal: o, PostID: entry.ID, Author: entry.Author, Category: entry.Category, Vector: q.Vectors[i],
			Score: ranking.Scores[i], Ignored: touch.Ignored, Seen: touch.Seen, SeenAt: touch.LastAt,
		}
	}
	return candidates
}

// present reads the picked posts whole and, unless plain, says why they are there.
func present(ctx context.Context, view replica.View, a audience, q *signal.Question, ranking *rank.Ranking, picks []rerank.Pick, plain bool) (Feed, error) {
	items := make([]Item, len(picks))
	wanted := make([]int64, len(picks), 2*len(picks))
	for i, p := range picks {
		items[i] = Item{Viewer: a.viewer(p.Ordinal), Score: p.Score, Options: p.Options}
		wanted[i] = p.PostID
		if plain {
			continue
		}
		items[i].explain(append(ranking.Parts(p.Place), p.Parts...))
		items[i].Reasons = a.reasons(view, q, p, items[i].Parts)
		for _, r := range items[i].Reasons {
			if r.PostID != 0 {
				wanted = append(wanted, r.PostID)
			}
		}
	}
	posts, err := view.Posts(ctx, wanted)
	if err != nil {
		return Feed{}, err
	}
	byID := make(map[int64]*catalog.Post, len(posts))
	for _, post := range posts {
		byID[post.ID] = post
	}
	feed := Feed{Items: items[:0]}
	for i, item := range items {
		if item.Post = byID[wanted[i]]; item.Post == nil {
			continue
		}
		for n := range item.Reasons {
			a.show(&item.Reasons[n], byID)
		}
		feed.Items = append(feed.Items, item)
	}
	return feed, nil
}

// show gives a reason the post that it names.
func (a audience) show(r *Reason, posts map[int64]*catalog.Post) {
	if r.Post = posts[r.PostID]; r.Post == nil {
		return
	}
	if o, known := a.catalog.Lookup(r.PostID); known {
		r.Viewer = a.viewer(o)
	}
}
