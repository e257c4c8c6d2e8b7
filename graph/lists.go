package graph

import (
	"context"
	"slices"

	"resonance/graph/model"
	"resonance/internal/caller"
	"resonance/internal/catalog"
	"resonance/internal/recommend"
)

// Lists makes the lists that are about posts rather than for a user; recommend.Engine does. Errors are
// of the kinds in errs.
type Lists interface {
	Similar(ctx context.Context, request recommend.SimilarRequest) (recommend.Feed, error)
	Trending(ctx context.Context, request recommend.TrendingRequest) (recommend.Feed, error)
	Search(ctx context.Context, request recommend.SearchRequest) (recommend.Feed, error)
	Interests(ctx context.Context, username string, within catalog.Projects, n int) ([]recommend.Interest, error)
	Viewers(ctx context.Context, within catalog.Projects, of []recommend.Viewing) (map[recommend.Viewing]recommend.Viewer, error)
}

// SimilarPosts resolves Query.similarPosts.
func (r queryResolver) SimilarPosts(ctx context.Context, postID string, projectCode, username *string, first *int64) ([]model.ScoredPost, error) {
	number, err := model.ParsePostID("postId", postID)
	if err != nil {
		return nil, err
	}
	about, err := aboutPosts(ctx, projectCode, username, first)
	if err != nil {
		return nil, err
	}
	found, err := r.Lists.Similar(ctx, recommend.SimilarRequest{About: about, PostID: number, Within: caller.Of(ctx).Reach()})
	return model.NewScoredPosts(found), err
}

// Trending resolves Query.trending.
func (r queryResolver) Trending(ctx context.Context, projectCode, username *string, window *model.TrendingWindow, first *int64) ([]model.ScoredPost, error) {
	about, err := aboutPosts(ctx, projectCode, username, first)
	if err != nil {
		return nil, err
	}
	found, err := r.Lists.Trending(ctx, recommend.TrendingRequest{About: about, Window: window.Duration()})
	return model.NewScoredPosts(found), err
}

// Search resolves Query.search.
func (r queryResolver) Search(ctx context.Context, query string, projectCode, username *string, first *int64, after *string, last *int64, before *string) (*model.PostConnection, error) {
	about, err := aboutPosts(ctx, projectCode, username, first)
	if err != nil {
		return nil, err
	}
	request := recommend.SearchRequest{About: about, Query: query}
	list := r.Cursors.List(caller.Of(ctx).KeyID, request)
	if request.Served, err = goOn(list, after, last, before); err != nil {
		return nil, err
	}
	found, err := r.Lists.Search(ctx, request)
	if err != nil {
		return nil, err
	}
	return model.NewPostConnection(found, sealer(list, request.Served, found), len(request.Served) > 0), nil
}

func aboutPosts(ctx context.Context, projectCode, username *string, first *int64) (recommend.About, error) {
	size, err := listSize("first", first, recommend.DefaultTopK)
	if err != nil {
		return recommend.About{}, err
	}
	project, err := caller.Of(ctx).Project("projectCode", orEmpty(projectCode))
	return recommend.About{Project: project, Username: orEmpty(username), TopK: size, Bound: caller.Of(ctx).Projects}, err
}

// User returns the resolvers of the type User.
func (r resolver) User() UserResolver { return userResolver(r) }

type userResolver struct{ Services }

// History resolves User.history.
func (r userResolver) History(ctx context.Context, user *model.User, first *int64) ([]model.Interaction, error) {
	size, err := listSize("first", first, 20)
	if err != nil {
		return nil, err
	}
	acts, err := r.Catalog.History(ctx, user.Username, caller.Of(ctx).Reach(), size)
	return model.NewHistory(acts), err
}

// Interests resolves User.interests.
func (r userResolver) Interests(ctx context.Context, user *model.User, first *int64) ([]recommend.Interest, error) {
	size, err := listSize("first", first, recommend.DefaultTopK)
	if err != nil {
		return nil, err
	}
	interests, err := r.Lists.Interests(ctx, user.Username, caller.Of(ctx).Reach(), size)
	return slices.Clip(append([]recommend.Interest{}, interests...)), err
}

// Feed resolves User.feed.
func (r userResolver) Feed(ctx context.Context, user *model.User, projectCode *string, topK *int64) ([]model.Post, error) {
	return queryResolver(r).Feed(ctx, user.Username, projectCode, topK)
}

// Interaction returns the resolvers of the type Interaction.
func (r resolver) Interaction() InteractionResolver { return interactionResolver(r) }

type interactionResolver struct{ Services }

// Post resolves Interaction.post, which is as the one who acted sees it.
func (r interactionResolver) Post(ctx context.Context, act *model.Interaction) (*model.Post, error) {
	find := loadersOf(ctx).post(ctx, act.Interaction.PostID)
	if !selects(ctx, "upvoted") && !selects(ctx, "bookmarked") && !selects(ctx, "following") {
		return find()
	}
	view := loadersOf(ctx).viewer(ctx, act.Username, act.Interaction.PostID)
	post, err := find()
	if post == nil || err != nil {
		return nil, err
	}
	post.Viewer, err = view()
	return post, err
}
