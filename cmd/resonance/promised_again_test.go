package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"resonance/internal/catalog"
	"resonance/internal/learn"
	"resonance/internal/recommend"
)

func shuffled[T any](t *rapid.T, of []T) []T {
	places := make([]int, len(of))
	for n := range places {
		places[n] = n
	}
	all := make([]T, len(of))
	for n, place := range rapid.Permutation(places).Draw(t, "order") {
		all[n] = of[place]
	}
	return all
}

// tellAnother tells a new store all that stands, twice and in another order, and nothing of those who were
// forgotten: its feeds have to be the same to the last bit of every score.
func (w *promised) tellAnother(t *rapid.T) {
	other := openDoor(t, w.path+".again", w.environ)
	var users []catalog.User // under the same ids, by whose order models add up
	for _, name := range people {
		if user := w.doors[0].user(t, w.admin, name); user != nil {
			users = append(users, catalog.User{ID: user.DatabaseID, Username: name})
		}
	}
	_, err := other.db.PutUsers(t.Context(), users)
	ok(t, err)
	ids := make([]int, 0, len(w.posts))
	for id := range w.posts {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range shuffled(t, ids) {
		p := *w.posts[id]
		p.gone = false
		other.upsert(t, w.admin, id, &p)
	}
	// What upstream corrected comes in order; follows as they stand, since taking one back reaches whatever the
	// author has by then.
	stream := slices.DeleteFunc(slices.Clone(w.stream), func(told *told) bool {
		return told.kind == "follow" && (told.removes || !slices.Contains(w.deeds, told.deed))
	})
	var corrected, free []*told
	for _, told := range stream {
		if told.sync {
			corrected = append(corrected, told)
		} else {
			free = append(free, told, told)
		}
	}
	for _, told := range slices.Concat(corrected[:len(corrected)/2], shuffled(t, free), corrected) {
		switch {
		case told.sync:
			other.sync(t, *told.deed)
		case told.removes:
			if _, code := other.remove(t, w.admin, told.about, told.at); code != "" {
				t.Fatalf("taking back %+v again: %s", told, code)
			}
		default:
			again := *told.deed
			again.key = told.as
			if o := other.record(t, w.admin, []deed{again}, false)[0]; o.status != "ACCEPTED" && o.status != "DUPLICATE" {
				t.Fatalf("telling %+v again: %s", told.deed, o.status)
			}
		}
	}
	for id, p := range w.posts {
		if p.gone {
			other.delete(t, w.admin, id)
		}
	}
	first := w.doors[0]
	first.embed(t)
	other.embed(t)
	first.replica.Adopt(learn.Untaught())
	w.same(t, first, other, "")
	for _, d := range []*door{first, other} {
		d.snapshot(t)
		ok(t, d.teacher.Follow(t.Context()))
	}
	w.same(t, first, other, " from a model")
}

// same compares the feeds of two stores.
func (w *promised) same(t *rapid.T, one, other *door, how string) {
	t.Helper()
	for _, user := range people {
		for _, project := range []string{"", "red", "blue"} {
			if diff := cmp.Diff(one.plain(t, user, project), other.plain(t, user, project)); diff != "" {
				t.Fatalf("%s's feed in %q%s is another when the same is told again, shuffled (-first +second):\n%s", user, project, how, diff)
			}
		}
	}
}

// plainItem is a post of a feed and all that was computed of it.
type plainItem struct {
	ID      int64
	Parts   map[string]float64
	Reasons []string
	Viewer  recommend.Viewer
	Post    catalog.Post
}

// plain returns a whole feed without exploration, which is another in every store.
func (d *door) plain(t *rapid.T, user, project string) []plainItem {
	feed, err := d.engine.Feed(context.Background(), recommend.Request{Username: user, Project: project, TopK: 100, NoExploration: true})
	ok(t, err)
	items := make([]plainItem, len(feed.Items))
	for n, item := range feed.Items {
		items[n] = plainItem{ID: item.Post.ID, Viewer: item.Viewer, Post: *item.Post, Parts: map[string]float64{}}
		for _, part := range item.Parts {
			items[n].Parts[part.Name] = part.Value
		}
		for _, r := range item.Reasons {
			items[n].Reasons = append(items[n].Reasons, fmt.Sprint(r.Kind, r.PostID, r.Author, r.Category, r.Weight))
		}
	}
	return items
}
