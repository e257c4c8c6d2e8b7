package graph_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/catalog"
)

func TestPostByEitherID(t *testing.T) {
	global := base64.StdEncoding.EncodeToString([]byte("Post:1"))
	for name, query := range map[string]string{
		"number":    `{ post(id: 1) { databaseId } }`,
		"digits":    `{ post(id: "1") { databaseId } }`,
		"global id": `{ post(id: "` + global + `") { databaseId } }`,
	} {
		t.Run(name, func(t *testing.T) {
			if got := ask(t, newHandler(newWorld()), query, ""); string(got.Data) != `{"post":{"databaseId":1}}` {
				t.Error(got.Body)
			}
		})
	}
	for name, variables := range map[string]string{"number": `{"id": 1}`, "digits": `{"id": "1"}`, "global id": `{"id": "` + global + `"}`} {
		t.Run("variable "+name, func(t *testing.T) {
			got := ask(t, newHandler(newWorld()), `query ($id: ID!) { post(id: $id) { id upvoted bookmarked following } }`, variables)
			want := `{"post":{"id":"` + global + `","upvoted":false,"bookmarked":false,"following":false}}`
			if string(got.Data) != want {
				t.Error(got.Body)
			}
		})
	}
}

func TestPostRefusesWhatIsNoPostID(t *testing.T) {
	encode := base64.StdEncoding.EncodeToString
	for _, id := range []string{
		"", "0", "-1", "+1", "01", "1.0", "1e2", "abc", " 1", "2147483648", "99999999999999999999",
		encode([]byte("Post:")), encode([]byte("Post:0")), encode([]byte("Post:01")), encode([]byte("Post:x")), encode([]byte("User:1")),
		encode([]byte("Post:2147483648")), encode([]byte("post:1")), strings.TrimRight(encode([]byte("Post:1")), "=") + "\n",
	} {
		t.Run(id, func(t *testing.T) {
			got := ask(t, newHandler(newWorld()), `query ($id: ID!) { post(id: $id) { id } }`, fmt.Sprintf(`{"id": %q}`, id))
			if got.code(t) != "BAD_USER_INPUT" || !strings.HasPrefix(got.Errors[0].Message, "id: must be the id or the databaseId") {
				t.Error(got.Body)
			}
		})
	}
}

func TestWhatIsNotThereIsNull(t *testing.T) {
	node := func(text string) string {
		return `node(id: "` + base64.StdEncoding.EncodeToString([]byte(text)) + `") { id }`
	}
	for _, query := range []string{
		`post(id: 999) { id }`, `post(id: 121) { id }`, `user(username: "nobody") { id }`,
		node("Post:999"), node("Post:121"), node("User:nobody"), node("Category:None"), node("Topic:999"),
	} {
		got := ask(t, newHandler(newWorld()), `{ it: `+query+` }`, "")
		if len(got.Errors) > 0 || string(got.Data) != `{"it":null}` {
			t.Errorf("%s: %s", query, got.Body)
		}
	}
}

