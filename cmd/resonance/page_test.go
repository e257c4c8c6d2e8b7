package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// feedPage is what the tests read of a connection.
type feedPage struct {
	Page struct {
		Edges []struct {
			Cursor string
			Node   struct{ DatabaseID int64 }
		}
		PageInfo struct {
			HasNextPage bool
			EndCursor   *string
		}
	}
}

const feedPages = `query ($username: String!, $first: Int, $after: String) {
	page: feedConnection(username: $username, first: $first, after: $after) {
		edges { cursor node { databaseId } parts { name value } reasons { kind text post { title } } } pageInfo { hasNextPage endCursor } } }`

// page asks for a page behind a cursor, "" for the first.
func (s *server) page(username string, first int, after string) feedPage {
	s.t.Helper()
	var p feedPage
	s.query(feedPages, map[string]any{"username": username, "first": first, "after": after}, &p)
	return p
}

func (p feedPage) ids() (ids []int64) {
	for _, edge := range p.Page.Edges {
		ids = append(ids, edge.Node.DatabaseID)
	}
	return ids
}

// A feed of a thousand posts, page by page, each page of another process, the likes of one page being
// written to the process that did not serve it: nothing comes twice, and every page reflects them.
func TestPagesAcrossProcesses(t *testing.T) {
	var posts strings.Builder
	for id := 1; id <= 1100; id++ {
		fmt.Fprintf(&posts, `{"id": %d, "title": "post %d", "category": "C", "author": "a%d", "created_at": "2026-01-%02dT00:00:00Z"}`+"\n", id, id, id%7, id%28+1)
	}
	environ := settings(t)
	must(t, environ, "import", folder(t, map[string]string{"posts.jsonl": posts.String()}))
	processes := []*server{start(t, environ), start(t, environ)}
	served := map[int64]bool{}
	after := ""
	for n := 0; ; n++ {
		p := processes[n%2].page("ann", 60, after)
		for _, id := range p.ids() {
			if served[id] {
				t.Fatalf("page %d holds post %d again", n, id)
			}
			served[id] = true
		}
		if !p.Page.PageInfo.HasNextPage {
			break
		}
		after = *p.Page.PageInfo.EndCursor
		liked := p.ids()[0]
		processes[(n+1)%2].query(`mutation ($id: ID!) { recordInteraction(input: {username: "ann", postId: $id, kind: LIKE}) { duplicate } }`, map[string]any{"id": liked}, nil)
		if again := processes[n%2].page("ann", 100, ""); slices.Contains(again.ids(), liked) {
			t.Errorf("post %d was liked and is in the next feed", liked)
		}
	}
	if len(served) != 1000 {
		t.Errorf("%d posts came, want 1000", len(served))
	}
	other := start(t, settings(t))
	response, err := http.Post(other.url+"/graphql", "application/json", strings.NewReader(fmt.Sprintf(
		`{"query": "{ feedConnection(username: \"ann\", after: \"%s\") { pageInfo { hasNextPage } } }"}`, after)))
	if err != nil {
		t.Fatal(err)
	}
	if body := other.read(response, "a cursor of another store", http.StatusOK); !strings.Contains(string(body), "BAD_USER_INPUT") {
		t.Errorf("another store takes the cursor: %s", body)
	}
}

// With CURSOR_KEY set, stores that share nothing else take each other's cursors.
func TestCursorKey(t *testing.T) {
	key := "CURSOR_KEY=" + strings.Repeat("k", 32)
	cursor := start(t, settings(t, key)).page("mira", 3, "").Page.Edges[2].Cursor
	if p := start(t, settings(t, key)).page("mira", 3, cursor); len(p.Page.Edges) != 3 {
		t.Errorf("%+v", p)
	}
}
