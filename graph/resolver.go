// Package graph is the GraphQL door: arguments in, one call, mapping out. schema.graphql says what
// it answers, graph/model maps it, generated.go executes it, and this package adds the transport,
// the limits and what clients are told of errors.
package graph

//go:generate go run github.com/99designs/gqlgen generate

import (
	"context"
	"fmt"

	"resonance/graph/model"
	"resonance/internal/caller"
	"resonance/internal/catalog"
	"resonance/internal/cursor"
	"resonance/internal/errs"
	"resonance/internal/interaction"
	"resonance/internal/recommend"
	"resonance/internal/replica"
)

// Feeds makes feeds. An error wraps errs.Invalid for a wrong request.
type Feeds interface {
	Feed(ctx context.Context, request recommend.Request) (recommend.Feed, error)
}

// Catalog reads what there is to recommend, of some projects. It leaves out what may not be shown.
type Catalog interface {
	Posts(ctx context.Context, within catalog.Projects, ids []int64) ([]*catalog.Post, error)
	Categories(ctx context.Context, within catalog.Projects) ([]catalog.Category, error)
	Topics(ctx context.Context, within catalog.Projects) ([]catalog.Topic, error)
	Projects(ctx context.Context, within catalog.Projects) ([]replica.Project, error)
	Owners(ctx context.Context, within catalog.Projects, usernames []string) (map[string]catalog.Owner, error)
	History(ctx context.Context, username string, within catalog.Projects, n int) ([]interaction.Interaction, error)
}

// Users finds people by username; unknown ones are not in the answer.
type Users interface {
	UsersNamed(ctx context.Context, usernames []string) (map[string]catalog.User, error)
}

// Services is what the resolvers call.
type Services struct {
	Feeds    Feeds
	Lists    Lists
	Cursors  cursor.Signer
	Catalog  Catalog
	Users    Users
	Recorder Recorder
	Editor   Editor
	Live     Live
}

type resolver struct{ Services }

// Query returns the resolvers of the type Query.
func (r resolver) Query() QueryResolver { return queryResolver(r) }

type queryResolver struct{ Services }

// Feed resolves Query.feed.
func (r queryResolver) Feed(ctx context.Context, username string, projectCode *string, topK *int64) ([]model.Post, error) {
	request, err := feedRequest(ctx, username, projectCode, "topK", topK)
	if err != nil {
		return nil, err
	}
	request.Plain = true
	feed, err := r.Feeds.Feed(ctx, request)
	return model.NewFeed(feed), err
}

func feedRequest(ctx context.Context, username string, projectCode *string, sizeArgument string, size *int64) (recommend.Request, error) {
	topK, err := listSize(sizeArgument, size, recommend.DefaultTopK)
	if err != nil {
		return recommend.Request{}, err
	}
	project, err := caller.Of(ctx).Project("projectCode", orEmpty(projectCode))
	return recommend.Request{Username: username, Project: project, TopK: topK, Bound: caller.Of(ctx).Projects}, err
}

// Post resolves Query.post.
func (r queryResolver) Post(ctx context.Context, id string) (*model.Post, error) {
	number, err := model.ParsePostID("id", id)
	if err != nil {
		return nil, err
	}
	posts, err := r.Catalog.Posts(ctx, caller.Of(ctx).Reach(), []int64{number})
	if err != nil || len(posts) == 0 {
		return nil, err
	}
	return &model.Post{Post: posts[0]}, nil
}

// User resolves Query.user.
func (r queryResolver) User(ctx context.Context, username string) (*model.User, error) {
	if username == "" {
		return nil, fmt.Errorf("%w: username: must not be empty", errs.Invalid)
	}
	users, err := r.Users.UsersNamed(ctx, []string{username})
	user, known := users[username]
	if err != nil || !known {
		return nil, err
	}
	return &model.User{User: user}, nil
}

// Categories resolves Query.categories.
func (r queryResolver) Categories(ctx context.Context) ([]model.Category, error) {
	categories, err := r.Catalog.Categories(ctx, caller.Of(ctx).Reach())
	return model.NewCategories(categories), err
}

// Topics resolves Query.topics.
func (r queryResolver) Topics(ctx context.Context) ([]model.Topic, error) {
	topics, err := r.Catalog.Topics(ctx, caller.Of(ctx).Reach())
	return model.NewTopics(topics), err
}

// Projects resolves Query.projects.
func (r queryResolver) Projects(ctx context.Context) ([]model.Project, error) {
	projects, err := r.Catalog.Projects(ctx, caller.Of(ctx).Reach())
	return model.NewProjects(projects), err
}

// listSize returns how many items a list argument asks for: asked, or unasked when it is nil. The
// error wraps errs.Invalid.
func listSize(argument string, asked *int64, unasked int) (int, error) {
	if asked == nil {
		return unasked, nil
	}
	if *asked < 1 || *asked > recommend.MaxTopK {
		return 0, fmt.Errorf("%w: %s: must be 1 to %d", errs.Invalid, argument, recommend.MaxTopK)
	}
	return int(*asked), nil
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
