package graph_test

import (
	"net/http"
	"strings"
	"testing"

	"resonance/internal/caller"
)

// as asks as somebody who holds a new key with these scopes and projects.
func as(t *testing.T, handler http.Handler, scope, projects string) http.Handler {
	t.Helper()
	var bound []string
	if projects != "" {
		bound = strings.Split(projects, "|")
	}
	key, line, err := caller.NewKey([]string{scope}, bound)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := caller.ParseKeyring(line)
	if err != nil {
		t.Fatal(err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(w, r.WithContext(caller.With(r.Context(), keys.Authorized("Bearer "+key))))
	})
}

func TestWithoutAKeyNothingIsExecuted(t *testing.T) {
	w := newWorld()
	nobody := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		newHandler(w).ServeHTTP(rw, r.WithContext(caller.With(r.Context(), caller.Caller{})))
	})
	for _, query := range []string{`{ topics { id } }`, `{ __schema { queryType { name } } }`, `{ __typename }`, `nonsense`} {
		got := ask(t, nobody, query, "")
		if got.Status != http.StatusUnauthorized || got.code(t) != "UNAUTHENTICATED" || got.Data != nil || got.Header.Get("WWW-Authenticate") != "Bearer" {
			t.Errorf("%s: %d %s", query, got.Status, got.Body)
		}
	}
	if w.calls.Load() != 0 {
		t.Error("work was done before the refusal")
	}
}

// A key that is bound to a project sees that project's posts and no trace of others, whatever it
// asks: what it may not see is answered as what does not exist.
func TestAKeySeesItsProjectOnly(t *testing.T) {
	garden := as(t, newHandler(newWorld()), "read", "garden") // post 1; post 2 is of project night, the rest of none
	for query, want := range map[string]string{
		`{ feed(username: "ann") { databaseId } }`:                                                              `{"feed":[{"databaseId":1}]}`,
		`{ feed(username: "ann", projectCode: "GARDEN") { databaseId } }`:                                       `{"feed":[{"databaseId":1}]}`,
		`{ feedConnection(username: "ann") { edges { node { databaseId } } } }`:                                 `{"feedConnection":{"edges":[{"node":{"databaseId":1}}]}}`,
		`{ a: post(id: 1) { databaseId } b: post(id: 2) { id } c: post(id: 3) { id } d: post(id: 999) { id } }`: `{"a":{"databaseId":1},"b":null,"c":null,"d":null}`,
		`{ post(id: 1) { category { count } topic { postsCount } } }`:                                           `{"post":{"category":{"count":0},"topic":{"postsCount":3}}}`,
		`{ categories { name } topics { name } }`:                                                               `{"categories":[{"name":"Bloom Scroll"}],"topics":[{"name":"Roses"}]}`,
	} {
		if got := ask(t, garden, query, ""); len(got.Errors) > 0 || string(got.Data) != want {
			t.Errorf("%s: %s, want %s", query, got.Body, want)
		}
	}
	var all struct {
		Topics, Categories []struct{ ID, Name string }
		Feed               []struct{ ID string }
	}
	ask(t, newHandler(newWorld()), `{ topics { id name } categories { id name } feed(username: "ann", topK: 100) { id } }`, "").read(t, &all)
	ids := []string{}
	for _, it := range append(all.Topics, all.Categories...) {
		if it.Name != "Roses" && it.Name != "Bloom Scroll" {
			ids = append(ids, it.ID)
		}
	}
	for _, post := range all.Feed[1:] {
		ids = append(ids, post.ID)
	}
	for _, id := range ids {
		if got := ask(t, garden, `query ($id: ID!) { node(id: $id) { id } }`, `{"id": "`+id+`"}`); string(got.Data) != `{"node":null}` || len(got.Errors) > 0 {
			t.Errorf("node %s: %s", id, got.Body)
		}
	}
	if len(ids) < 100 {
		t.Errorf("only %d ids were tried", len(ids))
	}
}

// The refusal of another project is the same whether that project exists or not.
func TestAnotherProjectIsForbidden(t *testing.T) {
	garden := as(t, newHandler(newWorld()), "admin", "garden")
	for _, code := range []string{"night", "nowhere", " "} {
		got := ask(t, garden, `query ($code: String) { feed(username: "ann", projectCode: $code) { id } }`, `{"code": "`+code+`"}`)
		if got.code(t) != "FORBIDDEN" || string(got.Data) != "null" || got.Errors[0].Message != "projectCode: the key is bound to another project" {
			t.Errorf("%q: %s", code, got.Body)
		}
	}
}

func TestAKeyOfSeveralProjectsNamesOne(t *testing.T) {
	both := as(t, newHandler(newWorld()), "read", "garden|night")
	if got := ask(t, both, `{ feed(username: "ann") { id } }`, ""); got.code(t) != "BAD_USER_INPUT" || !strings.Contains(got.Errors[0].Message, "garden, night") {
		t.Error(got.Body)
	}
	if got := ask(t, both, `{ feed(username: "ann", projectCode: "night") { databaseId } topics { name } }`, ""); string(got.Data) != `{"feed":[{"databaseId":2}],"topics":[{"name":"Roses"},{"name":"Late Night"}]}` {
		t.Error(got.Body)
	}
}
