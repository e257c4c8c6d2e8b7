package graph_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"resonance/graph"
	"resonance/graph/model"
)

const entities = `query ($of: [_Any!]!) { _entities(representations: $of) { __typename
	... on Post { databaseId title } ... on Owner { username name } ... on Category { name } ... on Topic { name } } }`

// reference is what another subgraph knows of an object.
func reference(typename, id string) map[string]any {
	return map[string]any{"__typename": typename, "id": id}
}

func referTo(kind model.Kind, key string) map[string]any {
	return reference(string(kind), model.GlobalID(kind, key))
}

func askEntities(t *testing.T, handler http.Handler, references ...map[string]any) answer {
	t.Helper()
	variables, err := json.Marshal(map[string]any{"of": references})
	if err != nil {
		t.Fatal(err)
	}
	return ask(t, handler, entities, string(variables))
}

var everyKind = []map[string]any{
	referTo(model.KindTopic, "5"), referTo(model.KindPost, "2"), referTo(model.KindOwner, "bo"), referTo(model.KindPost, "1"), referTo(model.KindCategory, "Bloom Scroll"),
	referTo(model.KindPost, "121"), referTo(model.KindOwner, "nobody"), referTo(model.KindOwner, ""), referTo(model.KindCategory, "None"), referTo(model.KindTopic, "9"), referTo(model.KindPost, "1"),
}

// Entities come in the order of their references, however they are mixed; null is what may not be shown.
func TestEntitiesAreFoundByTheirKeys(t *testing.T) {
	w := newWorld()
	const post = `{"__typename":"Post","databaseId":1,"title":"Say \"hi\"\n"}`
	want := `{"_entities":[{"__typename":"Topic","name":"Roses"},{"__typename":"Post","databaseId":2,"title":""},{"__typename":"Owner","username":"bo","name":"Bo Lee"},` +
		post + `,{"__typename":"Category","name":"Bloom Scroll"},null,null,null,null,null,` + post + `]}`
	if got := askEntities(t, newHandler(w), everyKind...); len(got.Errors) > 0 || string(got.Data) != want {
		t.Errorf("%s, want %s", got.Body, want)
	}
	if n := w.calls.Load(); n != 4 {
		t.Errorf("%d calls for entities of four kinds, want one of each kind", n)
	}
}

// A key that is bound to a project finds that project's entities and no trace of others.
func TestEntitiesOfOtherProjectsAreNotFound(t *testing.T) {
	night := as(t, newHandler(newWorld()), "read", "night")
	if got := askEntities(t, night, everyKind...); len(got.Errors) > 0 || string(got.Data) != `{"_entities":[null,{"__typename":"Post","databaseId":2,"title":""},null,null,null,null,null,null,null,null,null]}` {
		t.Error(got.Body)
	}
	garden := as(t, newHandler(newWorld()), "read", "garden")
	if got := askEntities(t, garden, referTo(model.KindPost, "1"), referTo(model.KindOwner, "bo"), referTo(model.KindPost, "2"), referTo(model.KindPost, "3")); len(got.Errors) > 0 ||
		string(got.Data) != `{"_entities":[{"__typename":"Post","databaseId":1,"title":"Say \"hi\"\n"},{"__typename":"Owner","username":"bo","name":"Bo Lee"},null,null]}` {
		t.Error(got.Body)
	}
}

func TestWrongRepresentationsAreNamed(t *testing.T) {
	w := newWorld()
	good := referTo(model.KindPost, "1")
	for name, bad := range map[string]map[string]any{
		"no type":           {"id": good["id"]},
		"a number as type":  {"__typename": 1, "id": good["id"]},
		"an unknown type":   reference("Person", "1"),
		"no entity":         referTo(model.KindUser, "ann"),
		"no id":             {"__typename": "Post"},
		"null as id":        {"__typename": "Post", "id": nil},
		"a number as id":    {"__typename": "Post", "id": 1},
		"a bare number":     reference("Post", "1"),
		"id of another":     reference("Post", model.GlobalID(model.KindTopic, "1")),
		"no number in it":   referTo(model.KindPost, "first"),
		"nothing but noise": reference("Owner", "?"),
	} {
		got := askEntities(t, newHandler(w), good, bad)
		if got.code(t) != "BAD_USER_INPUT" || !strings.HasPrefix(got.Errors[0].Message, "representations[1].") || got.Data != nil {
			t.Errorf("%s: %s", name, got.Body)
		}
	}
	for _, list := range []string{`[1]`, `[null]`, `null`, `["x"]`} {
		if got := ask(t, newHandler(w), entities, `{"of": `+list+`}`); got.code(t) != "BAD_USER_INPUT" || got.Data != nil {
			t.Errorf("%s: %s", list, got.Body)
		}
	}
	if w.calls.Load() != 0 {
		t.Error("work was done before the refusal")
	}
}

func TestEntitiesAreBounded(t *testing.T) {
	for n, code := range map[int]string{200: "", 201: "BAD_USER_INPUT"} {
		references := make([]map[string]any, n)
		for i := range references {
			references[i] = referTo(model.KindPost, fmt.Sprint(i+1))
		}
		if got := askEntities(t, newHandler(newWorld()), references...); got.code(t) != code {
			t.Errorf("%d: %.300s", n, got.Body)
		}
	}
}

// What is selected counts for each entity that is asked for.
func TestCostMultipliesByTheEntities(t *testing.T) {
	query := `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Post { ` + strings.Repeat("id ", 110) + `} } }`
	for n, code := range map[int]string{180: "", 181: "COMPLEXITY_LIMIT"} {
		references := make([]map[string]any, n)
		for i := range references {
			references[i] = referTo(model.KindPost, "1")
		}
		variables, _ := json.Marshal(map[string]any{"of": references})
		if got := ask(t, newHandler(newWorld()), query, string(variables)); got.code(t) != code {
			t.Errorf("%d: %.300s", n, got.Body)
		}
	}
}

// Where introspection is off a gateway reads the schema with the key of an admin.
func TestWhoMayReadTheSubgraphsSchema(t *testing.T) {
	const query = `{ _service { sdl } }`
	on := newHandler(newWorld())
	off := graph.NewHandler(newWorld().services(), graph.Options{})
	for name, test := range map[string]struct {
		handler http.Handler
		code    string
	}{
		"on": {on, ""}, "on, to a reader": {as(t, on, "read", "garden"), ""},
		"off": {off, "FORBIDDEN"}, "off, to a writer": {as(t, off, "write", ""), "FORBIDDEN"}, "off, to an admin of a project": {as(t, off, "admin", "garden"), "FORBIDDEN"},
		"off, to an admin": {as(t, off, "admin", ""), ""},
	} {
		got := ask(t, test.handler, query, "")
		if got.code(t) != test.code {
			t.Errorf("%s: %.300s", name, got.Body)
		}
		sdl := strings.Contains(got.Body, `type Post implements Node @key(fields: \"id\")`) && strings.Contains(got.Body, "type FeedEdge") && !strings.Contains(got.Body, "_entities")
		if sdl != (test.code == "") {
			t.Errorf("%s: %.300s", name, got.Body)
		}
	}
	if got := ask(t, as(t, off, "admin", ""), `{ _service { sdl } __schema { queryType { name } } }`, ""); got.code(t) != "GRAPHQL_VALIDATION_FAILED" {
		t.Error(got.Body)
	}
}
