package main

import (
	"context"
	"encoding/json"
	"io"
	"os"

	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2/ast"

	"resonance/graph"
	"resonance/graph/model"
	"resonance/internal/catalog"
	"resonance/internal/recommend"
)

// wholeFeed selects every field of the documented JSON.
const wholeFeed = `query($u: String!) { feed(username: $u) {
  id: databaseId
  owner { firstName lastName name username pictureUrl userType hasEvmWallet hasSolanaWallet }
  category { id: databaseId name count description imageUrl }
  topic { id: databaseId name description imageUrl slug isPublic projectCode postsCount language createdAt
    owner { firstName lastName name username profileUrl userType hasEvmWallet hasSolanaWallet } }
  title isAvailableInPublicFeed isLocked slug upvoted bookmarked following identifier
  commentCount upvoteCount viewCount exitCount ratingCount averageRating shareCount bookmarkCount
  videoLink thumbnailUrl gifThumbnailUrl contractAddress chainId chartUrl
  baseToken { address name symbol imageUrl } createdAt tags
} }`

// serveGraph answers the product's GraphQL schema with a resolver that returns the same posts each time: gqlgen as
// its documentation sets it up, and nothing else. The file holds the posts.
func serveGraph(ctx context.Context, out io.Writer, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var posts []catalog.Post
	if err := json.Unmarshal(text, &posts); err != nil {
		return err
	}
	var feed recommend.Feed
	for i := range posts {
		feed.Items = append(feed.Items, recommend.Item{Post: &posts[i]})
	}
	resolvers := constant{query: constantQuery{posts: model.NewFeed(feed)}}
	server := handler.New(graph.NewExecutableSchema(graph.Config{Resolvers: resolvers}))
	server.AddTransport(transport.POST{})
	server.SetQueryCache(lru.New[*ast.QueryDocument](128))
	return serveOn(ctx, out, server)
}

// constant has no resolvers but those of the type Query.
type constant struct {
	graph.ResolverRoot
	query constantQuery
}

// Query returns the resolvers of the type Query.
func (c constant) Query() graph.QueryResolver { return c.query }

// constantQuery resolves feed, and no other field.
type constantQuery struct {
	graph.QueryResolver
	posts []model.Post
}

// Feed resolves Query.feed.
func (c constantQuery) Feed(context.Context, string, *string, *int64) ([]model.Post, error) {
	return c.posts, nil
}
