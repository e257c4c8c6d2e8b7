package replica

import (
	"context"
	"fmt"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
)

// Posts returns whole posts of the projects in the order of ids, with counters as shown. Posts that
// are unknown, gone, not public or of another project are left out.
func (r *Replica) Posts(ctx context.Context, within catalog.Projects, ids []int64) (posts []*catalog.Post, err error) {
	err = r.Read(ctx, func(v View) error {
		scope := v.Catalog.ScopeOf(within)
		known := make([]int64, 0, len(ids))
		for _, id := range ids {
			if _, ok := scope.Lookup(id); ok {
				known = append(known, id)
			}
		}
		posts, err = v.Posts(ctx, known)
		return err
	})
	return posts, err
}

// Posts returns whole posts of any project as Replica.Posts does.
func (v View) Posts(ctx context.Context, ids []int64) ([]*catalog.Post, error) {
	found := make([]*catalog.Post, len(ids))
	var missing []int64
	for i, id := range ids {
		entry, ok := v.visible(id)
		if !ok {
			continue
		}
		if found[i] = v.replica.posts.get(id, entry.Version); found[i] == nil {
			missing = append(missing, id)
		}
	}
	loaded, err := v.load(ctx, missing)
	if err != nil {
		return nil, err
	}
	posts := make([]*catalog.Post, 0, len(ids))
	for i, id := range ids {
		if found[i] == nil {
			found[i] = loaded[id]
		}
		if found[i] != nil {
			posts = append(posts, v.shown(found[i]))
		}
	}
	return posts, nil
}

func (v View) visible(id int64) (*catalog.Entry, bool) {
	o, ok := v.Catalog.Lookup(id)
	if !ok {
		return nil, false
	}
	entry := v.Catalog.Entry(o)
	return entry, entry.Eligible()
}

func (v View) load(ctx context.Context, ids []int64) (map[int64]*catalog.Post, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	posts, err := v.replica.source.Posts(ctx, ids)
	if err != nil {
		return nil, failed(fmt.Sprintf("read %d posts", len(ids)), err)
	}
	loaded := make(map[int64]*catalog.Post, len(posts))
	for i := range posts {
		post := &posts[i]
		// The store may be ahead of the view: what has left the project or the public since is left out.
		entry, ok := v.visible(post.ID)
		if !ok || !post.Public || post.Project() != v.Catalog.Projects.Text(entry.Project) {
			continue
		}
		loaded[post.ID] = post
		v.replica.posts.put(post, entry.Version)
	}
	return loaded, nil
}

// shown returns post with counters that also count the events that upstream has not sent.
func (v View) shown(post *catalog.Post) *catalog.Post {
	totals := v.Log.Totals(post.ID)
	fewest := min(post.ViewCount, post.UpvoteCount, post.RatingCount, post.ShareCount, post.BookmarkCount)
	ratings := int64(totals.Events[interaction.Rating])
	unrated := ratings > 0 && post.RatingCount == 0 && post.AverageRating == 0
	if fewest >= 0 && !unrated && totals.Unsent == (interaction.Totals{}).Unsent {
		return post
	}
	shown := *post
	add := func(counter *int64, kind interaction.Kind) {
		*counter = max(0, *counter+int64(totals.Unsent[kind]))
	}
	add(&shown.ViewCount, interaction.View)
	add(&shown.UpvoteCount, interaction.Like)
	add(&shown.RatingCount, interaction.Rating)
	add(&shown.ShareCount, interaction.Share)
	add(&shown.BookmarkCount, interaction.Bookmark)
	if unrated {
		shown.AverageRating = (totals.RatingSum + ratings/2) / ratings
	}
	return &shown
}

// Embeddings returns the embeddings of the posts at ordinals, in their order, nil where a post
// has none.
func (v View) Embeddings(ctx context.Context, ordinals []catalog.Ordinal) ([][]float32, error) {
	whole := make([][]float32, len(ordinals))
	if v.Vectors.Whole(ordinals, whole) {
		return whole, nil
	}
	ids := make([]int64, len(ordinals))
	versions := make([]int64, len(ordinals))
	for i, o := range ordinals {
		ids[i], versions[i] = v.Catalog.Entry(o).ID, v.Vectors.Version(o)
	}
	embeddings, err := v.replica.embeddings.GetMany(ctx, nil, ids, versions)
	if err != nil {
		return nil, failed("read embeddings", err)
	}
	return embeddings, nil
}
