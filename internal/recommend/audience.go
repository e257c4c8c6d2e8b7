package recommend

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
	"resonance/internal/profile"
	"resonance/internal/rank"
	"resonance/internal/replica"
	"resonance/internal/rerank"
	"resonance/internal/signal"
)

// profileOf returns what the user did, as far as the projects' posts tell; all posts do where no project is
// given. What one project's app may ask does not depend on what was done in another's.
func profileOf(view replica.View, username string, projects []string) profile.Profile {
	history := view.Log.History(username)
	if len(projects) > 0 {
		within := catalog.OnlyProjects(projects...)
		history = slices.DeleteFunc(slices.Clone(history), func(e interaction.Event) bool {
			o, known := view.Catalog.Lookup(int64(e.PostID))
			return !known || !within.Hold(view.Catalog.Projects.Text(view.Catalog.Entry(o).Project))
		})
	}
	return profile.Of(history, view.Log.RatingScale())
}

// audience is the requesting user as far as single posts go: which may be shown, and how.
type audience struct {
	catalog *catalog.Index
	profile profile.Profile
	author  catalog.Name // the user as an author; 0 for one who has no post
	follows map[catalog.Name]bool
	scope   catalog.Scope
	rule    func(*catalog.Entry) bool // what else is asked of a post; nil: nothing
	met     *met
}

// met says where in a profile posts stand. Audiences one after the other share it, for it is as long as
// the catalogue and all but empty.
type met struct {
	places  []int32           // by ordinal, 1 and more; 0 for a post that the profile does not know
	posts   []catalog.Ordinal // those it knows
	scores  []float64         // as they count, while a front is found
	highest rank.Highest
	front   []rerank.Candidate
}

var mets = sync.Pool{New: func() any { return new(met) }}

func newAudience(index *catalog.Index, p profile.Profile, username string) *audience {
	a := &audience{catalog: index, profile: p, follows: map[catalog.Name]bool{}, scope: index.Scope(""), met: mets.Get().(*met)}
	a.author, _ = index.Authors.Lookup(username)
	if n := index.Cap() - len(a.met.places); n > 0 {
		a.met.places = append(a.met.places, make([]int32, n)...)
	}
	for i, touch := range p.Touches() {
		o, ok := index.Lookup(touch.PostID)
		if !ok {
			continue
		}
		a.met.places[o], a.met.posts = int32(i+1), append(a.met.posts, o)
		if !touch.Followed {
			continue
		}
		if entry := index.Entry(o); entry.Author != 0 && !entry.Gone {
			a.follows[entry.Author] = true
		}
	}
	return a
}

// close makes room for the next audience. It comes after all other calls.
func (a *audience) close() {
	for _, o := range a.met.posts {
		a.met.places[o] = 0
	}
	a.met.posts = a.met.posts[:0]
	clear(a.met.front) // and with them the embeddings that they point to
	mets.Put(a.met)
}

// touch returns what the user did with the post at o; nil when nothing.
func (a *audience) touch(o catalog.Ordinal) *profile.Touch {
	if place := a.met.places[o]; place > 0 {
		return &a.profile.Touches()[place-1]
	}
	return nil
}

// allowed reports whether the post at o may be shown to the user at all.
func (a *audience) allowed(o catalog.Ordinal) bool {
	touch := a.touch(o)
	if touch != nil && touch.Hidden {
		return false
	}
	if a.author == 0 && a.rule == nil {
		return true
	}
	entry := a.catalog.Entry(o)
	own := a.author != 0 && entry.Author == a.author
	return !own && (a.rule == nil || a.rule(entry))
}

// unseen reports whether the post at o may be shown and is new to the user.
func (a *audience) unseen(o catalog.Ordinal) bool {
	touch := a.touch(o)
	return (touch == nil || !touch.Seen) && a.allowed(o)
}

// out appends the places of candidates that may not be shown or that the user has seen, ascending.
func (a *audience) out(q *signal.Question, places []int32) []int32 {
	add := func(o catalog.Ordinal) {
		if place, known := q.Place(o); known && !a.unseen(o) {
			places = append(places, place)
		}
	}
	posts := a.met.posts
	if a.rule != nil {
		posts = q.Candidates
	} else if a.author != 0 {
		posts = slices.Concat(posts, a.catalog.Authored(a.author))
	}
	for _, o := range posts {
		add(o)
	}
	slices.Sort(places)
	return slices.Compact(places)
}

