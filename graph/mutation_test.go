package graph_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resonance/graph/model"
	"resonance/internal/caller"
	"resonance/internal/catalog"
	"resonance/internal/interaction"
)

const recordOne = `mutation ($input: RecordInteractionInput!) {
	recordInteraction(input: $input) { duplicate interaction { username postId kind value at idempotencyKey } } }`

func TestRecordInteraction(t *testing.T) {
	for name, test := range map[string]struct{ input, want string }{
		"plain": {`{"username": "ann", "postId": "1", "kind": "LIKE"}`,
			`{"username":"ann","postId":"UG9zdDox","kind":"LIKE","value":null,"at":"2023-11-14T22:13:20Z","idempotencyKey":null}`},
		"everything": {`{"username": "ann", "postId": "UG9zdDoz", "kind": "RATING", "value": 80, "at": "2023-11-14T23:13:20.5+02:00", "idempotencyKey": "k"}`,
			`{"username":"ann","postId":"UG9zdDoz","kind":"RATING","value":80,"at":"2023-11-14T21:13:20.5Z","idempotencyKey":"k"}`},
		"watched": {`{"username": "ann", "postId": 2, "kind": "VIEW", "watchedSeconds": 3, "durationSeconds": 12.0, "value": null}`,
			`{"username":"ann","postId":"UG9zdDoy","kind":"VIEW","value":25,"at":"2023-11-14T22:13:20Z","idempotencyKey":null}`},
	} {
		t.Run(name, func(t *testing.T) {
			got := ask(t, newHandler(newWorld()), recordOne, `{"input": `+test.input+`}`)
			if want := `{"recordInteraction":{"duplicate":false,"interaction":` + test.want + `}}`; string(got.Data) != want {
				t.Errorf("got %s\nwant %s", got.Body, want)
			}
		})
	}
	h := newHandler(newWorld())
	for _, duplicate := range []bool{false, true} {
		got := ask(t, h, recordOne, `{"input": {"username": "ann", "postId": 1, "kind": "SHARE", "idempotencyKey": "k"}}`)
		if !strings.Contains(got.Body, fmt.Sprintf(`"duplicate":%t`, duplicate)) {
			t.Errorf("duplicate should be %t: %s", duplicate, got.Body)
		}
	}
}

// A front end that keeps posts by their id would unlike one whose like came back as it is for nobody.
func TestTheRecordedPostIsAsTheUserSeesIt(t *testing.T) {
	h := newHandler(newWorld())
	like := `mutation { recordInteraction(input: {username: "ann", postId: 1, kind: %s}) { interaction { post { ...Flags } } } } fragment Flags on Post { upvoted bookmarked following }`
	for _, step := range []struct{ kind, want string }{
		{"VIEW", `"upvoted":false,"bookmarked":false,"following":false`},
		{"LIKE", `"upvoted":true,"bookmarked":false,"following":false`},
		{"BOOKMARK", `"upvoted":true,"bookmarked":true,"following":false`},
	} {
		got := ask(t, h, fmt.Sprintf(like, step.kind), "")
		if want := `{"recordInteraction":{"interaction":{"post":{` + step.want + `}}}}`; string(got.Data) != want {
			t.Errorf("got %s\nwant %s", got.Body, want)
		}
	}
}

func TestWrongInteractionsAreRefusedByName(t *testing.T) {
	for input, want := range map[string]string{
		`{"username": "ann", "postId": "x", "kind": "LIKE"}`:                                          "BAD_USER_INPUT postId: must be",
		`{"username": "ann", "postId": 0, "kind": "LIKE"}`:                                            "BAD_USER_INPUT postId: must be",
		`{"username": "", "postId": 1, "kind": "LIKE"}`:                                               "BAD_USER_INPUT username: must not be empty",
		`{"username": "ann", "postId": 1, "kind": "RATING"}`:                                          "BAD_USER_INPUT value: a rating needs one, 1..100",
		`{"username": "ann", "postId": 1, "kind": "RATING", "value": 101}`:                            "BAD_USER_INPUT value: 101 is not in 1..100",
		`{"username": "ann", "postId": 1, "kind": "LIKE", "value": 1}`:                                "BAD_USER_INPUT value: a like has none",
		`{"username": "ann", "postId": 1, "kind": "VIEW", "watchedSeconds": 1}`:                       "BAD_USER_INPUT watchedSeconds and durationSeconds (watched_seconds and duration_seconds): give both",
		`{"username": "ann", "postId": 1, "kind": "LIKE", "watchedSeconds": 1, "durationSeconds": 2}`: "BAD_USER_INPUT watchedSeconds and durationSeconds (watched_seconds and duration_seconds): belong to a view",
		`{"username": "ann", "postId": 1, "kind": "LIKE", "at": "2023-11-14T22:18:20.001Z"}`:          "BAD_USER_INPUT at: is more than 5 minutes ahead",
		`{"username": "ann", "postId": 404, "kind": "LIKE"}`:                                          "NOT_FOUND there is no post 404",
		`{"username": "mallory", "postId": 1, "kind": "LIKE"}`:                                        "FORBIDDEN the user was forgotten",
		`{"username": "ann", "postId": 1, "kind": "LIKE", "idempotencyKey": "spent"}`:                 "CONFLICT idempotency key",
		`{"username": "ann", "postId": 1, "kind": "like"}`:                                            "BAD_USER_INPUT input.kind",
		`{"username": "ann", "postId": 1, "kind": "LIKE", "at": "yesterday"}`:                         "BAD_USER_INPUT",
		`{"username": "ann", "postId": 1}`:                                                            "BAD_USER_INPUT $input.kind",
	} {
		got := ask(t, newHandler(newWorld()), recordOne, `{"input": `+input+`}`)
		if len(got.Errors) != 1 || !strings.HasPrefix(got.Errors[0].Extensions.Code+" "+got.Errors[0].Message, want) {
			t.Errorf("%s: %s, want %s", input, got.Body, want)
		}
	}
}

