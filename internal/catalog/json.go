package catalog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"resonance/internal/errs"
)

// postJSON is the canonical JSON of a post: what is imported, exported and stored. The first
// ten keys are always written; the others only where they say something.
type postJSON struct {
	ID          int64         `json:"id"`
	Title       string        `json:"title"`
	Description string        `json:"description"`
	Category    *categoryJSON `json:"category"`
	ProjectCode string        `json:"project_code"`
	Author      string        `json:"author"`
	Tags        []string      `json:"tags"`
	Genre       string        `json:"genre"`
	Keywords    []string      `json:"keywords"`
	CreatedAt   timeJSON      `json:"created_at"`

	Owner           *Owner    `json:"owner,omitzero"`
	Topic           *Topic    `json:"topic,omitzero"`
	Public          *bool     `json:"is_available_in_public_feed,omitzero"`
	Locked          bool      `json:"is_locked,omitzero"`
	Slug            string    `json:"slug,omitzero"`
	Identifier      string    `json:"identifier,omitzero"`
	CommentCount    int64     `json:"comment_count,omitzero"`
	UpvoteCount     int64     `json:"upvote_count,omitzero"`
	ViewCount       int64     `json:"view_count,omitzero"`
	ExitCount       int64     `json:"exit_count,omitzero"`
	RatingCount     int64     `json:"rating_count,omitzero"`
	AverageRating   int64     `json:"average_rating,omitzero"`
	ShareCount      int64     `json:"share_count,omitzero"`
	BookmarkCount   int64     `json:"bookmark_count,omitzero"`
	VideoLink       string    `json:"video_link,omitzero"`
	ThumbnailURL    string    `json:"thumbnail_url,omitzero"`
	GIFThumbnailURL string    `json:"gif_thumbnail_url,omitzero"`
	ContractAddress string    `json:"contract_address,omitzero"`
	ChainID         string    `json:"chain_id,omitzero"`
	ChartURL        string    `json:"chart_url,omitzero"`
	BaseToken       BaseToken `json:"baseToken,omitzero"`
}

