package graph_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"resonance/graph/model"
)

func TestLists(t *testing.T) {
	w := newWorld()
	garden := as(t, newHandler(w), "read", "garden")
	for query, want := range map[string]string{
		`{ similarPosts(postId: 1, first: 2) { post { databaseId upvoted } score parts { name value } } }`: `{"similarPosts":[` +
			`{"post":{"databaseId":2,"upvoted":false},"score":0.125,"parts":[{"name":"taste","value":0.375},{"name":"engagement","value":-0.25}]},` +
			`{"post":{"databaseId":3,"upvoted":false},"score":0,"parts":[{"name":"taste","value":0.25},{"name":"engagement","value":-0.25}]}]}`,
		`{ trending(projectCode: "Night") { post { databaseId } } }`:                                                   `{"trending":[{"post":{"databaseId":2}}]}`,
		`{ search(query: "roses", projectCode: "garden") { edges { node { databaseId } } pageInfo { hasNextPage } } }`: `{"search":{"edges":[{"node":{"databaseId":1}}],"pageInfo":{"hasNextPage":false}}}`,
		`{ projects { id code postsCount } }`:                                                                          `{"projects":[{"id":"UHJvamVjdDpnYXJkZW4=","code":"garden","postsCount":1},{"id":"UHJvamVjdDpuaWdodA==","code":"night","postsCount":1}]}`,
		`{ user(username: "ann") { history(first: 1) { postId kind value post { databaseId } } interests(first: 1) { kind text share } feed(topK: 1) { databaseId } } }`: `{"user":{` +
			`"history":[{"postId":"UG9zdDox","kind":"VIEW","value":50,"post":{"databaseId":1}}],"interests":[{"kind":"CATEGORY","text":"Bloom Scroll","share":0.75}],"feed":[{"databaseId":1}]}}`,
	} {
		if got := ask(t, newHandler(w), query, ""); len(got.Errors) > 0 || string(got.Data) != want {
			t.Errorf("%s: %s, want %s", query, got.Body, want)
		}
	}
	for query, want := range map[string]string{
		`{ trending { post { databaseId } } }`:                                    `{"trending":[{"post":{"databaseId":1}}]}`,
		`{ search(query: "x") { edges { node { databaseId } } } }`:                `{"search":{"edges":[{"node":{"databaseId":1}}]}}`,
		`{ projects { code } }`:                                                   `{"projects":[{"code":"garden"}]}`,
		`{ user(username: "ann") { history { postId } feed { databaseId } } }`:    `{"user":{"history":[{"postId":"UG9zdDox"}],"feed":[{"databaseId":1}]}}`,
		`{ nodes(ids: ["UG9zdDox", "UG9zdDoy", "UHJvamVjdDpuaWdodA=="]) { id } }`: `{"nodes":[{"id":"UG9zdDox"},null,null]}`,
	} {
		if got := ask(t, garden, query, ""); len(got.Errors) > 0 || string(got.Data) != want {
			t.Errorf("with a key of one project: %s: %s, want %s", query, got.Body, want)
		}
	}
	for query, code := range map[string]string{
		`{ similarPosts(postId: 2) { score } }`:                                     "NOT_FOUND",
		`{ similarPosts(postId: 404) { score } }`:                                   "NOT_FOUND",
		`{ similarPosts(postId: 1, projectCode: "night") { score } }`:               "FORBIDDEN",
		`{ trending(projectCode: "night") { score } }`:                              "FORBIDDEN",
		`{ search(query: "x", projectCode: "night") { pageInfo { hasNextPage } } }`: "FORBIDDEN",
		`{ user(username: "ann") { feed(projectCode: "night") { id } } }`:           "FORBIDDEN",
	} {
		if got := ask(t, garden, query, ""); got.code(t) != code || strings.Contains(strings.ReplaceAll(got.Body, "another project", ""), "night") {
			t.Errorf("with a key of one project: %s: %s, want %s", query, got.Body, code)
		}
	}
}

func TestWindows(t *testing.T) {
	for window, want := range map[string]time.Duration{"": 7 * 24 * time.Hour, "window: HOUR": time.Hour, "window: DAY": 24 * time.Hour, "window: WEEK": 7 * 24 * time.Hour, "window: MONTH": 30 * 24 * time.Hour, "window: null": 7 * 24 * time.Hour} {
		w := newWorld()
		if got := ask(t, newHandler(w), `{ trending(first: 1, `+window+`) { score } }`, ""); len(got.Errors) > 0 || w.window != want {
			t.Errorf("%s asks for %s: %s", window, w.window, got.Body)
		}
	}
}

