package model

import (
	"strconv"

	"resonance/internal/catalog"
	"resonance/internal/recommend"
)

// Post is a post, with what the requesting user has to do with it.
type Post struct {
	*catalog.Post
	recommend.Viewer
}

// IsNode marks posts as nodes.
func (Post) IsNode() {}

// ID returns the global id.
func (p Post) ID() string { return GlobalID(KindPost, strconv.FormatInt(p.Post.ID, 10)) }

// DatabaseID returns the number of the post.
func (p Post) DatabaseID() int64 { return p.Post.ID }

// Owner returns the author.
func (p Post) Owner() Owner { return Owner{&p.Post.Owner} }

// Category returns the category, or nil.
func (p Post) Category() *Category {
	if p.Post.Category == nil {
		return nil
	}
	return &Category{p.Post.Category}
}

// Topic returns the topic, or nil.
func (p Post) Topic() *Topic {
	if p.Post.Topic == nil {
		return nil
	}
	return &Topic{p.Post.Topic}
}

// ProjectCode returns the code of the project the post belongs to, or nil for none.
func (p Post) ProjectCode() *string {
	code := p.Project()
	if code == "" {
		return nil
	}
	return &code
}

// IsAvailableInPublicFeed reports whether feeds may hold the post.
func (p Post) IsAvailableInPublicFeed() bool { return p.Public }

// IsLocked reports whether the video must be unlocked first.
func (p Post) IsLocked() bool { return p.Locked }

// Owner is the author of a post.
type Owner struct{ *catalog.Owner }

// ID returns the global id.
func (o Owner) ID() string { return GlobalID(KindOwner, o.Username) }