const recordMany = `mutation ($input: RecordInteractionsInput!) { recordInteractions(input: $input) {
	accepted duplicates rejected results { index status code message interaction { postId } } } }`

func TestRecordInteractions(t *testing.T) {
	rows := `[{"username": "ann", "postId": 1, "kind": "LIKE", "idempotencyKey": "k"}, {"username": "ann", "postId": "x", "kind": "LIKE"},
		{"username": "ann", "postId": 1, "kind": "LIKE", "idempotencyKey": "k"}, {"username": "ann", "postId": 404, "kind": "VIEW", "value": 5}]`
	got := ask(t, newHandler(newWorld()), recordMany, `{"input": {"interactions": `+rows+`}}`)
	var payload struct {
		RecordInteractions struct {
			Accepted, Duplicates, Rejected int
			Results                        []struct {
				Index         int
				Status        string
				Code, Message *string
				Interaction   *struct{ PostID string }
			}
		}
	}
	got.read(t, &payload)
	p := payload.RecordInteractions
	words := []string{fmt.Sprint(p.Accepted, p.Duplicates, p.Rejected)}
	for _, r := range p.Results {
		line := fmt.Sprint(r.Index, " ", r.Status)
		if (r.Code == nil) != (r.Interaction != nil) || (r.Code == nil) != (r.Message == nil) {
			t.Errorf("row %d: %s", r.Index, got.Body)
		}
		if r.Code != nil {
			line += " " + *r.Code + " " + *r.Message
		}
		words = append(words, line)
	}
	want := []string{"1 1 2", "0 ACCEPTED", "1 REJECTED BAD_USER_INPUT postId: must be the id or the databaseId (1 to 2147483647) of a post",
		"2 DUPLICATE", "3 REJECTED NOT_FOUND there is no post 404"}
	if diff := cmp.Diff(want, words); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRowsAreLimited(t *testing.T) {
	list := func(n int, row string) string { return "[" + strings.TrimSuffix(strings.Repeat(row+",", n), ",") + "]" }
	for name, test := range map[string]struct{ query, row string }{
		"recordInteractions": {`mutation ($rows: [RecordInteractionInput!]!) { recordInteractions(input: {interactions: $rows}) { accepted } }`,
			`{"username": "ann", "postId": 1, "kind": "VIEW"}`},
		"upsertPosts": {`mutation ($rows: [PostInput!]!) { upsertPosts(input: {posts: $rows}) { created } }`, `{"id": 1, "title": "x"}`},
		"deletePosts": {`mutation ($rows: [ID!]!) { deletePosts(input: {ids: $rows}) { deletedIds } }`, `7`},
	} {
		w := newWorld()
		if got := ask(t, newHandler(w), test.query, `{"rows": `+list(1000, test.row)+`}`); len(got.Errors) > 0 {
			t.Errorf("%s of 1000: %s", name, got.Body)
		}
		before := w.calls.Load()
		if got := ask(t, newHandler(w), test.query, `{"rows": `+list(1001, test.row)+`}`); got.code(t) != "BAD_USER_INPUT" || w.calls.Load() != before {
			t.Errorf("%s of 1001: %s", name, got.Body)
		}
	}
	// Twenty calls with 1000 rows each cost 20·(100 + 1000 + 1000·1).
	many := `mutation ($rows: [RecordInteractionInput!]!) {` + strings.Repeat(` %s: recordInteractions(input: {interactions: $rows}) { accepted }`, 20) + `}`
	names := make([]any, 20)
	for n := range names {
		names[n] = fmt.Sprint("a", n)
	}
	got := ask(t, newHandler(newWorld()), fmt.Sprintf(many, names...), `{"rows": `+list(1000, `{"username": "ann", "postId": 1, "kind": "VIEW"}`)+`}`)
	if got.code(t) != "COMPLEXITY_LIMIT" {
		t.Errorf("20,000 rows in one request: %.300s", got.Body)
	}
}

func TestRemoveInteraction(t *testing.T) {
	w := newWorld()
	ask(t, newHandler(w), recordOne, `{"input": {"username": "ann", "postId": 1, "kind": "LIKE"}}`)
	remove := `mutation ($id: ID!, $at: DateTime) { removeInteraction(input: {username: "ann", postId: $id, kind: LIKE, at: $at}) { removedInteractions } }`
	for _, want := range []string{"1", "0"} {
		if got := ask(t, newHandler(w), remove, `{"id": "UG9zdDox"}`); string(got.Data) != `{"removeInteraction":{"removedInteractions":`+want+`}}` {
			t.Errorf("want %s: %s", want, got.Body)
		}
	}
	for variables, want := range map[string]string{`{"id": "x"}`: "postId", `{"id": 1, "at": "2123-01-01T00:00:00Z"}`: "at: is more"} {
		if got := ask(t, newHandler(w), remove, variables); got.code(t) != "BAD_USER_INPUT" || !strings.HasPrefix(got.Errors[0].Message, want) {
			t.Errorf("%s: %s", variables, got.Body)
		}
	}
}

func TestForgetUser(t *testing.T) {
	for username, want := range map[string]string{"ann": "", "": "BAD_USER_INPUT", "nobody": "NOT_FOUND"} {
		got := ask(t, newHandler(newWorld()), `mutation ($u: String!) { forgetUser(input: {username: $u}) { deletedInteractions } }`, `{"u": "`+username+`"}`)
		if got.code(t) != want || want == "" && string(got.Data) != `{"forgetUser":{"deletedInteractions":3}}` {
			t.Errorf("%q: %s", username, got.Body)
		}
	}
}

func TestUpsertPosts(t *testing.T) {
	w := newWorld()
	got := ask(t, newHandler(w), `mutation ($posts: [PostInput!]!) { upsertPosts(input: {posts: $posts}) { created updated unchanged } }`,
		`{"posts": [{"id": "UG9zdDox", "title": "new", "category": "Bloom Scroll", "tags": []}, {"id": 2, "author": "cy", "isLocked": true},
		{"id": 999, "title": "t", "description": "d", "genre": "g", "keywords": ["k"], "tags": ["a"], "category": "C", "projectCode": "p", "author": "bo",
		"createdAt": "2026-01-02T03:04:05.678901Z", "isAvailableInPublicFeed": false, "slug": "s", "videoLink": "v", "thumbnailUrl": "u", "gifThumbnailUrl": "i"}]}`)
	if want := `{"upsertPosts":{"created":1,"updated":2,"unchanged":0}}`; string(got.Data) != want {
		t.Fatal(got.Body)
	}
	full := fullPost()
	full.Title, full.Tags = "new", []string{}
	if diff := cmp.Diff(full, w.post(1)); diff != "" {
		t.Errorf("what was not given changed (-want +got):\n%s", diff)
	}
	if p := w.post(2); p.Owner.Username != "cy" || !p.Locked || p.Topic == nil {
		t.Errorf("post 2: %+v", p)
	}
	want := &catalog.Post{ID: 999, Title: "t", Description: "d", Genre: "g", Keywords: []string{"k"}, Tags: []string{"a"}, Category: &catalog.Category{Name: "C"},
		ProjectCode: "p", Owner: catalog.Owner{Username: "bo"}, CreatedAt: time.UnixMilli(1767323045678).UTC(), Slug: "s",
		VideoLink: "v", ThumbnailURL: "u", GIFThumbnailURL: "i"}
	if diff := cmp.Diff(want, w.post(999)); diff != "" {
		t.Errorf("a new post (-want +got):\n%s", diff)
	}
	got = ask(t, newHandler(w), `mutation { upsertPosts(input: {posts: [{id: 1, category: ""}, {id: "nine"}]}) { updated } }`, "")
	if got.code(t) != "BAD_USER_INPUT" || !strings.HasPrefix(got.Errors[0].Message, "posts[1].id") || w.post(1).Category == nil {
		t.Errorf("a wrong row: %s", got.Body)
	}
}

// Each text and list of a post has a bound, which it may reach and not cross.
func TestPostsHoldSoMuch(t *testing.T) {
	const query = `mutation ($post: PostInput!) { upsertPosts(input: {posts: [$post]}) { created } }`
	text := func(n int) any { return strings.Repeat("x", n-2) + "é" }
	words := func(n, length int) any {
		list := make([]any, n)
		for i := range list {
			list[i] = text(length)
		}
		return list
	}
	for field, bound := range map[string]struct{ most, over any }{
		"title": {text(2000), text(2001)}, "description": {text(20_000), text(20_001)}, "genre": {text(255), text(256)}, "slug": {text(255), text(256)},
		"category": {text(255), text(256)}, "projectCode": {text(255), text(256)}, "author": {text(255), text(256)},
		"videoLink": {text(2000), text(2001)}, "thumbnailUrl": {text(2000), text(2001)}, "gifThumbnailUrl": {text(2000), text(2001)},
		"tags": {words(100, 5), words(101, 5)}, "keywords": {words(100, 5), words(101, 5)},
		"tags[1]": {words(2, 255), []any{"a", text(256)}}, "keywords[1]": {words(2, 255), []any{"a", text(256)}},
	} {
		for value, ok := range map[any]bool{&bound.most: true, &bound.over: false} {
			variables, err := json.Marshal(map[string]any{"post": map[string]any{"id": "7", strings.TrimSuffix(field, "[1]"): value}})
			if err != nil {
				t.Fatal(err)
			}
			got := ask(t, newHandler(newWorld()), query, string(variables))
			refused := len(got.Errors) == 1 && got.code(t) == "BAD_USER_INPUT" && strings.HasPrefix(got.Errors[0].Message, "posts[0]."+field+": has ")
			if ok != (len(got.Errors) == 0) || !ok && !refused {
				t.Errorf("%s, within its bound %t: %.200s", field, ok, got.Body)
			}
		}
	}
}

func TestDeletePosts(t *testing.T) {
	got := ask(t, newHandler(newWorld()), `mutation { deletePosts(input: {ids: [1, "UG9zdDoz", 404, "1"]}) { deletedIds missingIds } }`, "")
	ids := func(numbers ...int) (ids []string) {
		for _, n := range numbers {
			ids = append(ids, model.GlobalID(model.KindPost, fmt.Sprint(n)))
		}
		return ids
	}
	var payload struct {
		DeletePosts struct{ DeletedIDs, MissingIDs []string }
	}
	got.read(t, &payload)
	if diff := cmp.Diff([][]string{ids(1, 3), ids(404)}, [][]string{payload.DeletePosts.DeletedIDs, payload.DeletePosts.MissingIDs}); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := ask(t, newHandler(newWorld()), `mutation { deletePosts(input: {ids: [1, "x"]}) { deletedIds } }`, ""); got.code(t) != "BAD_USER_INPUT" || !strings.HasPrefix(got.Errors[0].Message, "ids[1]") {
		t.Error(got.Body)
	}
}

// Whoever the context says asks is who the services are told.
func TestMutationsAreTheCallers(t *testing.T) {
	body, err := json.Marshal(map[string]any{"query": `mutation { recordInteraction(input: {username: "ann", postId: 1, kind: LIKE}) { duplicate } }`})
	if err != nil {
		t.Fatal(err)
	}
	for project, code := range map[string]string{"garden": "", "night": "NOT_FOUND"} {
		r := post(string(body))
		r = r.WithContext(caller.With(r.Context(), caller.Caller{KeyID: "k", Projects: []string{project}, Read: true, Write: true}))
		if got := send(t, newHandler(newWorld()), r); got.code(t) != code {
			t.Errorf("bound to %s: %s", project, got.Body)
		}
	}
	bound := as(t, newHandler(newWorld()), "admin", "garden")
	if got := ask(t, bound, `mutation { forgetUser(input: {username: "ann"}) { deletedInteractions } }`, ""); got.code(t) != "FORBIDDEN" {
		t.Errorf("a key of one project forgets: %s", got.Body)
	}
	free := as(t, newHandler(newWorld()), "write", "")
	if got := ask(t, free, `mutation { forgetUser(input: {username: "ann"}) { deletedInteractions } }`, ""); len(got.Errors) > 0 {
		t.Errorf("a key of no project does not forget: %s", got.Body)
	}
}

func TestKindsAreAllInTheSchema(t *testing.T) {
	var names []string
	for _, value := range schema().Types["InteractionKind"].EnumValues {
		names = append(names, strings.ToLower(value.Name))
	}
	var want []string
	for _, kind := range interaction.Kinds() {
		want = append(want, kind.String())
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
