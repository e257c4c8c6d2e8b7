package upstream

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"resonance/internal/catalog"
)

// postRow is a post as upstream writes it. What is relative to the token's owner (upvoted,
// bookmarked, following, is_viewed) is not read.
type postRow struct {
	ID        number                `json:"id"`
	Category  optional[categoryRow] `json:"category"`
	Topic     optional[topicRow]    `json:"topic"`
	Title     text                  `json:"title"`
	Tags      []text                `json:"tags"`
	Summary   summary               `json:"post_summary"`
	CreatedAt number                `json:"created_at"` // epoch milliseconds
	Public    *flag                 `json:"is_available_in_public_feed"`
	Locked    flag                  `json:"is_locked"`

	FirstName       text  `json:"first_name"`
	LastName        text  `json:"last_name"`
	Username        text  `json:"username"`
	PictureURL      text  `json:"picture_url"`
	UserType        *text `json:"user_type"`
	HasEVMWallet    flag  `json:"has_evm_wallet"`
	HasSolanaWallet flag  `json:"has_solana_wallet"`

	Slug            text                   `json:"slug"`
	Identifier      text                   `json:"identifier"`
	CommentCount    number                 `json:"comment_count"`
	UpvoteCount     number                 `json:"upvote_count"`
	ViewCount       number                 `json:"view_count"`
	ExitCount       number                 `json:"exit_count"`
	RatingCount     number                 `json:"rating_count"`
	AverageRating   number                 `json:"average_rating"`
	ShareCount      number                 `json:"share_count"`
	BookmarkCount   number                 `json:"bookmark_count"`
	VideoLink       text                   `json:"video_link"`
	ThumbnailURL    text                   `json:"thumbnail_url"`
	GIFThumbnailURL text                   `json:"gif_thumbnail_url"`
	ContractAddress text                   `json:"contract_address"`
	ChainID         text                   `json:"chain_id"`
	ChartURL        text                   `json:"chart_url"`
	BaseToken       optional[baseTokenRow] `json:"baseToken"`
}

type categoryRow struct {
	ID          number `json:"id"`
	Name        text   `json:"name"`
	Count       number `json:"count"`
	Description text   `json:"description"`
	ImageURL    text   `json:"image_url"`
}

type baseTokenRow struct {
	Address  text `json:"address"`
	Name     text `json:"name"`
	Symbol   text `json:"symbol"`
	ImageURL text `json:"image_url"`
}

// decodePost reads a post. Keys that are absent or null are the type's empty value, save that a
// post is public unless upstream says otherwise; tags and keywords are never nil; an average_rating off the scale -100..100 and a
// negative counter become the nearest allowed value. An error wraps errs.Invalid or comes from
// encoding/json.
func decodePost(raw []byte) (catalog.Post, error) {
	var r postRow
	if err := json.Unmarshal(raw, &r); err != nil {
		return catalog.Post{}, err
	}
	id, err := r.ID.id("id", catalog.MaxID)
	if err != nil {
		return catalog.Post{}, err
	}
	createdAt, err := r.CreatedAt.millis("created_at")
	if err != nil {
		return catalog.Post{}, err
	}
	p := catalog.Post{
		ID: id, Title: string(r.Title), Description: r.Summary.description, Genre: r.Summary.genre,
		Keywords: append([]string{}, r.Summary.keywords...), Tags: present(r.Tags), CreatedAt: createdAt,
		Owner: r.owner(), Category: r.Category.value.category(), Topic: r.Topic.value.topic(),
		Public: r.Public == nil || bool(*r.Public), Locked: bool(r.Locked),
		Slug: string(r.Slug), Identifier: string(r.Identifier),
		CommentCount: r.CommentCount.count(), UpvoteCount: r.UpvoteCount.count(), ViewCount: r.ViewCount.count(),
		ExitCount: r.ExitCount.count(), RatingCount: r.RatingCount.count(), AverageRating: r.AverageRating.within(-100, 100),
		ShareCount: r.ShareCount.count(), BookmarkCount: r.BookmarkCount.count(),
		VideoLink: string(r.VideoLink), ThumbnailURL: string(r.ThumbnailURL), GIFThumbnailURL: string(r.GIFThumbnailURL),
		ContractAddress: string(r.ContractAddress), ChainID: string(r.ChainID), ChartURL: string(r.ChartURL),
	}
	if b := r.BaseToken.value; b != nil {
		p.BaseToken = catalog.BaseToken{Address: string(b.Address), Name: string(b.Name), Symbol: string(b.Symbol), ImageURL: string(b.ImageURL)}
	}
	return p, nil
}

func (r *postRow) owner() catalog.Owner {
	return catalog.Owner{
		FirstName: string(r.FirstName), LastName: string(r.LastName), Username: string(r.Username), PictureURL: string(r.PictureURL),
		UserType: (*string)(r.UserType), HasEVMWallet: bool(r.HasEVMWallet), HasSolanaWallet: bool(r.HasSolanaWallet),
	}
}

// category returns nil for no category, and for one without a name.
func (c *categoryRow) category() *catalog.Category {
	if c == nil || c.Name == "" {
		return nil
	}
	return &catalog.Category{
		ID: c.ID.count(), Name: string(c.Name), Count: c.Count.count(), Description: string(c.Description), ImageURL: string(c.ImageURL),
	}
}

// present returns the texts that are not empty; never nil.
func present(texts []text) []string {
	kept := make([]string, 0, len(texts))
	for _, t := range texts {
		if t != "" {
			kept = append(kept, string(t))
		}
	}
	return kept
}

// summary is what is kept of the machine-written description of a video. A machine wrote it, so
// any member may be of any type: one that does not fit is left out, and the post is kept.
type summary struct {
	description string
	genre       string
	keywords    []string // heaviest first, equal weights in the order written
}

func (s *summary) UnmarshalJSON(b []byte) error {
	var members struct {
		Description json.RawMessage `json:"description"`
		Genre       json.RawMessage `json:"genre"`
		Keywords    json.RawMessage `json:"keywords"`
	}
	_ = json.Unmarshal(b, &members) // [] when there is none
	*s = summary{description: textOf(members.Description), genre: textOf(members.Genre), keywords: keywordsOf(members.Keywords)}
	return nil
}

func textOf(raw json.RawMessage) string {
	var t text
	if len(raw) == 0 || t.UnmarshalJSON(raw) != nil {
		return ""
	}
	return string(t)
}

func keywordsOf(raw json.RawMessage) []string {
	var rows []json.RawMessage
	if json.Unmarshal(raw, &rows) != nil {
		return nil
	}
	type keyword struct {
		Keyword text   `json:"keyword"`
		Weight  number `json:"weight"`
	}
	keywords := make([]keyword, 0, len(rows))
	for _, row := range rows {
		var k keyword
		if json.Unmarshal(row, &k) == nil && strings.TrimSpace(string(k.Keyword)) != "" {
			keywords = append(keywords, k)
		}
	}
	slices.SortStableFunc(keywords, func(a, b keyword) int { return cmp.Compare(b.Weight, a.Weight) })
	names := make([]string, len(keywords))
	for i, k := range keywords {
		names[i] = string(k.Keyword)
	}
	return names
}