func TestUser(t *testing.T) {
	got := ask(t, newHandler(newWorld()), `{ user(username: "ann") { id databaseId username firstName lastName name pictureUrl } }`, "")
	want := `{"user":{"id":"VXNlcjphbm4=","databaseId":7,"username":"ann","firstName":"Ann","lastName":"","name":"Ann","pictureUrl":"https://pic.test/ann.jpg"}}`
	if diff := cmp.Diff(want, string(got.Data)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Local numbers count everybody: a key that is bound to a project is not told them, nor kept from upstream's.
func TestLocalUsersAreNotCounted(t *testing.T) {
	w := newWorld()
	h := newHandler(w)
	for id, want := range map[int64]string{7: "", catalog.LocalUserID: "FORBIDDEN"} {
		w.users[0].ID = id
		if got := ask(t, as(t, h, "read", "garden"), `{ user(username: "ann") { databaseId } }`, ""); (want == "") != (len(got.Errors) == 0) || want != "" && got.code(t) != want {
			t.Errorf("%d with a bound key: %s", id, got.Body)
		}
		if got := ask(t, as(t, h, "read", ""), `{ user(username: "ann") { databaseId } }`, ""); len(got.Errors) > 0 {
			t.Errorf("%d with another key: %s", id, got.Body)
		}
	}
}

func TestCategoriesAndTopics(t *testing.T) {
	got := ask(t, newHandler(newWorld()), `{ categories { name count } topics { name owner { username } } }`, "")
	want := `{"categories":[{"name":"Bloom Scroll","count":12}],"topics":[{"name":"Roses","owner":{"username":"cy"}},{"name":"Late Night","owner":{"username":""}}]}`
	if diff := cmp.Diff(want, string(got.Data)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Every id that an answer shows of a Node leads back to the same object.
func TestNodeFindsEveryIDAgain(t *testing.T) {
	handler := newHandler(newWorld())
	var shown struct {
		Feed []struct {
			ID    string
			Topic struct{ ID string }
		}
		User               struct{ ID string }
		Categories, Topics []struct{ ID string }
	}
	ask(t, handler, `{ feed(username: "ann", topK: 2) { id topic { id } } user(username: "ann") { id } categories { id } topics { id } }`, "").read(t, &shown)
	ids := map[string]string{shown.User.ID: "User", shown.Categories[0].ID: "Category", shown.Topics[0].ID: "Topic", shown.Topics[1].ID: "Topic"}
	for _, post := range shown.Feed {
		ids[post.ID], ids[post.Topic.ID] = "Post", "Topic"
	}
	if len(ids) != 6 {
		t.Fatalf("%d different ids, want 6: %v", len(ids), ids)
	}
	for id, kind := range ids {
		got := ask(t, handler, `query ($id: ID!) { node(id: $id) { __typename id } }`, `{"id": "`+id+`"}`)
		if want := `{"node":{"__typename":"` + kind + `","id":"` + id + `"}}`; string(got.Data) != want {
			t.Errorf("got %s, want %s", got.Body, want)
		}
	}
}

func TestNodeRefusesWhatIsNoID(t *testing.T) {
	for _, text := range []string{"Owner:bo", "TopicOwner:cy", "Query:x", "Post", ":1", "Post:", "Post:x"} {
		got := ask(t, newHandler(newWorld()), `{ node(id: "`+base64.StdEncoding.EncodeToString([]byte(text))+`") { id } }`, "")
		if got.code(t) != "BAD_USER_INPUT" || !strings.HasPrefix(got.Errors[0].Message, "id: must be the id ") {
			t.Errorf("%s: %s", text, got.Body)
		}
	}
	if got := ask(t, newHandler(newWorld()), `{ node(id: 1) { id } }`, ""); got.code(t) != "BAD_USER_INPUT" {
		t.Errorf("a number says nothing of the type: %s", got.Body)
	}
}

// One call a field of Query, whatever is selected below it.
func TestEachQueryMakesOneCall(t *testing.T) {
	all := everyField(schema(), "Post")
	for _, query := range []string{
		`{ feed(username: "ann", topK: 100) ` + all + `}`,
		`{ feedConnection(username: "ann", first: 100) ` + everyField(schema(), "FeedConnection") + `}`,
		`{ post(id: 1) ` + all + `}`, `{ node(id: "UG9zdDox") { ... on Post ` + all + `} }`,
		`{ similarPosts(postId: 1, first: 100) ` + everyField(schema(), "ScoredPost") + `}`, `{ trending(first: 100) ` + everyField(schema(), "ScoredPost") + `}`,
		`{ search(query: "x", first: 100) ` + everyField(schema(), "PostConnection") + `}`, `{ projects { id } }`,
		`{ user(username: "ann") { id } }`, `{ categories { id } }`, `{ topics { id owner { name } } }`,
	} {
		w := newWorld()
		if got := ask(t, newHandler(w), query, ""); len(got.Errors) > 0 || w.calls.Load() != 1 {
			t.Errorf("%d calls: %.80s", w.calls.Load(), got.Body)
		}
	}
}

func TestFailuresOfTheServicesReachTheField(t *testing.T) {
	for _, query := range []string{
		`feed(username: "ann") { id }`, `feedConnection(username: "ann") { edges { score } }`, `post(id: 1) { id }`,
		`node(id: "UG9zdDox") { id }`, `node(id: "VXNlcjphbm4=") { id }`, `node(id: "Q2F0ZWdvcnk6QQ==") { id }`, `node(id: "VG9waWM6NQ==") { id }`,
		`similarPosts(postId: 1) { score }`, `trending { score }`, `search(query: "x") { edges { score } }`, `projects { id }`, `nodes(ids: ["UG9zdDox"]) { id }`,
		`user(username: "ann") { id }`, `categories { id }`, `topics { id }`,
	} {
		w := newWorld()
		w.fail = errors.New("disk full")
		got := ask(t, newHandler(w), `{ it: `+query+` }`, "")
		if got.code(t) != "INTERNAL" || !cmp.Equal(got.Errors[0].Path, []any{"it"}) {
			t.Errorf("%s: %s", query, got.Body)
		}
	}
}
