package model

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"resonance/internal/catalog"
	"resonance/internal/errs"
	"resonance/internal/store"
)

// UpsertPostsInput is the posts to make or change.
type UpsertPostsInput struct{ Posts []PostInput }

// Edits returns the rows as edits, in order. The error wraps errs.Invalid and names the row.
func (i *UpsertPostsInput) Edits() ([]store.PostEdit, error) {
	edits := make([]store.PostEdit, len(i.Posts))
	for n := range i.Posts {
		id, err := ParsePostID(fmt.Sprintf("posts[%d].id", n), i.Posts[n].ID)
		if err != nil {
			return nil, err
		}
		if err := i.Posts[n].check(); err != nil {
			return nil, fmt.Errorf("%w: posts[%d].%w", errs.Invalid, n, err)
		}
		edits[n] = store.PostEdit{ID: id, Apply: i.Posts[n].apply}
	}
	return edits, nil
}

// PostInput is a post as it shall be; nil leaves a field as it is.
type PostInput struct {
	ID                                       string
	Title, Description, Genre, Slug          *string
	Keywords, Tags                           []string
	Category, ProjectCode, Author            *string
	CreatedAt                                *time.Time
	IsAvailableInPublicFeed, IsLocked        *bool
	VideoLink, ThumbnailURL, GIFThumbnailURL *string
}

// What a post may hold, in bytes of UTF-8 and in entries: every feed with the post carries it.
const (
	maxTitle       = 2_000
	maxDescription = 20_000
	maxAddress     = 2_000 // of a URL
	maxWord        = 255   // of a name, a tag, a keyword
	maxWords       = 100   // tags, and keywords
)

// check returns the first field that is too long.
func (i *PostInput) check() error {
	for _, text := range []struct {
		name string
		text *string
		most int
	}{
		{"title", i.Title, maxTitle}, {"description", i.Description, maxDescription},
		{"genre", i.Genre, maxWord}, {"slug", i.Slug, maxWord}, {"category", i.Category, maxWord},
		{"projectCode", i.ProjectCode, maxWord}, {"author", i.Author, maxWord},
		{"videoLink", i.VideoLink, maxAddress}, {"thumbnailUrl", i.ThumbnailURL, maxAddress}, {"gifThumbnailUrl", i.GIFThumbnailURL, maxAddress},
	} {
		if text.text != nil && len(*text.text) > text.most {
			return fmt.Errorf("%s: has %d bytes, more than %d", text.name, len(*text.text), text.most)
		}
	}
	for _, list := range []struct {
		name  string
		words []string
	}{{"tags", i.Tags}, {"keywords", i.Keywords}} {
		if len(list.words) > maxWords {
			return fmt.Errorf("%s: has %d entries, more than %d", list.name, len(list.words), maxWords)
		}
		for n, word := range list.words {
			if len(word) > maxWord {
				return fmt.Errorf("%s[%d]: has %d bytes, more than %d", list.name, n, len(word), maxWord)
			}
		}
	}
	return nil
}

func (i *PostInput) apply(p *catalog.Post) error {
	set(&p.Title, i.Title)
	set(&p.Description, i.Description)
	set(&p.Genre, i.Genre)
	set(&p.Slug, i.Slug)
	set(&p.ProjectCode, i.ProjectCode)
	set(&p.Public, i.IsAvailableInPublicFeed)
	set(&p.Locked, i.IsLocked)
	set(&p.VideoLink, i.VideoLink)
	set(&p.ThumbnailURL, i.ThumbnailURL)
	set(&p.GIFThumbnailURL, i.GIFThumbnailURL)
	if i.CreatedAt != nil {
		p.CreatedAt = i.CreatedAt.UTC().Truncate(time.Millisecond)
	}
	if i.Keywords != nil {
		p.Keywords = i.Keywords
	}
	if i.Tags != nil {
		p.Tags = i.Tags
	}
	if i.Author != nil && *i.Author != p.Owner.Username { // another person, with another picture
		p.Owner = catalog.Owner{Username: *i.Author}
	}
	if i.Category != nil && (p.Category == nil || *i.Category != p.Category.Name) {
		p.Category = nil
		if *i.Category != "" {
			p.Category = &catalog.Category{Name: *i.Category}
		}
	}
	return nil
}

// set writes the value that was given, if any.
func set[T any](field *T, given *T) {
	if given != nil {
		*field = *given
	}
}

// UpsertPostsPayload says how many posts were made, changed or right already.
type UpsertPostsPayload struct{ Created, Updated, Unchanged int64 }

// NewUpsertPostsPayload returns what an upsert did.
func NewUpsertPostsPayload(e store.PostsEdited) *UpsertPostsPayload {
	return &UpsertPostsPayload{int64(e.Created), int64(e.Updated), int64(e.Unchanged)}
}

// DeletePostsInput is the posts to delete.
type DeletePostsInput struct{ IDs []string }

// Numbers returns the posts' numbers, in order, each once. The error wraps errs.Invalid and names the row.
func (i *DeletePostsInput) Numbers() ([]int64, error) {
	numbers := make([]int64, 0, len(i.IDs))
	for n, id := range i.IDs {
		number, err := ParsePostID(fmt.Sprintf("ids[%d]", n), id)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(numbers, number) {
			numbers = append(numbers, number)
		}
	}
	return numbers, nil
}

// DeletePostsPayload names the posts that were deleted, and those that were not there.
type DeletePostsPayload struct{ DeletedIDs, MissingIDs []string }

// NewDeletePostsPayload returns a payload that names posts by their global ids.
func NewDeletePostsPayload(deleted, missing []int64) *DeletePostsPayload {
	return &DeletePostsPayload{postIDs(deleted), postIDs(missing)}
}

func postIDs(numbers []int64) []string {
	ids := make([]string, len(numbers))
	for n, number := range numbers {
		ids[n] = GlobalID(KindPost, strconv.FormatInt(number, 10))
	}
	return ids
}
