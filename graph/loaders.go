package graph

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vikstrous/dataloadgen"

	"resonance/graph/model"
	"resonance/internal/caller"
	"resonance/internal/catalog"
	"resonance/internal/recommend"
)

// loaders read what is asked for one by one, by any number of objects of an answer, in one call for
// all of them. A root field has loaders of its own: what a mutation has changed is read again.
type loaders struct {
	posts      *dataloadgen.Loader[int64, *catalog.Post]
	users      *dataloadgen.Loader[string, catalog.User]
	owners     *dataloadgen.Loader[string, catalog.Owner]
	viewers    *dataloadgen.Loader[recommend.Viewing, recommend.Viewer]
	categories func() ([]model.Category, error)
	topics     func() ([]model.Topic, error)
	projects   func() ([]model.Project, error)
}

// gathering is how long a loader waits for more to load: long enough for the resolvers of a list to
// begin, all of which run at once.
const gathering = time.Millisecond

func (s Services) newLoaders(ctx context.Context) *loaders {
	query := queryResolver{s}
	return &loaders{
		posts:  dataloadgen.NewMappedLoader(s.postsByID, dataloadgen.WithWait(gathering)),
		users:  dataloadgen.NewMappedLoader(s.Users.UsersNamed, dataloadgen.WithWait(gathering)),
		owners: dataloadgen.NewMappedLoader(s.ownersNamed, dataloadgen.WithWait(gathering)),

		viewers: dataloadgen.NewMappedLoader(s.viewersOf, dataloadgen.WithWait(gathering)),

		categories: sync.OnceValues(func() ([]model.Category, error) { return query.Categories(ctx) }),
		topics:     sync.OnceValues(func() ([]model.Topic, error) { return query.Topics(ctx) }),
		projects:   sync.OnceValues(func() ([]model.Project, error) { return query.Projects(ctx) }),
	}
}

func (s Services) postsByID(ctx context.Context, ids []int64) (map[int64]*catalog.Post, error) {
	posts, err := s.Catalog.Posts(ctx, caller.Of(ctx).Reach(), ids)
	byID := make(map[int64]*catalog.Post, len(posts))
	for _, post := range posts {
		byID[post.ID] = post
	}
	return byID, err
}

func (s Services) ownersNamed(ctx context.Context, usernames []string) (map[string]catalog.Owner, error) {
	return s.Catalog.Owners(ctx, caller.Of(ctx).Reach(), usernames)
}

func (s Services) viewersOf(ctx context.Context, of []recommend.Viewing) (map[recommend.Viewing]recommend.Viewer, error) {
	return s.Lists.Viewers(ctx, caller.Of(ctx).Reach(), of)
}

// post returns what waits for a post, which is nil if there is none that may be shown.
func (l *loaders) post(ctx context.Context, id int64) func() (*model.Post, error) {
	load := l.posts.LoadThunk(ctx, id)
	return func() (*model.Post, error) {
		post, err := load()
		if err != nil {
			return nil, unlessNotFound(err)
		}
		return &model.Post{Post: post}, nil
	}
}

// user returns what waits for a user, who is nil if nobody has this username.
func (l *loaders) user(ctx context.Context, username string) func() (*model.User, error) {
	load := l.users.LoadThunk(ctx, username)
	return func() (*model.User, error) {
		user, err := load()
		if err != nil {
			return nil, unlessNotFound(err)
		}
		return &model.User{User: user}, nil
	}
}

// owner returns what waits for an author, who is nil if nobody of this username has a post that may be
// shown.
func (l *loaders) owner(ctx context.Context, username string) func() (*model.Owner, error) {
	load := l.owners.LoadThunk(ctx, username)
	return func() (*model.Owner, error) {
		owner, err := load()
		if err != nil {
			return nil, unlessNotFound(err)
		}
		return &model.Owner{Owner: &owner}, nil
	}
}

// viewer returns what waits for what a user has to do with a post: nothing with one that is not known.
func (l *loaders) viewer(ctx context.Context, username string, post int64) func() (recommend.Viewer, error) {
	load := l.viewers.LoadThunk(ctx, recommend.Viewing{Username: username, PostID: post})
	return func() (recommend.Viewer, error) {
		viewer, err := load()
		return viewer, unlessNotFound(err)
	}
}

func unlessNotFound(err error) error {
	if errors.Is(err, dataloadgen.ErrNotFound) {
		return nil
	}
	return err
}

type loadersKey struct{}

// load gives each root field its loaders.
func (s Services) load(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
	return next(context.WithValue(ctx, loadersKey{}, s.newLoaders(ctx)))
}

func loadersOf(ctx context.Context) *loaders { return ctx.Value(loadersKey{}).(*loaders) }
