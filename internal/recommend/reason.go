package recommend

import (
	"cmp"
	"slices"
	"sync"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
	"resonance/internal/profile"
	"resonance/internal/rank"
	"resonance/internal/replica"
	"resonance/internal/rerank"
	"resonance/internal/signal"
	"resonance/internal/vector"
)

// ReasonKind is a sort of reason.
type ReasonKind string

// The sorts of reason.
const (
	BecauseLiked   ReasonKind = "BECAUSE_LIKED"    // like Post, which the user liked
	BecauseWatched ReasonKind = "BECAUSE_WATCHED"  // like Post, which the user watched
	WatchedNext    ReasonKind = "WATCHED_NEXT"     // people who watched Post went on to this, or watch both
	FromAuthor     ReasonKind = "FROM_AUTHOR"      // of Author, whom the user keeps coming back to
	InCategory     ReasonKind = "IN_CATEGORY"      // in Category, which the user keeps coming back to
	PopularNow     ReasonKind = "POPULAR_NOW"      // many watch it these days
	WellReceived   ReasonKind = "WELL_RECEIVED"    // those who met it like it
	JustIn         ReasonKind = "NEW"              // among the newest; Category names where
	Explored       ReasonKind = "EXPLORED"         // shown to learn how it is received
	SeenBefore     ReasonKind = "SEEN_BEFORE"      // nothing new is left
	InCatalogue    ReasonKind = "IN_THE_CATALOGUE" // nothing tells it from others
)

// Reason says why a post is in a feed.
type Reason struct {
	Kind     ReasonKind
	PostID   int64         // of the user's history and in the scope of the feed, 0 for none
	Post     *catalog.Post // the one with this id, nil for none; shared, so read only
	Viewer   Viewer        // of Post
	Author   string        // a username, "" for none
	Category string        // a name, "" for none
	Weight   float64
}

// mostReasons is how many reasons a post has at most.
const mostReasons = 3

// reasons returns why the pick is in the feed, strongest first, at least one: the positive parts of
// its score, those of one kind together, each with what is behind it.
func (a *audience) reasons(view replica.View, q *signal.Question, pick rerank.Pick, parts []rank.Part) []Reason {
	var reasons []Reason
	add := func(r Reason) {
		same := func(o Reason) bool { return o.Kind == r.Kind }
		if at := slices.IndexFunc(reasons, same); at >= 0 {
			reasons[at].Weight += r.Weight
			return
		}
		reasons = append(reasons, r)
	}
	companion := sync.OnceValues(func() (catalog.Ordinal, bool) { return a.companion(view, q, pick.Ordinal) })
	for _, part := range parts {
		if part.Value > 0 || part.Name == rerank.Exploration {
			if r, ok := a.reason(view, q, pick, part, companion); ok {
				add(r)
			}
		}
	}
	slices.SortStableFunc(reasons, func(x, y Reason) int { return cmp.Compare(y.Weight, x.Weight) })
	switch {
	case pick.Seen:
		reasons = slices.Insert(reasons, 0, Reason{Kind: SeenBefore})
	case len(reasons) == 0:
		reasons = append(reasons, Reason{Kind: InCatalogue})
	}
	if at := slices.IndexFunc(reasons, func(r Reason) bool { return r.Kind == Explored }); at > 0 {
		explored := reasons[at]
		reasons = slices.Insert(slices.Delete(reasons, at, at+1), 0, explored)
	}
	return reasons[:min(mostReasons, len(reasons))]
}

// reason returns what one part of a score says; companion finds what several parts name.
func (a *audience) reason(view replica.View, q *signal.Question, pick rerank.Pick, part rank.Part, companion func() (catalog.Ordinal, bool)) (Reason, bool) {
	entry := view.Catalog.Entry(pick.Ordinal)
	r := Reason{Weight: part.Value}
	switch part.Name {
	case rerank.Exploration:
		r.Kind, r.Weight = Explored, 0
	case "ease", "neighbours", "walk", "factors", "transitions", "next":
		from, ok := companion()
		if !ok {
			return r, false
		}
		r.Kind, r.PostID = WatchedNext, view.Catalog.Entry(from).ID
	case "taste", "recent", "nearness":
		from, ok := a.likest(q, pick)
		if !ok {
			return r, false
		}
		r.PostID = view.Catalog.Entry(from).ID
		r.Kind = kindOf(a.profile.Touch(r.PostID))
	case "category":
		r.Kind, r.Category = InCategory, view.Catalog.Categories.Text(entry.Category)
		return r, r.Category != "" && len(q.History) > 0
	case "author":
		r.Kind, r.Author = FromAuthor, view.Catalog.Authors.Text(entry.Author)
		return r, r.Author != "" && len(q.History) > 0
	case "popularity", "buzz", "engagement":
		r.Kind = PopularNow
	case "quality":
		r.Kind = WellReceived
	case "freshness":
		r.Kind, r.Category = JustIn, view.Catalog.Categories.Text(entry.Category)
	default:
		return r, false
	}
	return r, true
}

func kindOf(t profile.Touch) ReasonKind {
	if t.Liked || t.Weight >= interaction.Like.Weight() {
		return BecauseLiked
	}
	return BecauseWatched
}

// recentTouches is how far back in a history a reason is looked for.
const recentTouches = 20

// companion returns the post of the user's history that most of its viewers share with the post at
// o, for its size: the largest cosine of their audiences. What is out of the feed's scope is no
// reason: it may be a project's that the caller must not see.
func (a *audience) companion(view replica.View, q *signal.Question, o catalog.Ordinal) (best catalog.Ordinal, ok bool) {
	viewers := map[int64]bool{}
	for _, user := range view.Crowd.Visitors(o) {
		viewers[user] = user != q.User
	}
	most := 0.
	for _, t := range q.History[:min(recentTouches, len(q.History))] {
		if !t.Seen || t.Post == o || !a.scope.Contains(t.Post) {
			continue
		}
		shared, all := 0, view.Crowd.Visitors(t.Post)
		for _, user := range all {
			if viewers[user] {
				shared++
			}
		}
		if likeness := float64(shared*shared) / float64(max(1, len(all))); likeness > most {
			best, most, ok = t.Post, likeness, true
		}
	}
	return best, ok
}

// likest returns the post of the user's history, in the feed's scope, that the user did not turn from
// and whose embedding is nearest to that of the pick.
func (a *audience) likest(q *signal.Question, pick rerank.Pick) (best catalog.Ordinal, ok bool) {
	most := float32(0)
	for _, t := range q.History[:min(recentTouches, len(q.History))] {
		if t.Weight <= 0 || t.Post == pick.Ordinal || t.Vector == nil || len(t.Vector) != len(pick.Vector) || !a.scope.Contains(t.Post) {
			continue
		}
		if likeness := vector.Dot(t.Vector, pick.Vector); likeness > most {
			best, most, ok = t.Post, likeness, true
		}
	}
	return best, ok
}
