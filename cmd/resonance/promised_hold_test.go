package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// hold asks both replicas for a feed of whoever acted last and of somebody else, and compares them with each
// other and with the ledger.
func (w *promised) hold(t *rapid.T) {
	if snapshot, err := w.doors[0].db.Snapshot(t.Context(), 0); err == nil {
		for id := range snapshot.Rows {
			if w.wiped[id] {
				t.Fatalf("user %d was forgotten and is in snapshot %d", id, snapshot.Version)
			}
		}
	}
	for _, user := range []string{w.actor, one(t, people, "viewer")} {
		who, project := w.ask(t)
		first := upTo(t, lastPost+2, "first")
		excludeSeen := maybe(t, "exclude seen")
		var pages [2]wholePage
		for n, d := range w.doors {
			pages[n] = d.feed(t, who, user, project, first, "", excludeSeen)
		}
		if diff := cmp.Diff(pages[0], pages[1]); diff != "" {
			t.Fatalf("two replicas answer %s differently:\n%s", user, diff)
		}
		if who.project != "" {
			project = who.project
		}
		unseen, seen := w.ledger.fit(user, project)
		if excludeSeen {
			seen = nil
		}
		w.holds(t, who, user, project, pages[0], unseen, seen, first)
		if !excludeSeen {
			w.holdREST(t, who, user, project, pages[0], first)
		}
	}
}

// ask draws who asks about which project.
func (w *promised) ask(t *rapid.T) (asker, string) {
	who := w.who(t)
	if who.project != "" {
		return who, one(t, []string{"", who.project}, "project")
	}
	return who, one(t, []string{"", "red", "blue", "green"}, "project")
}

// wholePage is a page of a feed with everything that promises are about.
type wholePage struct {
	Edges []struct {
		Cursor  string
		Node    wholePost
		Score   float64
		Parts   []struct{ Value float64 }
		Reasons []struct {
			Kind, Text string
			Weight     float64
			Post       *wholePost
			Author     *struct{ Username string }
			Category   *struct{ Name string }
		}
	}
	PageInfo struct{ HasNextPage bool }
}

type wholePost struct {
	DatabaseID                                        int
	ProjectCode                                       *string
	Upvoted, Bookmarked, Following                    bool
	ViewCount, UpvoteCount, BookmarkCount, ShareCount int
	Owner                                             struct{ Username string }
	Category                                          struct{ Name string }
}

func (p wholePost) flags() string { return fmt.Sprint(p.Upvoted, p.Bookmarked, p.Following) }
func (p wholePost) counters() string {
	return fmt.Sprint(p.ViewCount, p.UpvoteCount, p.BookmarkCount, p.ShareCount)
}

func (p wholePage) ids() (ids []int) {
	for _, e := range p.Edges {
		ids = append(ids, e.Node.DatabaseID)
	}
	return ids
}

const (
	postFields = `{ databaseId projectCode upvoted bookmarked following viewCount upvoteCount bookmarkCount shareCount owner { username } category { name } }`
	everyFeed  = `query ($user: String!, $project: String, $first: Int, $after: String, $excludeSeen: Boolean) {
		page: feedConnection(username: $user, projectCode: $project, first: $first, after: $after, options: {excludeSeen: $excludeSeen}) {
			edges { cursor node ` + postFields + ` score parts { value } reasons { kind text weight post ` + postFields + ` author { username } category { name } } }
			pageInfo { hasNextPage } } }`
)

func (d *door) feed(t *rapid.T, who asker, user, project string, first int, after string, excludeSeen bool) wholePage {
	t.Helper()
	var data struct{ Page wholePage }
	d.must(t, who, everyFeed, map[string]any{"user": user, "project": project, "first": first, "after": after, "excludeSeen": excludeSeen}, &data)
	return data.Page
}

