package demo

import (
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"

	"resonance/internal/catalog"
)

const (
	firstPostID = 1001
	cdn         = "https://cdn.example.com/"
)

// draft is a post as its file tells it.
type draft struct {
	author    string
	age       time.Duration // before the store's creation
	title     string        // may be empty
	text      string
	genre     string
	keywords  []string
	tags      []string
	category  *catalog.Category // nil in a file that names none
	topic     *topic            // nil: none
	topicSlug string
}

type topic struct {
	catalog.Topic
	age time.Duration
}

// readDrafts reads every file of dir, in the order of their names.
func readDrafts(fsys fs.FS, dir string, authors map[string]catalog.Owner) ([]draft, error) {
	names, err := fs.Glob(fsys, path.Join(dir, "*.txt"))
	if err != nil {
		return nil, err
	}
	var drafts []draft
	for _, name := range names {
		content, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		records, err := parseRecords(name, string(content))
		if err != nil {
			return nil, err
		}
		page := page{authors: authors, topics: map[string]*topic{}}
		for _, r := range records {
			if err := page.add(r); err != nil {
				return nil, fmt.Errorf("%s: %w", r.where, err)
			}
		}
		drafts = append(drafts, page.drafts...)
	}
	return drafts, nil
}

// page is one file while it is read: its category, if it has one, its topics, then its posts.
type page struct {
	authors  map[string]catalog.Owner
	category *catalog.Category
	topics   map[string]*topic
	drafts   []draft
}

func (p *page) add(r record) error {
	switch r.kind {
	case "category":
		return p.addCategory(r)
	case "topic":
		return p.addTopic(r)
	case "post":
		return p.addPost(r)
	}
	return fmt.Errorf("a block is a category, a topic or a post, not %q", r.kind)
}

func (p *page) addCategory(r record) error {
	if err := r.allow("id"); err != nil {
		return err
	}
	id, err := strconv.ParseInt(r.fields["id"], 10, 32)
	if err != nil {
		return fmt.Errorf("id: %w", err)
	}
	name := r.fields["category"]
	p.category = &catalog.Category{ID: id, Name: name, Description: r.text, ImageURL: cdn + "categories/" + slugify(name) + ".jpg"}
	return nil
}

func (p *page) addTopic(r record) error {
	if err := r.allow("id", "name", "project", "owner", "since", "language"); err != nil {
		return err
	}
	id, err := strconv.ParseInt(r.fields["id"], 10, 32)
	if err != nil {
		return fmt.Errorf("id: %w", err)
	}
	age, err := parseAge(r.fields["since"])
	if err != nil {
		return err
	}
	owner, ok := p.authors[r.fields["owner"]]
	if !ok {
		return fmt.Errorf("owner %q is not in authors.txt", r.fields["owner"])
	}
	slug := r.fields["topic"]
	t := &topic{age: age, Topic: catalog.Topic{
		ID: id, Name: r.fields["name"], Description: r.text, ImageURL: cdn + "topics/" + slug + ".jpg", Slug: slug,
		Public: true, ProjectCode: r.fields["project"],
		Owner: catalog.TopicOwner{
			FirstName: owner.FirstName, LastName: owner.LastName, Name: owner.Name(), Username: owner.Username,
			ProfileURL: owner.PictureURL, UserType: owner.UserType,
		},
	}}
	if language, ok := r.fields["language"]; ok {
		t.Language = &language
	}
	p.topics[slug] = t
	return nil
}

// addPost reads a post, whose first line says "96d 5h ago by AUTHOR" and perhaps "in TOPIC". Up to
// an hour is added to that age: nobody posts on the stroke.
func (p *page) addPost(r record) error {
	if err := r.allow("title", "genre", "keywords", "tags"); err != nil {
		return err
	}
	when, who, ok := strings.Cut(r.fields["post"], " ago by ")
	if !ok {
		return fmt.Errorf("post %q is not like \"96d 5h ago by AUTHOR in TOPIC\"", r.fields["post"])
	}
	age, err := parseAge(when)
	if err != nil {
		return err
	}
	author, slug, _ := strings.Cut(who, " in ")
	if _, ok := p.authors[author]; !ok {
		return fmt.Errorf("author %q is not in authors.txt", author)
	}
	if slug != "" && p.topics[slug] == nil {
		return fmt.Errorf("topic %q is not described above", slug)
	}
	minutes := time.Duration(newDice("minutes", author, r.text).below(int64(time.Hour/time.Millisecond))) * time.Millisecond
	p.drafts = append(p.drafts, draft{
		author: author, age: age + minutes, title: r.fields["title"], text: r.text, genre: r.fields["genre"],
		keywords: r.list("keywords"), tags: r.list("tags"), category: p.category, topic: p.topics[slug], topicSlug: slug,
	})
	return nil
}

func (d draft) categoryName() string {
	if d.category == nil {
		return ""
	}
	return d.category.Name
}

// post returns the draft as a post that was made d.age before created. Its small print depends on
// author and text alone, so it stays when other posts are added or moved.
func (d draft) post(id int64, owner catalog.Owner, created time.Time) catalog.Post {
	dice := newDice("post", d.author, d.text)
	identifier := dice.letters(7)
	video := cdn + "videos/" + d.author + "_" + identifier
	p := catalog.Post{
		ID: id, Title: d.title, Description: d.text, Genre: d.genre, Keywords: d.keywords, Tags: d.tags,
		CreatedAt: created.Add(-d.age), Owner: owner, Public: true,
		Slug: slugify(d.title), Identifier: identifier, CommentCount: dice.below(5) * dice.below(5),
		VideoLink: video + ".mp4", ThumbnailURL: video + ".jpg",
	}
	if p.Slug == "" {
		p.Slug = "post-" + identifier
	}
	if p.Tags == nil {
		p.Tags = []string{}
	}
	if dice.chance(30) {
		p.GIFThumbnailURL = video + ".gif"
	}
	if d.category != nil {
		category := *d.category
		p.Category = &category
	}
	if d.topic != nil {
		topic := d.topic.Topic
		topic.CreatedAt = created.Add(-d.topic.age).Format(time.DateTime)
		p.Topic = &topic
	}
	return p
}

// slugify returns the letters and digits of s in lower case, with hyphens between words.
func slugify(s string) string {
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '\''
	})
	return strings.ReplaceAll(strings.Join(words, "-"), "'", "")
}
