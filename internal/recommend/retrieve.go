package recommend

import (
	"context"
	"slices"

	"resonance/internal/candidate"
	"resonance/internal/catalog"
	"resonance/internal/profile"
	"resonance/internal/replica"
	"resonance/internal/signal"
)

// ask makes q the question about the user and the posts in scope, without candidates yet.
func ask(ctx context.Context, view replica.View, p profile.Profile, username string, scope catalog.Scope, q *signal.Question) error {
	q.World = signal.World{Catalog: view.Catalog, Crowd: view.Crowd, Fitted: view.Model.Fitted, Embeddings: view.Vectors}
	q.User, _ = view.Log.UserID(username)
	q.Now, q.History = view.Now, signal.Touches(view.Catalog, p)
	posts := make([]catalog.Ordinal, min(signal.Remembered, len(q.History)))
	for i := range posts {
		posts[i] = q.History[i].Post
	}
	embeddings, err := vectors(ctx, view, scope, posts)
	if err != nil {
		return err
	}
	for i, v := range embeddings {
		q.History[i].Vector = v
	}
	return nil
}

// perGenerator is how many candidates each generator names, and as many more as the feed is long.
const perGenerator = 100

// retrieve gives the question the posts worth ranking, none of which the user has seen. A scope of up to signal.RankWhole posts is ranked whole, and so is what a
// filter leaves of a larger one.
func retrieve(view replica.View, q *signal.Question, a *audience, request Request) {
	if !a.scope.Settled() {
		q.Whole(a.scope)
		q.Out = a.out(q, q.Out)
		return
	}
	query := candidate.Query{Scope: a.scope, Allowed: a.unseen, Limit: perGenerator + request.size()}
	if !request.Filter.empty() {
		q.Candidates = view.Catalog.ByID(candidate.Everything{}.Append(q.Candidates[:0], query))
	}
	if request.Filter.empty() || len(q.Candidates) > signal.RankWhole {
		query.UserEmbedding = q.UserEmbedding()
		q.Candidates, q.Rest = narrow(view, q, query)
	}
}

// vectors returns embeddings for a question about a scope: those of a large one come from their bytes in
// memory.
func vectors(ctx context.Context, view replica.View, scope catalog.Scope, posts []catalog.Ordinal) ([][]float32, error) {
	if scope.Settled() {
		return view.Vectors.Vectors(posts), nil
	}
	return view.Embeddings(ctx, posts)
}

// narrow returns the best posts of a large scope by each signal on its own, and a sample of the
// others, which tells what all of them are like.
func narrow(view replica.View, q *signal.Question, query candidate.Query) ([]catalog.Ordinal, *signal.Rest) {
	var posts []catalog.Ordinal
	for _, g := range generators(view, q) {
		posts = append(posts, g.Generate(query)...)
	}
	for _, s := range signal.All() {
		if s.Reach != nil {
			reached, values := q.Reached(s, query.Scope)
			posts = append(posts, candidate.Reached{Posts: reached, Values: values}.Generate(query)...)
		}
	}
	sample := slices.DeleteFunc(slices.Clone(query.Scope.Sample()), func(o catalog.Ordinal) bool { return !query.Allowed(o) })
	posts = view.Catalog.ByID(append(posts, sample...))
	if len(posts) < query.Limit { // what is allowed is old, and nobody touched it
		age := func(o catalog.Ordinal) float64 { return float64(view.Catalog.Entry(o).CreatedAt) }
		posts = view.Catalog.ByID(append(posts, candidate.Top{Value: age}.Generate(query)...))
	}
	rest, next := &signal.Rest{Sample: make([]int, len(sample)), Scope: query.Scope}, 0
	for i, o := range view.Catalog.ByID(sample) {
		for posts[next] != o {
			next++
		}
		rest.Sample[i] = next
	}
	return posts, rest
}

// generators lists the sides from which candidates of a large scope are found, besides the signals
// that reach few posts.
func generators(view replica.View, q *signal.Question) []candidate.Generator {
	all := []candidate.Generator{
		candidate.Content{Vectors: view.Vectors, Interests: q.Interests()},
		candidate.Newest{},
		popular{view.Crowd},
	}
	for _, t := range q.History[:min(3, len(q.History))] {
		entry := view.Catalog.Entry(t.Post)
		if t.Weight <= 0 {
			continue
		}
		if entry.Author != 0 {
			all = append(all, candidate.Authored{Author: entry.Author})
		}
		if entry.Category != 0 {
			all = append(all, candidate.Newest{Is: func(e *catalog.Entry) bool { return e.Category == entry.Category }})
		}
		all = append(all, candidate.Around{At: entry.CreatedAt})
	}
	return all
}

// popular names what most people watch.
type popular struct{ crowd *signal.Crowd }

// Generate implements candidate.Generator.
func (p popular) Generate(q candidate.Query) []catalog.Ordinal {
	return p.crowd.Popular(q.Scope.Index(), q.Limit, func(o catalog.Ordinal) bool { return q.Scope.Contains(o) && q.Allowed(o) })
}