// holds compares a page of a feed with what may be in it.
func (w *promised) holds(t *rapid.T, who asker, user, project string, page wholePage, unseen, seen []int, first int) {
	t.Helper()
	ids := page.ids()
	if want := min(first, len(unseen)+len(seen)); len(ids) != want || page.PageInfo.HasNextPage != (first < len(unseen)+len(seen)) {
		t.Fatalf("%s gets %v in %q and hasNextPage %t, want %d of %v and then %v", user, ids, project, page.PageInfo.HasNextPage, want, unseen, seen)
	}
	fresh := ids[:min(len(ids), len(unseen))]
	for n, id := range fresh {
		if !slices.Contains(unseen, id) || slices.Contains(fresh[:n], id) {
			t.Fatalf("%s gets %v in %q, want posts of %v first", user, ids, project, unseen)
		}
	}
	if old := ids[len(fresh):]; !slices.Equal(old, seen[:len(old)]) {
		t.Fatalf("%s gets %v in %q, want %v behind what is new", user, ids, project, seen)
	}
	for n, e := range page.Edges {
		id := e.Node.DatabaseID
		if n > 0 && e.Score > page.Edges[n-1].Score+1e-9 {
			t.Fatalf("post %d stands behind one of a lower score: %v, %v", id, page.Edges[n-1].Score, e.Score)
		}
		if got, want := e.Node.flags()+" "+e.Node.counters(), w.flags(who, user, id)+" "+w.counters(id); got != want {
			t.Fatalf("%s is told of post %d: upvoted, bookmarked, following, views, likes, bookmarks, shares: %s, want %s", user, id, got, want)
		}
		sum := 0.
		for _, part := range e.Parts {
			sum += part.Value
		}
		if sum != e.Score {
			t.Fatalf("the parts of post %d add up to %v, not %v", id, sum, e.Score)
		}
		if len(e.Reasons) < 1 || len(e.Reasons) > 3 {
			t.Fatalf("post %d has the reasons %+v", id, e.Reasons)
		}
		for _, r := range e.Reasons {
			needsPost := slices.Contains([]string{"BECAUSE_LIKED", "BECAUSE_WATCHED", "WATCHED_NEXT"}, r.Kind)
			switch {
			case r.Text == "" || needsPost != (r.Post != nil):
				t.Fatalf("post %d has the reason %+v", id, r)
			case r.Author != nil && r.Author.Username != authorOf(id), r.Category != nil && r.Category.Name != e.Node.Category.Name:
				t.Fatalf("post %d has the reason %+v", id, r)
			case needsPost:
				_, did := w.did(user, r.Post.DatabaseID, seenKinds...)
				if !did || !w.visible(r.Post.DatabaseID, project) {
					t.Fatalf("post %d is there %s %d, which %s must not be told", id, r.Kind, r.Post.DatabaseID, user)
				}
			}
		}
	}
}

func (w *promised) holdREST(t *rapid.T, who asker, user, project string, page wholePage, first int) {
	t.Helper()
	query := url.Values{"username": {user}, "top_k": {strconv.Itoa(first)}, "project_code": {project}}
	status, body := w.door(t).send(t, who, http.MethodGet, "/feed?"+query.Encode(), nil)
	var answer struct{ Post []struct{ ID int } }
	if status != http.StatusOK || json.Unmarshal(body, &answer) != nil {
		t.Fatalf("REST answers %d %s", status, body)
	}
	var ids []int
	for _, p := range answer.Post {
		ids = append(ids, p.ID)
	}
	if !slices.Equal(ids, page.ids()) {
		t.Fatalf("REST answers %v, GraphQL %v", ids, page.ids())
	}
}

// page walks a feed to its end, each page of another replica, while the user likes what comes.
func (w *promised) page(t *rapid.T) {
	who, project := w.ask(t)
	user, first := one(t, people[:3], "user"), upTo(t, 9, "first")
	w.actor = user
	scope := project
	if who.project != "" {
		scope = who.project
	}
	var served []int
	for n, after := 0, ""; ; n++ {
		left := func(ids []int) []int {
			return slices.DeleteFunc(ids, func(id int) bool { return slices.Contains(served, id) })
		}
		unseen, seen := w.ledger.fit(user, scope)
		page := w.doors[n%2].feed(t, who, user, project, first, after, false)
		w.holds(t, who, user, scope, page, left(unseen), left(seen), first)
		served = append(served, page.ids()...)
		if !page.PageInfo.HasNextPage {
			break
		}
		after = page.Edges[len(page.Edges)-1].Cursor
		if !w.forgotten[user] {
			like := deed{about: about{user, page.ids()[0], "like"}}
			outcome := w.doors[(n+1)%2].record(t, who, []deed{like}, false)[0]
			if want := w.record(who, like, outcome.at); outcome.status != want {
				t.Fatalf("a like on page %d is %s, want %s", n, outcome.status, want)
			}
		}
	}
}

