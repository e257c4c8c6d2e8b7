package graph_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/recommend"
)

// page is what the tests read of a connection.
type page struct {
	Edges []struct {
		Cursor string
		Node   struct{ DatabaseID int }
	}
	PageInfo struct {
		HasNextPage, HasPreviousPage bool
		StartCursor, EndCursor       *string
	}
}

func (p page) ids() (ids []int) {
	for _, edge := range p.Edges {
		ids = append(ids, edge.Node.DatabaseID)
	}
	return ids
}

const readPage = `{ edges { cursor node { databaseId } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }`

func TestPagesOfAFeed(t *testing.T) {
	handler := newHandler(newWorld()) // 120 posts
	var got []int
	after := "null"
	for n := 0; ; n++ {
		var data struct{ Page page }
		ask(t, handler, fmt.Sprintf(`{ page: feedConnection(username: "ann", first: 35, after: %s) %s }`, after, readPage), "").read(t, &data)
		p := data.Page
		got = append(got, p.ids()...)
		if p.PageInfo.HasPreviousPage != (n > 0) || p.PageInfo.HasNextPage != (n < 3) {
			t.Errorf("page %d: %+v", n, p.PageInfo)
		}
		if last := p.Edges[len(p.Edges)-1].Cursor; *p.PageInfo.StartCursor != p.Edges[0].Cursor || *p.PageInfo.EndCursor != last {
			t.Errorf("page %d: the cursors of the page are not those of its edges", n)
		}
		if !p.PageInfo.HasNextPage {
			after = fmt.Sprintf("%q", *p.PageInfo.EndCursor)
			break
		}
		after = fmt.Sprintf("%q", p.Edges[29].Cursor) // of any edge, not the last only
		got = got[:len(got)-5]
	}
	want := make([]int, 120)
	for i := range want {
		want[i] = i + 1
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("posts (-want +got):\n%s", diff)
	}
	var data struct{ Page page }
	ask(t, handler, fmt.Sprintf(`{ page: feedConnection(username: "ann", after: %s) %s }`, after, readPage), "").read(t, &data)
	if p := data.Page; len(p.Edges) != 0 || p.PageInfo.StartCursor != nil || p.PageInfo.EndCursor != nil || p.PageInfo.HasNextPage {
		t.Errorf("the page behind the last: %+v", p)
	}
}

func TestACursorIsOfOneListOnly(t *testing.T) {
	handler := newHandler(newWorld())
	var data struct{ Page page }
	ask(t, handler, `{ page: feedConnection(username: "ann", first: 1, filter: {tags: ["a", "b"]}, options: {diversity: 0.5}) `+readPage+` }`, "").read(t, &data)
	cursor := data.Page.Edges[0].Cursor
	for arguments, ok := range map[string]bool{
		`username: "ann", filter: {tags: ["a", "b"]}, options: {diversity: 0.5}`:                                                  true,
		`username: "ann", first: 7, filter: {tags: ["b", "a", "b"], authors: [], unlockedOnly: false}, options: {diversity: 0.5}`: true, // the same question
		`username: "Ann", filter: {tags: ["a", "b"]}, options: {diversity: 0.5}`:                                                  false,
		`username: "ann", filter: {tags: ["a"]}, options: {diversity: 0.5}`:                                                       false,
		`username: "ann", filter: {categories: ["a", "b"]}, options: {diversity: 0.5}`:                                            false,
		`username: "ann", filter: {tags: ["a", "b"]}, options: {diversity: 0.6}`:                                                  false,
		`username: "ann", filter: {tags: ["a", "b"]}, options: {freshness: 0.5}`:                                                  false,
		`username: "ann", filter: {tags: ["a", "b"]}, options: {diversity: 0.5, excludeSeen: true}`:                               false,
		`username: "ann", filter: {tags: ["a", "b"], unlockedOnly: true}, options: {diversity: 0.5}`:                              false,
		`username: "ann", projectCode: "garden", filter: {tags: ["a", "b"]}, options: {diversity: 0.5}`:                           false,
		`username: "ann"`: false,
	} {
		query := func(cursor string) string {
			return fmt.Sprintf(`{ feedConnection(%s, after: %q) { pageInfo { hasNextPage } } }`, arguments, cursor)
		}
		if got := ask(t, handler, query(cursor), ""); ok != (got.code(t) == "") || !ok && got.code(t) != "BAD_USER_INPUT" {
			t.Errorf("%s: %s", arguments, got.Body)
		}
		if got := ask(t, as(t, handler, "read", ""), query(cursor), ""); got.code(t) != "BAD_USER_INPUT" {
			t.Errorf("%s with another key: %s", arguments, got.Body)
		}
		for _, wrong := range []string{cursor[:len(cursor)-1], cursor + "A", strings.ToLower(cursor), "nonsense", "MTA=", "1"} {
			if got := ask(t, handler, query(wrong), ""); got.code(t) != "BAD_USER_INPUT" || !strings.HasPrefix(got.Errors[0].Message, "after: must be a cursor of this very list") {
				t.Errorf("%s: %s: %s", arguments, wrong, got.Body)
			}
		}
	}
}

