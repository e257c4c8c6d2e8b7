package model

import (
	"errors"
	"io"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"resonance/internal/interaction"
	"resonance/internal/recommend"
	"resonance/internal/replica"
)

// ScoredPost is a post with how well it fits what was asked.
type ScoredPost struct{ recommend.Item }

// Post returns the post.
func (p ScoredPost) Post() Post { return Post{p.Item.Post, p.Viewer} }

// NewScoredPosts returns the posts of a list in order.
func NewScoredPosts(list recommend.Feed) []ScoredPost {
	posts := make([]ScoredPost, len(list.Items))
	for i, item := range list.Items {
		posts[i] = ScoredPost{item}
	}
	return posts
}

// PostConnection is a page of posts.
type PostConnection struct {
	Edges    []PostEdge
	PageInfo PageInfo
}

// PostEdge is a post in a page.
type PostEdge struct {
	recommend.Item
	seal func() string
}

// Cursor returns where the list goes on behind the post.
func (e PostEdge) Cursor() string { return e.seal() }

// Node returns the post.
func (e PostEdge) Node() Post { return Post{e.Post, e.Viewer} }

// NewPostConnection returns a page of posts; seal makes the cursor behind the first n.
func NewPostConnection(page recommend.Feed, seal func(n int) string, later bool) *PostConnection {
	edges := make([]PostEdge, len(page.Items))
	for i, item := range page.Items {
		edges[i] = PostEdge{item, func() string { return seal(i + 1) }}
	}
	return &PostConnection{edges, newPageInfo(page, seal, later)}
}

// Project is a project with the number of its posts.
type Project struct{ replica.Project }

// IsNode marks projects as nodes.
func (Project) IsNode() {}

// ID returns the global id.
func (p Project) ID() string { return GlobalID(KindProject, p.Code) }

// PostsCount returns how many posts of the project may be shown.
func (p Project) PostsCount() int64 { return p.Posts }

// NewProjects returns the projects in the same order.
func NewProjects(projects []replica.Project) []Project {
	all := make([]Project, len(projects))
	for i, p := range projects {
		all[i] = Project{p}
	}
	return all
}

// NewHistory returns interactions in the same order.
func NewHistory(acts []interaction.Interaction) []Interaction {
	all := make([]Interaction, len(acts))
	for i, act := range acts {
		all[i] = Interaction{act}
	}
	return all
}

// TrendingWindow is how far back the moment reaches.
type TrendingWindow string

// windows are the values of the enum.
var windows = map[TrendingWindow]time.Duration{"HOUR": time.Hour, "DAY": 24 * time.Hour, "WEEK": 7 * 24 * time.Hour, "MONTH": 30 * 24 * time.Hour}

// Duration returns the window's length, a week for nil.
func (w *TrendingWindow) Duration() time.Duration {
	if w == nil {
		return windows["WEEK"]
	}
	return windows[*w]
}

// MarshalGQL writes the window as an enum value.
func (w TrendingWindow) MarshalGQL(out io.Writer) {
	_, _ = io.WriteString(out, strconv.Quote(string(w)))
}

// UnmarshalGQL reads a window.
func (w *TrendingWindow) UnmarshalGQL(v any) error {
	text, _ := v.(string)
	*w = TrendingWindow(text)
	if windows[*w] == 0 {
		return errors.New("must be a value of TrendingWindow")
	}
	return nil
}

// MarshalInterestKind writes a kind as the enum value that it is.
func MarshalInterestKind(k recommend.InterestKind) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(string(k))) })
}

// UnmarshalInterestKind is there because gqlgen asks for it: no input holds a kind.
func UnmarshalInterestKind(v any) (recommend.InterestKind, error) {
	text, _ := v.(string)
	return recommend.InterestKind(text), nil
}
