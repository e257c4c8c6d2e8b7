// Package recommend is the pipeline that makes a feed: profile, candidates, rank, rerank, posts.
// Nothing is computed ahead for a user and no answer is kept: each feed is made from the newest
// events in the store.
package recommend

import (
	"context"
	"fmt"

	"resonance/internal/candidate"
	"resonance/internal/catalog"
	"resonance/internal/profile"
	"resonance/internal/rank"
	"resonance/internal/replica"
	"resonance/internal/rerank"
)

// Engine answers feeds. Safe for concurrent use.
type Engine struct {
	replica *replica.Replica
}

// New returns an engine that recommends what the replica holds.
func New(r *replica.Replica) *Engine { return &Engine{replica: r} }

// Feed returns the posts that the user of the request will want next, best first. Posts the user
// has seen come back, least recently seen first, once nothing else is left; the user's own,
// hidden ones and those of other projects never do. An unknown user gets what is popular and new.
// An error wraps errs.Invalid for a wrong request, errs.Unavailable when the store does not answer.
func (e *Engine) Feed(ctx context.Context, request Request) (feed Feed, err error) {
	if err := request.Check(); err != nil {
		return Feed{}, err
	}
	err = e.replica.Read(ctx, func(view replica.View) error {
		feed, err = serve(ctx, view, request)
		return err
	})
	if err != nil {
		return Feed{}, fmt.Errorf("make feed: %w", err)
	}
	return feed, nil
}

func serve(ctx context.Context, view replica.View, request Request) (Feed, error) {
	p := profile.Of(view.Log.History(request.Username), view.Log.RatingScale())
	user, err := userEmbedding(ctx, view, p)
	if err != nil {
		return Feed{}, err
	}
	meter := rank.NewMeter(view.Catalog, view.Log, view.Now, user)
	audience := newAudience(view.Catalog, p, request.Username)
	candidates := retrieve(view, meter, audience, request)
	scored, err := score(ctx, view, meter, p, candidates)
	if err != nil {
		return Feed{}, err
	}
	return present(ctx, view, audience, rerank.Order(scored, request.TopK))
}

// userEmbedding returns where the user's taste lies, nil when it is not known.
func userEmbedding(ctx context.Context, view replica.View, p profile.Profile) ([]float32, error) {
	tastes := p.Tastes(func(id int64) bool {
		o, ok := view.Catalog.Lookup(id)
		return ok && !view.Catalog.Entry(o).Gone && view.Vectors.Version(o) != 0
	})
	ordinals := make([]catalog.Ordinal, len(tastes))
	for i, taste := range tastes {
		ordinals[i], _ = view.Catalog.Lookup(taste.PostID)
	}
	embeddings, err := view.Embeddings(ctx, ordinals)
	if err != nil {
		return nil, err
	}
	return profile.UserEmbedding(tastes, embeddings), nil
}

// Retrieval names this many candidates a generator, and as many more as the feed is long.
// Catalogues and projects up to rankWhole posts are ranked whole.
const (
	candidatesPerGenerator = 200
	rankWhole              = 4096
)

// retrieve returns the posts worth ranking, each once: unseen ones or, when none is left, the
// seen ones rather than nothing.
func retrieve(view replica.View, meter *rank.Meter, a audience, request Request) []catalog.Ordinal {
	query := candidate.Query{
		Scope: view.Catalog.Scope(request.Project), UserEmbedding: meter.UserEmbedding,
		Allowed: a.unseen, Limit: candidatesPerGenerator + request.TopK,
	}
	candidates := candidate.Union(query, generators(view, meter, query.Scope)...)
	if len(candidates) > 0 {
		return candidates
	}
	query.Allowed = a.allowed
	return candidate.Union(query, candidate.Top{Value: a.longAgo})
}

// generators lists the sides from which candidates are found.
func generators(view replica.View, meter *rank.Meter, scope catalog.Scope) []candidate.Generator {
	if scope.Len() <= rankWhole {
		return []candidate.Generator{candidate.Everything{}}
	}
	return []candidate.Generator{
		candidate.Content{Vectors: view.Vectors},
		candidate.Top{Value: meter.Popularity},
		candidate.Top{Value: meter.Freshness},
	}
}

// score measures every candidate.
func score(ctx context.Context, view replica.View, meter *rank.Meter, p profile.Profile, candidates []catalog.Ordinal) ([]rerank.Scored, error) {
	weights, embeddings := rank.NewUser(), make([][]float32, len(candidates))
	if meter.UserEmbedding != nil {
		var err error
		if embeddings, err = view.Embeddings(ctx, candidates); err != nil {
			return nil, err
		}
		weights = rank.KnownUser()
	}
	scored := make([]rerank.Scored, len(candidates))
	for i, o := range candidates {
		parts := meter.Parts(o, embeddings[i], weights)
		id := view.Catalog.Entry(o).ID
		touch := p.Touch(id)
		scored[i] = rerank.Scored{
			Ordinal: o, PostID: id, Score: parts.Score(), Parts: parts, Seen: touch.Seen, SeenAt: touch.LastAt,
		}
	}
	return scored, nil
}
