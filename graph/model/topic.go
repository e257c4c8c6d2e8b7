package model

import (
	"context"
	"strconv"
	"time"

	"resonance/internal/caller"
	"resonance/internal/catalog"
)

// Category is what a post is about.
type Category struct{ *catalog.Category }

// IsNode marks categories as nodes.
func (Category) IsNode() {}

// ID returns the global id.
func (c Category) ID() string { return GlobalID(KindCategory, c.Name) }

// DatabaseID returns the number of the category, 0 for an imported one.
func (c Category) DatabaseID() int64 { return c.Category.ID }

// Count returns how many posts the category has, 0 where they are none of the caller's concern.
func (c Category) Count(ctx context.Context) int64 {
	return caller.Of(ctx).Reach().CountOf(c.Category)
}

// NewCategories returns the categories in the same order.
func NewCategories(categories []catalog.Category) []Category {
	all := make([]Category, len(categories))
	for i := range categories {
		all[i] = Category{&categories[i]}
	}
	return all
}

// Topic is a collection of posts inside a project.
type Topic struct{ *catalog.Topic }

// IsNode marks topics as nodes.
func (Topic) IsNode() {}

// ID returns the global id. A topic without a number is known by its project and name.
func (t Topic) ID() string {
	if t.Topic.ID == 0 {
		return GlobalID(KindTopic, "0:"+catalog.FoldProject(t.ProjectCode)+":"+t.Name)
	}
	return GlobalID(KindTopic, strconv.FormatInt(t.Topic.ID, 10))
}

// DatabaseID returns the number of the topic, 0 for an imported one without.
func (t Topic) DatabaseID() int64 { return t.Topic.ID }

// PostsCount returns how many posts the topic has, 0 where they are none of the caller's concern.
func (t Topic) PostsCount(ctx context.Context) int64 {
	return caller.Of(ctx).Reach().PostsCountOf(t.Topic)
}

// IsPublic reports whether everyone may see the topic.
func (t Topic) IsPublic() bool { return t.Public }

// CreatedAt returns when the topic was made, or nil if upstream's text is no time.
func (t Topic) CreatedAt() *time.Time {
	at, err := time.Parse(time.DateTime, t.Topic.CreatedAt)
	if err != nil {
		return nil
	}
	return &at
}

// Owner returns who made the topic.
func (t Topic) Owner() TopicOwner { return TopicOwner{&t.Topic.Owner} }

// NewTopics returns the topics in the same order.
func NewTopics(topics []catalog.Topic) []Topic {
	all := make([]Topic, len(topics))
	for i := range topics {
		all[i] = Topic{&topics[i]}
	}
	return all
}

// TopicOwner is the user who made a topic.
type TopicOwner struct{ *catalog.TopicOwner }

// ID returns the global id.
func (o TopicOwner) ID() string { return GlobalID(KindTopicOwner, o.Username) }
