// Package demo is the catalogue that resonance serves when no upstream is configured: the posts
// of a made-up short-video app, the people who watch it, and what they did up to a few minutes
// ago.
//
// The texts are written by hand, in posts/*.txt (one file a category, laid out as posts/README.md
// says), authors.txt and users.txt. Nothing in them is real: people, places and songs
// are invented, and every address is on the reserved domain example.com. What the users did is
// played out from their tastes by a small simulation, told in watch.go.
package demo

import (
	"cmp"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
)

// Mira is the username that examples ask about. Her taste is easy to check by eye: pottery
// first, then sea swimming, then bread.
const Mira = "mira"

//go:embed posts/*.txt authors.txt users.txt
var files embed.FS

// Data is the demo catalogue as of one moment.
type Data struct {
	Posts        []catalog.Post            // by id, which is also by time; ids from 1001
	Users        []catalog.User            // by id, from 1; some have no interactions
	Interactions []interaction.Interaction // by time, then username; without keys
}

// Load returns the catalogue of a store that was created at created: every time in it is a
// fixed offset from that moment, none is after it, and the newest event is a few minutes old.
// The same moment gives the same data, byte for byte, on every machine.
//
// Views, likes, shares and the other counters of a post that events can tell are 0: a shown
// counter is the post's own value plus the store's events, so each one can be traced to the
// people behind it. Only comments, which are no event here, have a number.
//
// It panics if the embedded texts are malformed, which the tests rule out.
func Load(created time.Time) Data {
	created = created.UTC().Truncate(time.Millisecond)
	src, err := read(files)
	if err != nil {
		panic("demo: " + err.Error())
	}
	posts := src.publish(created)
	return Data{Posts: posts, Users: src.users(), Interactions: watchAll(src.viewers, posts, created)}
}

// source is everything the text files say, before it is tied to a moment.
type source struct {
	authors map[string]catalog.Owner
	drafts  []draft
	viewers []viewer
}

func read(fsys fs.FS) (source, error) {
	authors, err := readAuthors(fsys, "authors.txt")
	if err != nil {
		return source{}, err
	}
	drafts, err := readDrafts(fsys, "posts", authors)
	if err != nil {
		return source{}, err
	}
	viewers, err := readViewers(fsys, "users.txt", authors)
	if err != nil {
		return source{}, err
	}
	src := source{authors: authors, drafts: drafts, viewers: viewers}
	return src, src.checkTastes()
}

// checkTastes reports a taste for a category that no post is in.
func (s source) checkTastes() error {
	for _, v := range s.viewers {
		for taste := range v.tastes {
			if !slices.ContainsFunc(s.drafts, func(d draft) bool { return d.categoryName() == taste }) {
				return fmt.Errorf("users.txt: %s has a taste for %q, which is no category", v.Username, taste)
			}
		}
	}
	return nil
}

// publish turns the drafts into posts, oldest first, and counts those of each category and topic.
func (s source) publish(created time.Time) []catalog.Post {
	drafts := slices.Clone(s.drafts)
	slices.SortFunc(drafts, func(a, b draft) int {
		return cmp.Or(cmp.Compare(b.age, a.age), strings.Compare(a.author, b.author))
	})
	inCategory, inTopic := map[string]int64{}, map[string]int64{}
	for _, d := range drafts {
		inCategory[d.categoryName()]++
		inTopic[d.topicSlug]++
	}
	posts := make([]catalog.Post, len(drafts))
	for i, d := range drafts {
		p := d.post(firstPostID+int64(i), s.authors[d.author], created)
		if p.Category != nil {
			p.Category.Count = inCategory[p.Category.Name]
		}
		if p.Topic != nil {
			p.Topic.PostsCount = inTopic[p.Topic.Slug]
		}
		posts[i] = p
	}
	return posts
}

func (s source) users() []catalog.User {
	users := make([]catalog.User, len(s.viewers))
	for i, v := range s.viewers {
		users[i] = v.User
	}
	return users
}
