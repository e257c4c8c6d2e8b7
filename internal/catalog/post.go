// Package catalog holds what there is to recommend: posts with their owner, topic and
// category, the rule that says which project a post belongs to, and the compact features
// of every post that ranking keeps in memory.
package catalog

import (
	"strconv"
	"time"
)

// Post is one short video with everything the documented JSON shows of it, except what is
// relative to a requesting user (upvoted, bookmarked, following), and with the texts that
// are embedded.
type Post struct {
	ID          int64     // 1..2^31-1
	Title       string    // often empty upstream
	Description string    // machine-written, Markdown; embedded, never shown
	Genre       string    // free text, as "A/B"
	Keywords    []string  // most important first
	Tags        []string  // never nil once decoded
	ProjectCode string    // overrides the derived rule when not empty; see Project
	CreatedAt   time.Time // UTC, millisecond precision; may be before 1970

	Owner    Owner
	Category *Category // nil: none
	Topic    *Topic    // nil: none

	Public bool // false: in no feed, trending, similar or search answer
	Locked bool

	Slug       string
	Identifier string

	CommentCount  int64
	UpvoteCount   int64
	ViewCount     int64
	ExitCount     int64
	RatingCount   int64
	AverageRating int64 // -100..100
	ShareCount    int64
	BookmarkCount int64

	VideoLink       string
	ThumbnailURL    string
	GIFThumbnailURL string
	ContractAddress string
	ChainID         string
	ChartURL        string
	BaseToken       BaseToken
}

// Owner is the author of a post.
type Owner struct {
	FirstName       string  `json:"first_name,omitzero"`
	LastName        string  `json:"last_name,omitzero"`
	Username        string  `json:"username"`
	PictureURL      string  `json:"picture_url,omitzero"`
	UserType        *string `json:"user_type,omitzero"`
	HasEVMWallet    bool    `json:"has_evm_wallet,omitzero"`
	HasSolanaWallet bool    `json:"has_solana_wallet,omitzero"`
}

// Name returns the owner's first and last name as shown, without outer spaces.
func (o Owner) Name() string { return fullName(o.FirstName, o.LastName) }

// Category is the category of a post; upstream also uses it as the post's project.
type Category struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"` // never empty
	Count       int64  `json:"count"`
	Description string `json:"description"`
	ImageURL    string `json:"image_url"`
}

// Topic is a collection of posts inside a project.
type Topic struct {
	ID          int64      `json:"id"`
	Name        string     `json:"name"`
	Description string     `json:"description"`
	ImageURL    string     `json:"image_url"`
	Slug        string     `json:"slug"`
	Public      bool       `json:"is_public"`
	ProjectCode string     `json:"project_code"`
	PostsCount  int64      `json:"posts_count"`
	Language    *string    `json:"language"`
	CreatedAt   string     `json:"created_at"` // "YYYY-MM-DD HH:MM:SS", UTC
	Owner       TopicOwner `json:"owner"`
}

// Key identifies the topic: by number, or, where it has none, by project and name.
func (t *Topic) Key() string {
	if t.ID != 0 {
		return strconv.FormatInt(t.ID, 10)
	}
	return FoldProject(t.ProjectCode) + "/" + t.Name
}

// TopicOwner is the user who made a topic.
type TopicOwner struct {
	FirstName       string  `json:"first_name"`
	LastName        string  `json:"last_name"`
	Name            string  `json:"name"`
	Username        string  `json:"username"`
	ProfileURL      string  `json:"profile_url"`
	UserType        *string `json:"user_type"`
	HasEVMWallet    bool    `json:"has_evm_wallet"`
	HasSolanaWallet bool    `json:"has_solana_wallet"`
}

// BaseToken is the token a post trades in, usually all empty.
type BaseToken struct {
	Address  string `json:"address"`
	Name     string `json:"name"`
	Symbol   string `json:"symbol"`
	ImageURL string `json:"image_url"`
}

// User is a person who watches. Only these fields of a user are ever stored.
type User struct {
	ID         int64 // upstream's, or from LocalUserID up when upstream does not know the user
	Username   string
	FirstName  string
	LastName   string
	PictureURL string
}

// LocalUserID is the first id given to users that upstream has not named. Upstream ids are
// far below it, and every id stays within 2^31-1.
const LocalUserID = 1 << 30

// MaxID is the largest id of a post or user that GraphQL's Int can show.
const MaxID = 1<<31 - 1