// MarshalJSON writes the canonical form: category an object or null, created_at RFC 3339.
func (p Post) MarshalJSON() ([]byte, error) {
	j := postJSON{
		ID: p.ID, Title: p.Title, Description: p.Description, Category: (*categoryJSON)(p.Category), ProjectCode: p.ProjectCode,
		Author: p.Owner.Username, Tags: orEmpty(p.Tags), Genre: p.Genre, Keywords: orEmpty(p.Keywords), CreatedAt: timeJSON{p.CreatedAt},
		Topic: p.Topic, Locked: p.Locked, Slug: p.Slug, Identifier: p.Identifier,
		CommentCount: p.CommentCount, UpvoteCount: p.UpvoteCount, ViewCount: p.ViewCount, ExitCount: p.ExitCount,
		RatingCount: p.RatingCount, AverageRating: p.AverageRating, ShareCount: p.ShareCount, BookmarkCount: p.BookmarkCount,
		VideoLink: p.VideoLink, ThumbnailURL: p.ThumbnailURL, GIFThumbnailURL: p.GIFThumbnailURL,
		ContractAddress: p.ContractAddress, ChainID: p.ChainID, ChartURL: p.ChartURL, BaseToken: p.BaseToken,
	}
	if p.Owner != (Owner{Username: p.Owner.Username}) {
		j.Owner = &p.Owner
	}
	if !p.Public {
		j.Public = new(bool)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(j); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// UnmarshalJSON reads the canonical form and the forms people write: category as a name or an
// object, created_at as RFC 3339 or epoch milliseconds, author or the whole owner. Keys it does
// not know are ignored, a post without created_at is of 1970; an error wraps errs.Invalid and
// names the key.
func (p *Post) UnmarshalJSON(b []byte) error {
	var j postJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return fmt.Errorf("%w: post: %w", errs.Invalid, err)
	}
	if j.ID < 1 || j.ID > MaxID {
		return fmt.Errorf("%w: id: %d is not in 1..%d", errs.Invalid, j.ID, MaxID)
	}
	if j.AverageRating < -100 || j.AverageRating > 100 {
		return fmt.Errorf("%w: average_rating: %d is not in -100..100", errs.Invalid, j.AverageRating)
	}
	if err := j.checkCounters(); err != nil {
		return err
	}
	*p = Post{
		ID: j.ID, Title: j.Title, Description: j.Description, Category: (*Category)(j.Category), ProjectCode: j.ProjectCode,
		Tags: orEmpty(j.Tags), Genre: j.Genre, Keywords: orEmpty(j.Keywords), CreatedAt: j.CreatedAt.Time,
		Topic: j.Topic, Public: j.Public == nil || *j.Public, Locked: j.Locked, Slug: j.Slug, Identifier: j.Identifier,
		CommentCount: j.CommentCount, UpvoteCount: j.UpvoteCount, ViewCount: j.ViewCount, ExitCount: j.ExitCount,
		RatingCount: j.RatingCount, AverageRating: j.AverageRating, ShareCount: j.ShareCount, BookmarkCount: j.BookmarkCount,
		VideoLink: j.VideoLink, ThumbnailURL: j.ThumbnailURL, GIFThumbnailURL: j.GIFThumbnailURL,
		ContractAddress: j.ContractAddress, ChainID: j.ChainID, ChartURL: j.ChartURL, BaseToken: j.BaseToken,
	}
	if j.Owner != nil {
		p.Owner = *j.Owner
	}
	if j.Author != "" {
		p.Owner.Username = j.Author
	}
	if p.Category != nil && p.Category.Name == "" {
		p.Category = nil
	}
	if p.Topic != nil && *p.Topic == (Topic{}) {
		p.Topic = nil
	}
	if p.CreatedAt.IsZero() {
		p.CreatedAt = time.UnixMilli(0).UTC()
	}
	return nil
}

func (j *postJSON) checkCounters() error {
	for key, n := range map[string]int64{
		"comment_count": j.CommentCount, "upvote_count": j.UpvoteCount, "view_count": j.ViewCount, "exit_count": j.ExitCount,
		"rating_count": j.RatingCount, "share_count": j.ShareCount, "bookmark_count": j.BookmarkCount,
	} {
		if n < 0 || n > MaxID {
			return fmt.Errorf("%w: %s: %d is not in 0..%d", errs.Invalid, key, n, MaxID)
		}
	}
	return nil
}

// categoryJSON reads a category from its name or from an object.
type categoryJSON Category

func (c *categoryJSON) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &c.Name)
	}
	return json.Unmarshal(b, (*Category)(c))
}

// timeJSON reads RFC 3339 or epoch milliseconds, of the years that RFC 3339 can write, and
// writes RFC 3339 in UTC, to the millisecond.
type timeJSON struct{ time.Time }

func (t timeJSON) MarshalJSON() ([]byte, error) {
	return json.Marshal(t.UTC().Truncate(time.Millisecond).Format(time.RFC3339Nano))
}

func (t *timeJSON) UnmarshalJSON(b []byte) error {
	var ms float64
	if json.Unmarshal(b, &ms) == nil {
		return t.set(time.UnixMilli(int64(min(max(ms, -maxMillis), maxMillis))))
	}
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("created_at: %s is neither RFC 3339 nor epoch milliseconds", b)
	}
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return fmt.Errorf("created_at: %q is neither RFC 3339 nor epoch milliseconds", s)
	}
	return t.set(at)
}

// maxMillis is past the year 9999 in epoch milliseconds.
const maxMillis = 1e15

func (t *timeJSON) set(at time.Time) error {
	t.Time = at.UTC().Truncate(time.Millisecond)
	if year := t.Year(); year < 0 || year > 9999 {
		return fmt.Errorf("created_at: the year %d is not in 0..9999", year)
	}
	return nil
}

func orEmpty(s []string) []string {
	if s == nil {
		return []string{}
	}
	return slices.Clip(s)
}
