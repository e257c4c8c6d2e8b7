package rest

import "github.com/danielgtaylor/huma/v2"

// The types below are the documented JSON of GET /feed as the OpenAPI document shows it: the keys
// in their order, their types, what may be null. Answers are written by appendFeed; a test reads
// them into these types and writes them back, byte for byte the same.

type feed struct {
	Status string `json:"status" enum:"success" example:"success" doc:"Always \"success\"; errors are problem+json with a status of their own."`
	Post   []post `json:"post" nullable:"false" doc:"The posts, best first."`
}

type post struct {
	ID              int64     `json:"id" minimum:"1" maximum:"2147483647" example:"1042" doc:"Identifies the post."`
	Owner           owner     `json:"owner" doc:"Who made the post."`
	Category        *category `json:"category" doc:"What kind of post it is; null for none."`
	Topic           *topic    `json:"topic" doc:"The collection the post is in; null for none."`
	Title           string    `json:"title" example:"Salt & light on the harbour wall" doc:"As its owner wrote it; may be empty."`
	Public          bool      `json:"is_available_in_public_feed" example:"true" doc:"Whether the post is in public feeds."`
	Locked          bool      `json:"is_locked" example:"false" doc:"Whether the post is locked."`
	Slug            string    `json:"slug" example:"salt-light-on-the-harbour-wall" doc:"The post's name in web addresses."`
	Upvoted         bool      `json:"upvoted" example:"false" doc:"Whether the requesting user likes the post."`
	Bookmarked      bool      `json:"bookmarked" example:"false" doc:"Whether the requesting user has bookmarked the post."`
	Following       bool      `json:"following" example:"true" doc:"Whether the requesting user follows the owner."`
	Identifier      string    `json:"identifier" example:"hX3kQ9a" doc:"The post's short public code."`
	CommentCount    int64     `json:"comment_count" minimum:"0" example:"4" doc:"How many comments the post has."`
	UpvoteCount     int64     `json:"upvote_count" minimum:"0" example:"57" doc:"How many users like the post."`
	ViewCount       int64     `json:"view_count" minimum:"0" example:"812" doc:"How often the post was watched."`
	ExitCount       int64     `json:"exit_count" minimum:"0" example:"96" doc:"How often someone left at the post."`
	RatingCount     int64     `json:"rating_count" minimum:"0" example:"21" doc:"How many ratings the post has."`
	AverageRating   int64     `json:"average_rating" minimum:"-100" maximum:"100" example:"64" doc:"The mean of the ratings."`
	ShareCount      int64     `json:"share_count" minimum:"0" example:"3" doc:"How often the post was shared."`
	BookmarkCount   int64     `json:"bookmark_count" minimum:"0" example:"8" doc:"How many users have bookmarked the post."`
	VideoLink       string    `json:"video_link" example:"https://media.example/1042/index.m3u8" doc:"URL of the video, or empty."`
	ThumbnailURL    string    `json:"thumbnail_url" example:"https://media.example/1042.jpg" doc:"URL of a still picture, or empty."`
	GIFThumbnailURL string    `json:"gif_thumbnail_url" example:"https://media.example/1042.gif" doc:"URL of a moving picture, or empty."`
	ContractAddress string    `json:"contract_address" example:"" doc:"Address of the post's contract on its chain, or empty."`
	ChainID         string    `json:"chain_id" example:"" doc:"The chain of that contract, or empty."`
	ChartURL        string    `json:"chart_url" example:"" doc:"URL of the token's price chart, or empty."`
	BaseToken       baseToken `json:"baseToken" doc:"The token that the post trades in; its values are empty for none."`
	CreatedAt       int64     `json:"created_at" example:"1767312000000" doc:"When the post was made, in milliseconds since 1970-01-01 UTC."`
	Tags            []string  `json:"tags" nullable:"false" example:"[\"sea\",\"morning\"]" doc:"The owner's tags; may be none."`
}

