package model

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"resonance/internal/catalog"
	"resonance/internal/recommend"
)

// NewFeed returns the posts of a feed in order.
func NewFeed(feed recommend.Feed) []Post {
	posts := make([]Post, len(feed.Items))
	for i, item := range feed.Items {
		posts[i] = Post{item.Post, item.Viewer}
	}
	return posts
}

// FeedConnection is a page of a feed whose edges say how each post was scored.
type FeedConnection struct {
	Edges    []FeedEdge
	PageInfo PageInfo
}

// NewFeedConnection returns a page of a feed as a connection; seal makes the cursor behind the first n
// posts, and later says that there was a page before.
func NewFeedConnection(feed recommend.Feed, seal func(n int) string, later bool) *FeedConnection {
	edges := make([]FeedEdge, len(feed.Items))
	for i, item := range feed.Items {
		edges[i] = FeedEdge{item, func() string { return seal(i + 1) }}
	}
	return &FeedConnection{edges, newPageInfo(feed, seal, later)}
}

// PageInfo is where a page stands in its list. Its cursors are made when they are asked for.
type PageInfo struct {
	HasNextPage, HasPreviousPage bool

	seal  func(n int) string // the cursor behind the first n edges
	edges int
}

func newPageInfo(page recommend.Feed, seal func(n int) string, later bool) PageInfo {
	return PageInfo{HasNextPage: page.More, HasPreviousPage: later, seal: seal, edges: len(page.Items)}
}

// StartCursor returns the cursor of the first edge, or nil.
func (p PageInfo) StartCursor() *string { return p.cursor(1) }

// EndCursor returns the cursor of the last edge, or nil.
func (p PageInfo) EndCursor() *string { return p.cursor(p.edges) }

func (p PageInfo) cursor(n int) *string {
	if p.edges == 0 {
		return nil
	}
	cursor := p.seal(n)
	return &cursor
}

// FeedEdge is a post in a feed, its score, the parts that add up to it and the reasons.
type FeedEdge struct {
	recommend.Item
	seal func() string
}

// Cursor returns where the feed goes on behind the post.
func (e FeedEdge) Cursor() string { return e.seal() }

// Node returns the post.
func (e FeedEdge) Node() Post { return Post{e.Post, e.Viewer} }

// Reasons returns why the post is there.
func (e FeedEdge) Reasons() []Reason {
	reasons := make([]Reason, len(e.Item.Reasons))
	for i, r := range e.Item.Reasons {
		reasons[i] = Reason{r, e.Post}
	}
	return reasons
}

// Reason is why a post is in a feed.
type Reason struct {
	recommend.Reason
	about *catalog.Post
}

// Text returns the reason in words.
func (r Reason) Text() string { return r.Reason.Text(r.about) }

// Post returns the post behind the reason, or nil.
func (r Reason) Post() *Post {
	if r.Reason.Post == nil {
		return nil
	}
	return &Post{r.Reason.Post, r.Viewer}
}

// Author returns the author behind the reason, or nil.
func (r Reason) Author() *Owner {
	if r.Reason.Author == "" {
		return nil
	}
	return &Owner{&r.about.Owner}
}

// Category returns the category behind the reason, or nil.
func (r Reason) Category() *Category {
	if r.Reason.Category == "" || r.about.Category == nil {
		return nil
	}
	return &Category{r.about.Category}
}

// MarshalReasonKind writes a kind as the enum value that it is.
func MarshalReasonKind(k recommend.ReasonKind) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(string(k))) })
}

// UnmarshalReasonKind is there because gqlgen asks for it: no input holds a kind.
func UnmarshalReasonKind(v any) (recommend.ReasonKind, error) {
	text, _ := v.(string)
	return recommend.ReasonKind(text), nil
}

// FeedFilter says which posts a feed may hold.
type FeedFilter struct {
	Categories, Topics, Tags, Authors []string
	ExcludePostIDs, ExcludeAuthors    []string
	CreatedAfter, CreatedBefore       *time.Time
	UnlockedOnly                      *bool
}

// Filter returns the filter, nil being one that leaves everything. Lists are sorted, since their
// order means nothing. The error wraps errs.Invalid and names the field.
func (f *FeedFilter) Filter() (filter recommend.Filter, err error) {
	if f == nil {
		return filter, nil
	}
	filter = recommend.Filter{
		Categories: sorted(f.Categories), Tags: sorted(f.Tags), Authors: sorted(f.Authors), ExcludedAuthors: sorted(f.ExcludeAuthors),
		CreatedAfter: millis(f.CreatedAfter), CreatedBefore: millis(f.CreatedBefore), UnlockedOnly: orZero(f.UnlockedOnly),
	}
	for n, id := range f.Topics {
		key, err := ParseTopicKey(fmt.Sprintf("filter: topics[%d]", n), id)
		if err != nil {
			return filter, err
		}
		filter.Topics = append(filter.Topics, key)
	}
	for n, id := range f.ExcludePostIDs {
		number, err := ParsePostID(fmt.Sprintf("filter: excludePostIds[%d]", n), id)
		if err != nil {
			return filter, err
		}
		filter.ExcludedPosts = append(filter.ExcludedPosts, number)
	}
	filter.Topics, filter.ExcludedPosts = sorted(filter.Topics), sorted(filter.ExcludedPosts)
	return filter, nil
}

// FeedOptions say how a feed is ranked.
type FeedOptions struct {
	Diversity, Freshness *float64
	ExcludeSeen          *bool
}

// Apply sets the options of a request; nil leaves them as they are.
func (o *FeedOptions) Apply(r *recommend.Request) {
	if o != nil {
		r.Diversity, r.Freshness, r.ExcludeSeen = o.Diversity, o.Freshness, orZero(o.ExcludeSeen)
	}
}

// sorted returns the values in order, each once; nil for none.
func sorted[T int64 | string](values []T) []T {
	if len(values) == 0 {
		return nil
	}
	values = slices.Clone(values)
	slices.Sort(values)
	return slices.Compact(values)
}

func millis(t *time.Time) *int64 {
	if t == nil {
		return nil
	}
	ms := t.UnixMilli()
	return &ms
}