func TestFilterAndOptionsReachTheEngine(t *testing.T) {
	w := newWorld()
	got := ask(t, newHandler(w), `{ feedConnection(username: "ann", filter: {categories: ["C", "B", "C"], topics: ["5", "VG9waWM6Nw==", "VG9waWM6MDpuaWdodDpMYXRlIE5pZ2h0"],
		tags: ["t"], authors: ["bo"], excludePostIds: [3, "UG9zdDoy"], excludeAuthors: ["cy"], createdAfter: "2026-01-02T03:04:05Z", createdBefore: "1969-12-31T23:59:59Z",
		unlockedOnly: true}, options: {diversity: 0, freshness: 1, excludeSeen: true}) { pageInfo { hasNextPage } } }`, "")
	if len(got.Errors) > 0 {
		t.Fatal(got.Body)
	}
	after, before, none, all := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).UnixMilli(), int64(-1000), 0., 1.
	want := recommend.Request{
		Username: "ann", TopK: 10, Plain: true, Diversity: &none, Freshness: &all, ExcludeSeen: true,
		Filter: recommend.Filter{
			Categories: []string{"B", "C"}, Topics: []string{"5", "7", "night/Late Night"}, Tags: []string{"t"}, Authors: []string{"bo"},
			ExcludedPosts: []int64{2, 3}, ExcludedAuthors: []string{"cy"}, CreatedAfter: &after, CreatedBefore: &before, UnlockedOnly: true,
		},
	}
	if diff := cmp.Diff(want, w.asked); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
}

func TestWrongFiltersAndOptionsAreNamed(t *testing.T) {
	many := strings.Repeat(`"x", `, 101)
	for arguments, says := range map[string]string{
		`last: 5`:                                    "last, before: the list goes forwards only",
		`first: 5, before: "x"`:                      "last, before: the list goes forwards only",
		`filter: {excludePostIds: [1, 0]}`:           "filter: excludePostIds[1]: must be",
		`filter: {excludePostIds: ["VXNlcjphbm4="]}`: "filter: excludePostIds[0]: must be",
		`filter: {topics: [1, "Roses"]}`:             "filter: topics[1]: must be",
		`filter: {topics: [-1]}`:                     "filter: topics[0]: must be",
		`filter: {tags: [` + many + `]}`:             "", // one tag, many times
		`filter: {createdAfter: "yesterday"}`:        "filter.createdAfter: must be a time",
		`options: {diversity: 1.01}`:                 "diversity: 1.01 is not in 0..1",
		`options: {freshness: -0.1}`:                 "freshness: -0.1 is not in 0..1",
	} {
		got := ask(t, newHandler(newWorld()), `{ feedConnection(username: "ann", `+arguments+`) { pageInfo { hasNextPage } } }`, "")
		if says == "" && len(got.Errors) == 0 {
			continue
		}
		if got.code(t) != "BAD_USER_INPUT" || !strings.HasPrefix(got.Errors[0].Message, says) {
			t.Errorf("%.80s: %s", arguments, got.Body)
		}
	}
}

// What says why posts are there is made only when somebody asks.
func TestReasonsAreMadeWhenSelected(t *testing.T) {
	for selection, plain := range map[string]bool{
		`edges { node { id } score cursor }`:                                 true,
		`pageInfo { endCursor }`:                                             true,
		`edges { parts { name } }`:                                           false,
		`edges { reasons { text } }`:                                         false,
		`a: edges { node { id } } b: edges { why: reasons { text } }`:        false,
		`edges { ...F }`:                                                     false,
		`edges { ... on FeedEdge { parts @skip(if: true) { name } score } }`: true,
		`...on FeedConnection { edges { ...F @include(if: false) cursor } }`: true,
	} {
		w := newWorld()
		query := `{ feedConnection(username: "ann") { ` + selection + ` } } fragment F on FeedEdge { reasons { kind } }`
		if !strings.Contains(selection, "...F") {
			query = strings.Split(query, " fragment F")[0]
		}
		if got := ask(t, newHandler(w), query, ""); len(got.Errors) > 0 || w.asked.Plain != plain {
			t.Errorf("%s: plain %t: %s", selection, w.asked.Plain, got.Body)
		}
	}
	w := newWorld()
	ask(t, newHandler(w), `{ feed(username: "ann") { id } }`, "")
	if !w.asked.Plain {
		t.Error("a feed asks for reasons that it does not show")
	}
}
