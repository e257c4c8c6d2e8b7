package recommend

import (
	"context"
	"fmt"
	"math"
	"slices"

	"resonance/internal/candidate"
	"resonance/internal/catalog"
	"resonance/internal/errs"
	"resonance/internal/rank"
	"resonance/internal/replica"
	"resonance/internal/signal"
	"resonance/internal/vector"
)

// SimilarRequest asks for posts like another.
type SimilarRequest struct {
	About
	PostID int64
	Within catalog.Projects // where the post may be
}

// What likeness is made of:
//
//	score = contentWeight · max(0, cos(embeddings)) + audienceWeight · shared / sqrt((a + audiencePrior) · (b + audiencePrior))
//
// where shared is how many users touched both posts, a and b how many touched each: the cosine of their
// audiences, shrunk, so that one user in common says little.
const (
	contentWeight  = .6
	audienceWeight = .4
	audiencePrior  = 3
	mostVisitors   = 2000 // whose rows are looked at
)

// Similar returns the posts that are like another in what they show and in who watches them, most
// alike first. An error wraps errs.NotFound when there is no such post, errs.Invalid for a wrong
// request, errs.Unavailable when the store does not answer.
func (e *Engine) Similar(ctx context.Context, request SimilarRequest) (feed Feed, err error) {
	if err := request.Check(); err != nil {
		return Feed{}, err
	}
	err = e.replica.Read(ctx, func(view replica.View) error {
		post, known := view.Catalog.ScopeOf(request.Within).Lookup(request.PostID)
		if !known {
			return fmt.Errorf("%w: there is no post %d", errs.NotFound, request.PostID)
		}
		feed, err = similar(ctx, view, post, request)
		return err
	})
	if err != nil {
		return Feed{}, fmt.Errorf("find similar posts: %w", err)
	}
	return feed, nil
}

func similar(ctx context.Context, view replica.View, post catalog.Ordinal, request SimilarRequest) (Feed, error) {
	viewer := request.viewer(view)
	defer viewer.close()
	viewer.rule = func(e *catalog.Entry) bool { return e.ID != request.PostID }
	own, err := vectors(ctx, view, viewer.scope, []catalog.Ordinal{post})
	if err != nil {
		return Feed{}, err
	}
	shared := companions(view.Crowd, post)
	query := candidate.Query{Scope: viewer.scope, UserEmbedding: own[0], Allowed: viewer.allowed, Limit: perGenerator + request.TopK}
	candidates := nearest(view, query)
	for o := range shared {
		if viewer.scope.Contains(o) && viewer.allowed(o) {
			candidates = append(candidates, o)
		}
	}
	slices.Sort(candidates)
	candidates = slices.Compact(candidates)
	vectors, err := vectors(ctx, view, viewer.scope, candidates)
	if err != nil {
		return Feed{}, err
	}
	var found []scored
	for i, o := range candidates {
		content, audience := 0., 0.
		if own[0] != nil && len(own[0]) == len(vectors[i]) {
			content = max(0, float64(vector.Dot(own[0], vectors[i])))
		}
		if n := shared[o]; n > 0 {
			audience = float64(n) / math.Sqrt(float64(view.Crowd.Audience(post)+audiencePrior)*float64(view.Crowd.Audience(o)+audiencePrior))
		}
		s := score(o, rank.Part{Name: "content", Value: contentWeight * content}, rank.Part{Name: "audience", Value: audienceWeight * audience})
		if s.score > 0 {
			found = append(found, s)
		}
	}
	return viewer.list(ctx, view, best(view.Catalog, found, request.TopK))
}

// nearest returns the posts whose embeddings are near, of a small scope all.
func nearest(view replica.View, query candidate.Query) []catalog.Ordinal {
	if query.Scope.Len() <= signal.RankWhole {
		return candidate.Everything{}.Generate(query)
	}
	return candidate.Content{Vectors: view.Vectors}.Generate(query)
}

// companions returns how many users touched each post besides the one at post.
func companions(crowd *signal.Crowd, post catalog.Ordinal) map[catalog.Ordinal]int {
	visitors := crowd.Visitors(post)
	slices.Sort(visitors)
	shared := map[catalog.Ordinal]int{}
	for _, user := range visitors[:min(mostVisitors, len(visitors))] {
		for _, touch := range crowd.Row(user) {
			shared[catalog.Ordinal(touch.Item)]++
		}
	}
	return shared
}
