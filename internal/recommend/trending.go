package recommend

import (
	"context"
	"fmt"
	"time"

	"resonance/internal/catalog"
	"resonance/internal/errs"
	"resonance/internal/interaction"
	"resonance/internal/rank"
	"resonance/internal/replica"
)

// TrendingRequest asks what people watch at the moment.
type TrendingRequest struct {
	About
	Window time.Duration // how far back the moment reaches, 1 minute to 1 year
}

// What an act of a user adds to a post, by what it says of it, times the share of the window that is
// left of its age: a post that is met now stands above one that was met as often at the window's
// beginning.
const (
	watchedWorth = 1 // met it: any touch
	likedWorth   = 3 // liked, inspired, shared or bookmarked it
	turnedWorth  = 2 // taken off: skipped or hid it
)

// Trending returns the posts that most people met and liked within a window before now, most first;
// a user counts once for each. Posts that nobody met are not among them. An error wraps errs.Invalid for
// a wrong request, errs.Unavailable when the store does not answer.
func (e *Engine) Trending(ctx context.Context, request TrendingRequest) (feed Feed, err error) {
	if err := request.Check(); err != nil {
		return Feed{}, err
	}
	if request.Window < time.Minute || request.Window > 366*24*time.Hour {
		return Feed{}, fmt.Errorf("%w: window: is not between a minute and a year", errs.Invalid)
	}
	err = e.replica.Read(ctx, func(view replica.View) error {
		viewer := request.viewer(view)
		defer viewer.close()
		var found []scored
		for o, b := range buzzing(view, request.Window.Milliseconds()) {
			if !viewer.scope.Contains(o) || !viewer.allowed(o) {
				continue
			}
			s := score(o,
				rank.Part{Name: "watched", Value: watchedWorth * whole(b.watched)},
				rank.Part{Name: "liked", Value: likedWorth * whole(b.liked)},
				rank.Part{Name: "turned away", Value: -turnedWorth * whole(b.turned)})
			if s.score > 0 {
				found = append(found, s)
			}
		}
		feed, err = viewer.list(ctx, view, best(view.Catalog, found, request.TopK))
		return err
	})
	if err != nil {
		return Feed{}, fmt.Errorf("find what is trending: %w", err)
	}
	return feed, nil
}

// buzz is what people did with a post lately, in parts of grain: whole numbers add up to the same
// in any order.
type buzz struct{ watched, liked, turned int64 }

const grain = 1 << 20

func whole(parts int64) float64 { return float64(parts) / grain }

// buzzing returns what people did with each post since a window began.
func buzzing(view replica.View, window int64) map[catalog.Ordinal]*buzz {
	posts := map[catalog.Ordinal]*buzz{}
	for user := range view.Log.Users() {
		for id, b := range lately(view.Log.Of(user), view.Now, window) {
			o, known := view.Catalog.Lookup(int64(id))
			if !known {
				continue
			}
			if posts[o] == nil {
				posts[o] = new(buzz)
			}
			posts[o].watched += b.watched
			posts[o].liked += b.liked
			posts[o].turned += b.turned
		}
	}
	return posts
}

// lately returns what one user did with each post, each act as of its last time; nil for nothing.
func lately(history interaction.History, now, window int64) map[int32]buzz {
	var posts map[int32]buzz
	for i := len(history) - 1; i >= 0 && history[i].At > now-window; i-- {
		e := history[i]
		left := int64(float64(grain) * float64(window-max(0, now-e.At)) / float64(window))
		b := posts[e.PostID]
		switch e.Kind {
		case interaction.Like, interaction.Inspire, interaction.Share, interaction.Bookmark:
			b.liked = max(b.liked, left)
		case interaction.Skip, interaction.Hide:
			b.turned = max(b.turned, left)
		}
		if interaction.IsTouch(e.Kind, int(e.Value)) {
			b.watched = max(b.watched, left)
		}
		if posts == nil {
			posts = map[int32]buzz{}
		}
		posts[e.PostID] = b
	}
	return posts
}
