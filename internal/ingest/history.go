package ingest

import (
	"context"

	"resonance/internal/catalog"
	"resonance/internal/store"
	"resonance/internal/upstream"
)

// Asked without the algorithm secret, an interaction endpoint answers with the history of the
// token's owner: whole posts, which name no user.

// namesNoUser reports whether page holds whole posts where interactions were asked for.
func namesNoUser(page upstream.Page) bool {
	return page.Endpoint != upstream.Posts && len(page.Posts) > 0
}

// keepHistory writes the posts of page that the store lacks, and the events it holds if any. Posts
// that are known stay as they are: those of a history lack the description that the list of posts
// gives. They are written as posts of ours rather than as a part of the page, because the pass
// over the list of posts is no proof that they are gone.
func (s *Syncer) keepHistory(ctx context.Context, page upstream.Page) (changed int, err error) {
	lacking, err := s.lacking(ctx, page.Posts)
	if err != nil {
		return 0, err
	}
	if len(lacking) > 0 {
		if changed, err = s.store.PutPosts(ctx, lacking); err != nil {
			return 0, err
		}
	}
	events, err := s.store.PutPage(ctx, store.Page{Endpoint: string(page.Endpoint), Number: page.Number, Interactions: page.Interactions})
	return changed + events, err
}

// lacking returns the posts that the store has never held, each once: a hidden one stays hidden.
func (s *Syncer) lacking(ctx context.Context, posts []catalog.Post) ([]catalog.Post, error) {
	ids := make([]int64, len(posts))
	for i := range posts {
		ids[i] = posts[i].ID
	}
	done, err := s.store.KnownPosts(ctx, ids)
	if err != nil {
		return nil, err
	}
	var lacking []catalog.Post
	for _, p := range posts {
		if !done[p.ID] {
			done[p.ID] = true
			lacking = append(lacking, p)
		}
	}
	return lacking, nil
}