const everyList = `query ($user: String!, $project: String, $post: ID!, $words: String!) {
	trending(projectCode: $project, username: $user, first: 100, window: MONTH) { post ` + postFields + ` }
	search(query: $words, projectCode: $project, username: $user, first: 100) { edges { post: node ` + postFields + ` } }
	post(id: $post) ` + postFields + `
	user(username: $user) { history(first: 100) { post ` + postFields + ` } }
	projects { code }
}`

// list asks for everything but feeds.
func (w *promised) list(t *rapid.T) {
	who, project := w.ask(t)
	user, id := one(t, people[:3], "user"), upTo(t, lastPost, "post")
	scope := project
	if who.project != "" {
		scope = who.project
	}
	type row struct{ Post *wholePost }
	var data struct {
		Trending []row
		Search   struct{ Edges []row }
		Post     *wholePost
		User     *struct{ History []row }
		Projects []struct{ Code string }
	}
	at, text := w.door(t), one(t, []string{"bread", "stars of number 3", "cats"}, "words")
	at.must(t, who, everyList, map[string]any{"user": user, "project": project, "post": id, "words": text}, &data)
	w.search(t, who, user, project, text, len(data.Search.Edges))
	var similar struct{ Similar []row }
	code := at.query(t, who, `query ($post: ID!, $project: String, $user: String) { similar: similarPosts(postId: $post, projectCode: $project, username: $user, first: 100) { post `+postFields+` } }`,
		map[string]any{"user": user, "project": project, "post": id}, &similar)
	if found := code == ""; found != w.visible(id, who.project) || found != (data.Post != nil) || !found && code != "NOT_FOUND" {
		t.Fatalf("post %d is %+v to %+v, and what is similar %q", id, data.Post, who, code)
	}
	for _, row := range slices.Concat(data.Trending, data.Search.Edges, similar.Similar) {
		_, hidden := w.did(user, row.Post.DatabaseID, "hide")
		if got, want := row.Post.flags()+row.Post.counters(), w.flags(who, user, row.Post.DatabaseID)+w.counters(row.Post.DatabaseID); hidden || !w.visible(row.Post.DatabaseID, scope) || got != want {
			t.Fatalf("%s is shown %+v in %q; want flags and counters %s", user, row.Post, project, want)
		}
	}
	if w.forgotten[user] != (data.User == nil) && w.forgotten[user] {
		t.Fatalf("%s was forgotten, and is %+v", user, data.User)
	}
	if data.User == nil {
		return
	}
	want := 0
	for _, d := range w.deeds {
		if d.user == user && w.visible(d.post, who.project) {
			want++
		}
	}
	if len(data.User.History) != min(100, want) {
		t.Fatalf("%s's history has %d rows to %+v, want %d", user, len(data.User.History), who, want)
	}
	for _, row := range data.User.History {
		if !w.visible(row.Post.DatabaseID, who.project) {
			t.Fatalf("%s's history shows %+v to %+v", user, row.Post, who)
		}
	}
	if who.project != "" && slices.ContainsFunc(data.Projects, func(p struct{ Code string }) bool { return p.Code != who.project }) {
		t.Fatalf("a key bound to %s is told of %v", who.project, data.Projects)
	}
}

const searchPage = `query ($user: String!, $project: String, $words: String!, $after: String) {
	search(query: $words, projectCode: $project, username: $user, first: 5, after: $after) { edges { node { databaseId } } pageInfo { hasNextPage endCursor } } }`

// search walks through what is found, each page of another replica, which has to come to so many posts.
func (w *promised) search(t *rapid.T, who asker, user, project, words string, found int) {
	t.Helper()
	served, after := map[int]bool{}, ""
	for n, more := 0, true; more; n++ {
		var data struct {
			Search struct {
				Edges    []struct{ Node struct{ DatabaseID int } }
				PageInfo struct {
					HasNextPage bool
					EndCursor   string
				}
			}
		}
		w.doors[n%2].must(t, who, searchPage, map[string]any{"user": user, "project": project, "words": words, "after": after}, &data)
		for _, e := range data.Search.Edges {
			if id := e.Node.DatabaseID; served[id] {
				t.Fatalf("page %d of what is found for %q holds post %d again", n, words, id)
			}
			served[e.Node.DatabaseID] = true
		}
		after, more = data.Search.PageInfo.EndCursor, data.Search.PageInfo.HasNextPage
	}
	if len(served) != found {
		t.Fatalf("the pages of what is found for %q hold %d posts, a list of 100 holds %d", words, len(served), found)
	}
}
