package catalog

import (
	"cmp"
	"math"
	"slices"
)

// Ordinal is the place of a post in an Index: dense from 0, never reused, and good only
// together with the Index that gave it. Answers never depend on it.
type Ordinal int32

// Entry is a post as the Index holds it; names are places in the Index's tables.
type Entry struct {
	ID        int64
	CreatedAt int64 // epoch milliseconds
	Author    Name
	Category  Name
	Topic     Name
	Project   Name
	Tags      []Name // nil for none
	Public    bool
	Locked    bool
	Gone      bool
	Version   int64 // grows whenever the post changes

	Engagement float64 // what the counters add up to, see Counters.Engagement
}

// Eligible reports whether the post may be in any answer.
func (e *Entry) Eligible() bool { return e.Public && !e.Gone }

// Index holds the features of every post and, for each project, which posts a feed of it may
// hold. Not safe for concurrent use while Put or Remove runs. The zero value is empty and ready.
type Index struct {
	entries []Entry
	byID    ids

	Authors, Categories, Topics, Tags, Projects Names

	all       members
	byProject sets
	byAuthor  sets

	newest int64 // largest CreatedAt of the posts not gone, epoch milliseconds
}

// Len returns how many posts are eligible.
func (ix *Index) Len() int { return len(ix.all.list) }

// Cap returns the number of ordinals given so far: all of them are below it.
func (ix *Index) Cap() int { return len(ix.entries) }

// Newest returns the largest creation time among the posts not gone, in epoch milliseconds, or
// Never when there is none.
func (ix *Index) Newest() int64 {
	if len(ix.entries) == 0 {
		return Never
	}
	return ix.newest
}

// Never is the time before all others, in epoch milliseconds.
const Never = math.MinInt64

// Lookup returns the ordinal of the post with this id, gone or not.
func (ix *Index) Lookup(id int64) (Ordinal, bool) { return ix.byID.lookup(id) }

// Entry returns the features at o; valid until the next Put.
func (ix *Index) Entry(o Ordinal) *Entry { return &ix.entries[o] }

// Put adds a post or replaces its features; version is larger than at any earlier Put of it.
func (ix *Index) Put(f Features, version int64) Ordinal {
	e := ix.entry(f, version)
	o, known := ix.byID.lookup(f.ID)
	if known {
		if old := &ix.entries[o]; old.stays(&e) {
			*old = e
			ix.all.changed()
			if m := ix.byProject.of(e.Project); m != nil {
				m.changed()
			}
			return o
		}
		ix.leave(o)
		ix.entries[o].Gone = true
		ix.forgetNewest(ix.entries[o].CreatedAt)
	} else {
		o = Ordinal(len(ix.entries))
		ix.byID.put(f.ID, o)
		ix.entries = append(ix.entries, Entry{})
		if o == 0 {
			ix.newest = Never
		}
	}
	ix.entries[o] = e
	ix.newest = max(f.CreatedAt, ix.newest)
	ix.join(o)
	return o
}

func (ix *Index) entry(f Features, version int64) Entry {
	return Entry{
		ID: f.ID, CreatedAt: f.CreatedAt, Public: f.Public, Locked: f.Locked, Version: version, Engagement: f.Engagement(),
		Author: ix.Authors.Put(f.Author), Category: ix.Categories.Put(f.Category),
		Topic: ix.Topics.Put(f.Topic), Project: ix.Projects.Put(f.Project), Tags: ix.tags(f.Tags),
	}
}

// stays reports whether a post that becomes new is in the same sets as before, in the same places.
func (e *Entry) stays(new *Entry) bool {
	return e.Eligible() && new.Eligible() && e.CreatedAt == new.CreatedAt && e.Author == new.Author && e.Project == new.Project
}

func (ix *Index) tags(texts []string) []Name {
	if len(texts) == 0 {
		return nil
	}
	names := make([]Name, len(texts))
	for i, text := range texts {
		names[i] = ix.Tags.Put(text)
	}
	return names
}

// Remove takes the post with this id out of every answer; an unknown id is ignored.
func (ix *Index) Remove(id int64) {
	if o, ok := ix.byID.lookup(id); ok {
		ix.leave(o)
		ix.entries[o].Gone = true
		ix.forgetNewest(ix.entries[o].CreatedAt)
	}
}

// forgetNewest finds the newest post again when the one that leaves may have been it.
func (ix *Index) forgetNewest(createdAt int64) {
	if createdAt < ix.newest {
		return
	}
	ix.newest = Never
	for i := range ix.entries {
		if e := &ix.entries[i]; !e.Gone {
			ix.newest = max(ix.newest, e.CreatedAt)
		}
	}
}

func (ix *Index) join(o Ordinal) {
	e := &ix.entries[o]
	if !e.Eligible() {
		return
	}
	ix.all.add(ix, o)
	ix.byProject.add(e.Project, ix, o)
	ix.byAuthor.add(e.Author, ix, o)
}

func (ix *Index) leave(o Ordinal) {
	e := &ix.entries[o]
	if !e.Eligible() {
		return
	}
	ix.all.remove(ix, o)
	if m := ix.byProject.of(e.Project); m != nil {
		m.remove(ix, o)
	}
	if m := ix.byAuthor.of(e.Author); m != nil {
		m.remove(ix, o)
	}
}

// CompareIDs orders ordinals by the ids of their posts.
func (ix *Index) CompareIDs(a, b Ordinal) int { return cmp.Compare(ix.entries[a].ID, ix.entries[b].ID) }

// ByID returns the posts ordered by id, each once; it writes over posts. Ids are below 2^31, so that
// id and ordinal sort as one number.
func (ix *Index) ByID(posts []Ordinal) []Ordinal {
	keys := make([]uint64, len(posts))
	for i, o := range posts {
		keys[i] = uint64(ix.entries[o].ID)<<32 | uint64(o)
	}
	slices.Sort(keys)
	posts = posts[:0]
	for i, key := range keys {
		if i == 0 || key != keys[i-1] {
			posts = append(posts, Ordinal(key&math.MaxUint32))
		}
	}
	return posts
}
