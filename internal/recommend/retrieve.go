package recommend

import (
	"context"

	"resonance/internal/candidate"
	"resonance/internal/catalog"
	"resonance/internal/profile"
	"resonance/internal/replica"
	"resonance/internal/signal"
)

// ask returns the question about the user, without candidates yet.
func ask(ctx context.Context, view replica.View, p profile.Profile, username string) (*signal.Question, error) {
	user, _ := view.Log.UserID(username)
	q := &signal.Question{
		World: signal.World{Catalog: view.Catalog, Crowd: view.Crowd, Fitted: view.Model.Fitted},
		User:  user, Now: view.Now, History: signal.Touches(view.Catalog, p),
	}
	posts := make([]catalog.Ordinal, min(signal.Remembered, len(q.History)))
	for i := range posts {
		posts[i] = q.History[i].Post
	}
	embeddings, err := view.Embeddings(ctx, posts)
	if err != nil {
		return nil, err
	}
	for i, v := range embeddings {
		q.History[i].Vector = v
	}
	return q, nil
}

// Retrieval names this many candidates a generator, and as many more as the feed is long.
// Catalogues and projects up to rankWhole posts are ranked whole.
const (
	candidatesPerGenerator = 200
	rankWhole              = 16384
)

// retrieve gives the question the posts worth ranking: unseen ones and, where these cannot fill the
// feed, the seen ones too.
func retrieve(ctx context.Context, view replica.View, q *signal.Question, a audience, request Request) (err error) {
	query := candidate.Query{
		Scope: view.Catalog.Scope(request.Project), UserEmbedding: q.UserEmbedding(),
		Allowed: a.unseen, Limit: candidatesPerGenerator + request.TopK,
	}
	q.Candidates = candidate.Union(query, generators(view, query.Scope)...)
	if len(q.Candidates) < request.TopK {
		query.Allowed = a.allowed
		q.Candidates = candidate.Union(query, candidate.Top{Value: a.longAgo})
	}
	q.Vectors, err = view.Embeddings(ctx, q.Candidates)
	return err
}

// generators lists the sides from which candidates are found.
func generators(view replica.View, scope catalog.Scope) []candidate.Generator {
	if scope.Len() <= rankWhole {
		return []candidate.Generator{candidate.Everything{}}
	}
	return []candidate.Generator{
		candidate.Content{Vectors: view.Vectors},
		candidate.Top{Value: func(o catalog.Ordinal) float64 { return float64(view.Catalog.Entry(o).CreatedAt) }},
	}
}
