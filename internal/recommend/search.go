package recommend

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"resonance/internal/candidate"
	"resonance/internal/catalog"
	"resonance/internal/errs"
	"resonance/internal/rank"
	"resonance/internal/replica"
	"resonance/internal/vector"
)

// SearchRequest asks for posts by a text.
type SearchRequest struct {
	About
	Query  string  // not empty, MaxQuery characters at most
	Served []int64 `json:"-"` // the posts of the pages before: they don't come again
}

// MaxQuery is how many characters a search may have.
const MaxQuery = 200

// Check reports what is wrong; the error wraps errs.Invalid.
func (r SearchRequest) Check() error {
	switch {
	case r.Query == "":
		return fmt.Errorf("%w: query: must not be empty", errs.Invalid)
	case utf8.RuneCountInString(r.Query) > MaxQuery:
		return fmt.Errorf("%w: query: has more than %d characters", errs.Invalid, MaxQuery)
	}
	return r.About.Check()
}

// Words finds posts by the words in them.
type Words interface {
	// FindWords returns the ids of up to limit posts of the projects in which words of text stand, the
	// best matches first.
	FindWords(ctx context.Context, text string, within catalog.Projects, limit int) ([]int64, error)
}

// Meanings finds the place of a text among the embeddings of posts; embedding.Queries does.
type Meanings interface {
	Embed(ctx context.Context, text string) ([]float32, error)
}

// Searching returns the engine with what it takes to search.
func (e *Engine) Searching(words Words, meanings Meanings) *Engine {
	return &Engine{replica: e.replica, words: words, meanings: meanings}
}

// Two lists are blended by the ranks that a post has in them, reciprocal rank fusion (Cormack, Clarke
// and Büttcher 2009, whose constant 60 is):
//
//	score = 1/(60 + rank by meaning) + 1/(60 + rank by words)
//
// so that cosines and word statistics need no common scale, and what a post scores tells nothing of
// posts that the caller may not see.
const fusion = 60

// leastCosine is how near to the text a post's embedding must be to be found by meaning: unrelated
// texts are below.
const leastCosine = .25

// Search returns the posts that a text describes, by what it means and by its words, best first. An
// error wraps errs.Invalid for a wrong request, errs.Unavailable when store or embedder do not answer.
func (e *Engine) Search(ctx context.Context, request SearchRequest) (feed Feed, err error) {
	if err := request.Check(); err != nil {
		return Feed{}, err
	}
	if strings.TrimSpace(request.Query) == "" {
		return Feed{Items: []Item{}}, nil
	}
	size := max(0, min(request.TopK, Depth-len(request.Served)))
	meaning, err := e.meanings.Embed(ctx, request.Query) // before reading: it takes milliseconds
	if err != nil {
		return Feed{}, fmt.Errorf("embed search: %w: %w", errs.Unavailable, err)
	}
	projects := catalog.EveryProject()
	if request.Project != "" {
		projects = catalog.OnlyProjects(request.Project)
	}
	words, err := e.words.FindWords(ctx, request.Query, projects, Depth)
	if err != nil {
		return Feed{}, fmt.Errorf("search for words: %w: %w", errs.Unavailable, err)
	}
	err = e.replica.Read(ctx, func(view replica.View) error {
		viewer := request.viewer(view)
		defer viewer.close()
		found, err := viewer.blend(ctx, view, meaning, words)
		if err != nil {
			return err
		}
		found = best(view.Catalog, found, len(found))
		served, left := idSet(request.Served), found[:0]
		for _, s := range found {
			if !served[view.Catalog.Entry(s.post).ID] {
				left = append(left, s)
			}
		}
		feed, err = viewer.list(ctx, view, left[:min(size, len(left))])
		feed.More = len(left) > size && len(request.Served)+size < Depth
		return err
	})
	if err != nil {
		return Feed{}, fmt.Errorf("search: %w", err)
	}
	return feed, nil
}

// blend returns what is found by meaning, and by words.
func (a *audience) blend(ctx context.Context, view replica.View, meaning []float32, words []int64) ([]scored, error) {
	ranks := map[catalog.Ordinal][]rank.Part{}
	query := candidate.Query{Scope: a.scope, UserEmbedding: meaning, Allowed: a.allowed, Limit: Depth}
	candidates := nearest(view, query)
	vectors, err := vectors(ctx, view, a.scope, candidates)
	if err != nil {
		return nil, err
	}
	var near []scored
	for i, o := range candidates {
		if len(vectors[i]) != len(meaning) {
			continue
		}
		if cosine := float64(vector.Dot(meaning, vectors[i])); cosine >= leastCosine {
			near = append(near, scored{post: o, score: cosine})
		}
	}
	for i, s := range best(view.Catalog, near, Depth) {
		ranks[s.post] = append(ranks[s.post], rank.Part{Name: "meaning", Value: 1 / float64(fusion+1+i)})
	}
	place := 0
	for _, id := range words {
		if o, ok := a.scope.Lookup(id); ok && a.allowed(o) {
			place++
			ranks[o] = append(ranks[o], rank.Part{Name: "words", Value: 1 / float64(fusion+place)})
		}
	}
	found := make([]scored, 0, len(ranks))
	for o, parts := range ranks {
		found = append(found, score(o, parts...))
	}
	return found, nil
}
