package model

import "resonance/internal/recommend"

// NewFeed returns the posts of a feed in order.
func NewFeed(feed recommend.Feed) []Post {
	posts := make([]Post, len(feed.Items))
	for i, item := range feed.Items {
		posts[i] = Post{item.Post, item.Viewer}
	}
	return posts
}

// FeedConnection is a feed whose edges say how each post was scored.
type FeedConnection struct {
	Edges []FeedEdge
}

// NewFeedConnection returns a feed as a connection.
func NewFeedConnection(feed recommend.Feed) *FeedConnection {
	edges := make([]FeedEdge, len(feed.Items))
	for i, item := range feed.Items {
		edges[i] = FeedEdge{item}
	}
	return &FeedConnection{edges}
}

// FeedEdge is a post in a feed, its score and the parts that add up to it.
type FeedEdge struct{ recommend.Item }

// Node returns the post.
func (e FeedEdge) Node() Post { return Post{e.Post, e.Viewer} }
