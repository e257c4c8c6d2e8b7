package graph_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"resonance/graph"
)

func TestEverythingIsDescribed(t *testing.T) {
	described := func(what, description string) {
		if len(strings.TrimSpace(description)) < 8 {
			t.Errorf("%s has no description", what)
		}
	}
	arguments := func(of string, all ast.ArgumentDefinitionList) {
		for _, argument := range all {
			described(of+"("+argument.Name+")", argument.Description)
		}
	}
	seen := 0
	for name, definition := range schema().Types {
		if definition.BuiltIn || strings.HasPrefix(name, "__") {
			continue
		}
		seen++
		described(name, definition.Description)
		for _, field := range definition.Fields {
			if !strings.HasPrefix(field.Name, "_") { // introspection's and the federation's
				described(name+"."+field.Name, field.Description)
				arguments(name+"."+field.Name, field.Arguments)
			}
		}
		for _, value := range definition.EnumValues {
			described(name+"."+value.Name, value.Description)
		}
	}
	for name, directive := range schema().Directives {
		if directive.Position != nil && !directive.Position.Src.BuiltIn {
			described("@"+name, directive.Description)
			arguments("@"+name, directive.Arguments)
		}
	}
	if seen < 10 {
		t.Errorf("only %d types were looked at", seen)
	}
}

func TestIntrospectionCanBeSwitchedOff(t *testing.T) {
	on := newHandler(newWorld())
	off := graph.NewHandler(newWorld().services(), graph.Options{})
	for _, query := range []string{`{ __schema { queryType { name } } }`, `{ __type(name: "Post") { name } }`} {
		if got := ask(t, on, query, ""); len(got.Errors) > 0 {
			t.Errorf("on: %s", got.Body)
		}
		if got := ask(t, off, query, ""); got.code(t) != "GRAPHQL_VALIDATION_FAILED" || got.Data != nil {
			t.Errorf("off: %s", got.Body)
		}
	}
	if got := ask(t, off, `{ topics { __typename } }`, ""); len(got.Errors) > 0 {
		t.Errorf("__typename is no secret: %s", got.Body)
	}
}

func TestSuggestionsGoWithIntrospection(t *testing.T) {
	for _, query := range []string{
		`{ topic { id } }`, `{ post(ids: 1) { id } }`, `{ topics }`, `{ node(id: 1) { ...F } } fragment F on Categoryy { id }`,
	} {
		on := ask(t, newHandler(newWorld()), query, "")
		off := ask(t, graph.NewHandler(newWorld().services(), graph.Options{}), query, "")
		if !strings.Contains(on.Body, "Did you mean") || strings.Contains(off.Body, "Did you mean") {
			t.Errorf("on: %s off: %s", on.Body, off.Body)
		}
	}
}

func TestDocumentsAreParsedOnce(t *testing.T) {
	handler := newHandler(newWorld())
	for range 2 { // the second comes from the cache, where variables must not stick
		if got := ask(t, handler, `query ($n: Int) { feed(username: "ann", topK: $n) { databaseId } }`, `{"n": 1}`); string(got.Data) != `{"feed":[{"databaseId":1}]}` {
			t.Error(got.Body)
		}
	}
	if got := ask(t, handler, `query ($n: Int) { feed(username: "ann", topK: $n) { databaseId } }`, `{"n": 0}`); got.code(t) != "BAD_USER_INPUT" || got.Status != http.StatusOK {
		t.Error(got.Body)
	}
}