type owner struct {
	FirstName       string  `json:"first_name" example:"Mara" doc:"First name, or empty."`
	LastName        string  `json:"last_name" example:"Linde" doc:"Last name, or empty."`
	Name            string  `json:"name" example:"Mara Linde" doc:"First and last name as shown."`
	Username        string  `json:"username" example:"mara" doc:"Identifies the owner."`
	PictureURL      string  `json:"picture_url" example:"https://media.example/mara.jpg" doc:"URL of a portrait, or empty."`
	UserType        *string `json:"user_type" example:"creator" doc:"What kind of user the owner is; null when not known."`
	HasEVMWallet    bool    `json:"has_evm_wallet" example:"false" doc:"Whether the owner has an EVM wallet."`
	HasSolanaWallet bool    `json:"has_solana_wallet" example:"false" doc:"Whether the owner has a Solana wallet."`
}

type category struct {
	ID          int64  `json:"id" example:"7" doc:"Identifies the category."`
	Name        string `json:"name" example:"Street Photography" doc:"The category's name."`
	Count       int64  `json:"count" example:"118" doc:"How many posts the category has."`
	Description string `json:"description" example:"Light and people, found outdoors" doc:"What the category is about, or empty."`
	ImageURL    string `json:"image_url" example:"https://media.example/street.jpg" doc:"URL of a picture, or empty."`
}

type topic struct {
	ID          int64      `json:"id" example:"31" doc:"Identifies the topic."`
	Name        string     `json:"name" example:"Harbours at dawn" doc:"The topic's name."`
	Description string     `json:"description" example:"Before the boats go out" doc:"What the topic is about, or empty."`
	ImageURL    string     `json:"image_url" example:"https://media.example/harbours.jpg" doc:"URL of a picture, or empty."`
	Slug        string     `json:"slug" example:"harbours-at-dawn" doc:"The topic's name in web addresses."`
	Public      bool       `json:"is_public" example:"true" doc:"Whether everybody may see the topic."`
	ProjectCode string     `json:"project_code" example:"vible" doc:"The project that the topic and its posts belong to."`
	PostsCount  int64      `json:"posts_count" example:"24" doc:"How many posts the topic has."`
	Language    *string    `json:"language" example:"en" doc:"The topic's language; null when not known."`
	CreatedAt   string     `json:"created_at" example:"2026-01-02 03:04:05" doc:"When the topic was made, YYYY-MM-DD HH:MM:SS in UTC."`
	Owner       topicOwner `json:"owner" doc:"Who made the topic."`
}

type topicOwner struct {
	FirstName       string  `json:"first_name" example:"Ivo" doc:"First name, or empty."`
	LastName        string  `json:"last_name" example:"Brandt" doc:"Last name, or empty."`
	Name            string  `json:"name" example:"Ivo Brandt" doc:"First and last name as shown."`
	Username        string  `json:"username" example:"ivo" doc:"Identifies the owner."`
	ProfileURL      string  `json:"profile_url" example:"https://media.example/ivo.jpg" doc:"URL of a portrait, or empty."`
	UserType        *string `json:"user_type" example:"curator" doc:"What kind of user the owner is; null when not known."`
	HasEVMWallet    bool    `json:"has_evm_wallet" example:"false" doc:"Whether the owner has an EVM wallet."`
	HasSolanaWallet bool    `json:"has_solana_wallet" example:"true" doc:"Whether the owner has a Solana wallet."`
}

type baseToken struct {
	Address  string `json:"address" example:"" doc:"The token's address, or empty."`
	Name     string `json:"name" example:"" doc:"The token's name, or empty."`
	Symbol   string `json:"symbol" example:"" doc:"The token's symbol, or empty."`
	ImageURL string `json:"image_url" example:"" doc:"URL of the token's picture, or empty."`
}

// TransformSchema says that category and topic may be null, for which huma has no tag.
func (post) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	for _, key := range []string{"category", "topic"} {
		p := s.Properties[key]
		s.Properties[key] = &huma.Schema{Description: p.Description, AnyOf: []*huma.Schema{{Ref: p.Ref}, {Type: "null"}}}
	}
	return s
}