// more reports whether there are more than n posts to show.
func (a *audience) more(n int, unseenOnly bool) bool {
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

// again returns n posts that may be shown and that the user has seen, least recently seen first, equal ones by id.
func (a *audience) again(n int) []rerank.Candidate {
	if n <= 0 {
		return nil
	}
	seenAt := func(o catalog.Ordinal) int64 { return a.touch(o).LastAt }
	var posts []catalog.Ordinal
	for _, o := range a.met.posts {
		if a.touch(o).Seen && a.scope.Contains(o) && a.allowed(o) {
			posts = append(posts, o)
		}
	}
	slices.SortFunc(posts, func(x, y catalog.Ordinal) int {
		return cmp.Or(cmp.Compare(seenAt(x), seenAt(y)), a.catalog.CompareIDs(x, y))
	})
	posts = posts[:min(n, len(posts))]
	candidates := make([]rerank.Candidate, len(posts))
	for i, o := range posts {
		entry := a.catalog.Entry(o)
		candidates[i] = rerank.Candidate{Ordinal: o, PostID: entry.ID, Author: entry.Author, Category: entry.Category}
	}
	return candidates
}

// viewer returns what the user has to do with the post at o.
func (a *audience) viewer(o catalog.Ordinal) Viewer {
	viewer := Viewer{Following: a.follows[a.catalog.Entry(o).Author]}
	if touch := a.touch(o); touch != nil {
		viewer.Upvoted, viewer.Bookmarked = touch.Liked, touch.Bookmarked
	}
	return viewer
}

// candidate returns the ranked candidate at place i of a question as the last stage takes it, but for its
// embedding.
func (a *audience) candidate(q *signal.Question, ranking *rank.Ranking, i int) rerank.Candidate {
	o := q.Candidates[i]
	entry := a.catalog.Entry(o)
	c := rerank.Candidate{
		Place: i, Ordinal: o, PostID: entry.ID, Author: entry.Author, Category: entry.Category, Score: ranking.Scores[i],
	}
	if touch := a.touch(o); touch != nil {
		c.Ignored = touch.Ignored
	}
	return c
}

// front returns the candidates that can come to stand among the first k of a feed: those that the last stage
// looks at, and all with the same score as the last of these. They are good until the audience is closed.
func (a *audience) front(q *signal.Question, ranking *rank.Ranking, k int, o rerank.Options) []rerank.Candidate {
	a.met.scores = append(a.met.scores[:0], ranking.Scores...)
	for _, post := range a.met.posts {
		if touch := a.touch(post); touch.Ignored > 0 {
			if i, known := q.Place(post); known {
				a.met.scores[i] -= o.Ignored(touch.Ignored)
			}
		}
	}
	candidates := a.met.front[:0]
	for _, i := range a.met.highest.Of(a.met.scores, k+rerank.Ahead, ranking.Deviation) {
		candidates = append(candidates, a.candidate(q, ranking, int(i)))
	}
	a.met.front = candidates
	return candidates
}

// embed gives candidates their embeddings.
func embed(ctx context.Context, view replica.View, scope catalog.Scope, front []rerank.Candidate, newcomers []rerank.Newcomer) error {
	posts := make([]catalog.Ordinal, 0, len(front)+len(newcomers))
	for i := range front {
		posts = append(posts, front[i].Ordinal)
	}
	for i := range newcomers {
		posts = append(posts, newcomers[i].Ordinal)
	}
	embeddings, err := vectors(ctx, view, scope, posts)
	if err != nil {
		return err
	}
	for i := range front {
		front[i].Vector = embeddings[i]
	}
	for i := range newcomers {
		newcomers[i].Vector = embeddings[len(front)+i]
	}
	return nil
}

// present reads the picked posts whole and, unless plain, says why they are there.
func present(ctx context.Context, view replica.View, a *audience, q *signal.Question, ranking *rank.Ranking, picks []rerank.Pick, plain bool) (Feed, error) {
	items := make([]Item, len(picks))
	wanted := make([]int64, len(picks), 2*len(picks))
	for i, p := range picks {
		items[i] = Item{Viewer: a.viewer(p.Ordinal), Score: p.Score, Options: p.Options}
		wanted[i] = p.PostID
		if plain {
			continue
		}
		parts := p.Parts
		if !p.Seen {
			parts = append(ranking.Parts(p.Place), parts...)
		}
		items[i].explain(parts)
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
	feed := Feed{Items: items[:0]}
	left := posts
	for i, item := range items {
		if len(left) > 0 && left[0].ID == wanted[i] {
			item.Post, left = left[0], left[1:]
			feed.Items = append(feed.Items, item)
		}
	}
	if !plain {
		a.show(feed.Items, posts)
	}
	return feed, nil
}

// show gives reasons the posts that they name.
func (a *audience) show(items []Item, posts []*catalog.Post) {
	byID := make(map[int64]*catalog.Post, len(posts))
	for _, post := range posts {
		byID[post.ID] = post
	}
	for _, item := range items {
		for i := range item.Reasons {
			r := &item.Reasons[i]
			if r.Post = byID[r.PostID]; r.Post == nil {
				continue
			}
			if o, known := a.catalog.Lookup(r.PostID); known {
				r.Viewer = a.viewer(o)
			}
		}
	}
}