func TestPagesOfASearch(t *testing.T) {
	handler := newHandler(newWorld())
	var first, second struct{ Page page }
	ask(t, handler, `{ page: search(query: "x", first: 3) `+readPage+` }`, "").read(t, &first)
	ask(t, handler, fmt.Sprintf(`{ page: search(query: "x", first: 3, after: %q) %s }`, *first.Page.PageInfo.EndCursor, readPage), "").read(t, &second)
	if diff := cmp.Diff([]int{1, 2, 3, 4, 5, 6}, append(first.Page.ids(), second.Page.ids()...)); diff != "" {
		t.Errorf("posts (-want +got):\n%s", diff)
	}
	for _, arguments := range []string{`query: "y"`, `query: "x", username: "ann"`, `query: "x", projectCode: "night"`, `query: "x", last: 3`} {
		query := fmt.Sprintf(`{ search(%s, after: %q) { pageInfo { hasNextPage } } }`, arguments, *first.Page.PageInfo.EndCursor)
		if got := ask(t, handler, query, ""); got.code(t) != "BAD_USER_INPUT" {
			t.Errorf("%s: %s", arguments, got.Body)
		}
	}
	for _, query := range []string{`{ search(query: "") { edges { score } } }`, `{ search(query: "` + strings.Repeat("x", 201) + `") { edges { score } } }`} {
		if got := ask(t, handler, query, ""); got.code(t) != "BAD_USER_INPUT" || !strings.HasPrefix(got.Errors[0].Message, "query: ") {
			t.Errorf("%.40s: %s", query, got.Body)
		}
	}
}

// However many objects an answer holds, what is behind them is read in one call of each kind.
func TestCallsDoNotGrowWithTheAnswer(t *testing.T) {
	ids := func(n int) string {
		var ids []string
		for i := range n {
			kind, key := model.KindPost, fmt.Sprint(i+1)
			switch i % 3 {
			case 1:
				kind, key = model.KindUser, "ann"
			case 2:
				kind, key = model.KindCategory, "Bloom Scroll"
			}
			ids = append(ids, model.GlobalID(kind, key))
		}
		list, _ := json.Marshal(ids)
		return string(list)
	}
	rows := func(n int) string {
		return strings.Repeat(`{username: "ann", postId: 1, kind: VIEW, value: 50},`, n)
	}
	for name, test := range map[string]struct {
		query func(n int) string
		calls int32
	}{
		"history": {func(n int) string {
			return fmt.Sprintf(`{ user(username: "ann") { history(first: %d) { post { title } } } }`, n)
		}, 3},
		"user": {func(n int) string {
			return fmt.Sprintf(`{ user(username: "ann") { history(first: %d) { kind } interests { text } feed(topK: %d) { id } } }`, n, n)
		}, 4},
		"flags of recorded posts": {func(n int) string {
			return fmt.Sprintf(`mutation { recordInteractions(input: {interactions: [%s]}) { results { interaction { post { upvoted following } } } } }`, rows(n))
		}, 3},
		"nodes": {func(n int) string {
			return fmt.Sprintf(`{ nodes(ids: %s) { id ... on Post { title } ... on User { name } } }`, ids(n))
		}, 3},
		"recording": {func(n int) string {
			return fmt.Sprintf(`mutation { recordInteractions(input: {interactions: [%s]}) { results { interaction { post { title } } } } }`, rows(n))
		}, 2},
	} {
		for _, n := range []int{3, 30, 60} {
			synctest.Test(t, func(t *testing.T) { // where waiting ends when nobody does anything else
				w := newWorld()
				if got := ask(t, newHandler(w), test.query(n), ""); len(got.Errors) > 0 || w.calls.Load() != test.calls {
					t.Errorf("%s of %d: %d calls, want %d: %.300s", name, n, w.calls.Load(), test.calls, got.Body)
				}
			})
		}
	}
}

func TestNodesAreBounded(t *testing.T) {
	list := func(n int) string { return `{ nodes(ids: [` + strings.Repeat(`"UG9zdDox",`, n) + `]) { id } }` }
	if got := ask(t, newHandler(newWorld()), list(100), ""); len(got.Errors) > 0 || strings.Count(got.Body, "UG9zdDox") != 100 {
		t.Error(got.Body)
	}
	if got := ask(t, newHandler(newWorld()), list(101), ""); got.code(t) != "BAD_USER_INPUT" {
		t.Error(got.Body)
	}
	if got := ask(t, newHandler(newWorld()), `{ nodes(ids: ["UG9zdDox", "x"]) { id } }`, ""); got.code(t) != "BAD_USER_INPUT" || !strings.HasPrefix(got.Errors[0].Message, "ids[1]: ") {
		t.Error(got.Body)
	}
}

// A call below a list counts as often as it is made.
func TestCallsBelowListsAreCounted(t *testing.T) {
	query := func(of string) string {
		return `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on User { ` + of + ` } } }`
	}
	ids := func(n int) string {
		return `{"ids": [` + strings.TrimSuffix(strings.Repeat(`"VXNlcjphbm4=",`, n), ",") + `]}`
	}
	for of, most := range map[string]int{`feed(topK: 100) { id title }`: 66, `history(first: 100) { kind at value }`: 49, `id`: 100} {
		if got := ask(t, newHandler(newWorld()), query(of), ids(most)); len(got.Errors) > 0 {
			t.Errorf("%s of %d: %.200s", of, most, got.Body)
		}
		if most == 100 {
			continue
		}
		if got := ask(t, newHandler(newWorld()), query(of), ids(most+1)); got.code(t) != "COMPLEXITY_LIMIT" {
			t.Errorf("%s of %d: %.200s", of, most+1, got.Body)
		}
	}
}
