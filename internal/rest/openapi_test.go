package rest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func document(t *testing.T) ([]byte, map[string]any) {
	t.Helper()
	w := newDoor(func(c *Config) { c.Keys = true }).get("/openapi.json")
	if got := w.Header().Get("Content-Type"); w.Code != 200 || got != "application/json" {
		t.Fatalf("status %d, Content-Type %q", w.Code, got)
	}
	var doc map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	return w.Body.Bytes(), doc
}

func TestOpenAPIGolden(t *testing.T) {
	body, doc := document(t)
	if got := doc["openapi"]; got != "3.1.0" {
		t.Errorf("openapi = %v", got)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, body, "", "  "); err != nil {
		t.Fatal(err)
	}
	indented.WriteByte('\n')
	golden(t, "openapi.json", indented.Bytes())
}

func TestOperationIDsAreStable(t *testing.T) {
	_, doc := document(t)
	got := map[string]string{}
	for path, item := range doc["paths"].(map[string]any) {
		for method, operation := range item.(map[string]any) {
			got[strings.ToUpper(method)+" "+path] = operation.(map[string]any)["operationId"].(string)
		}
	}
	want := map[string]string{
		"GET /posts/{id}": "getPost", "GET /posts/{id}/similar": "getSimilarPosts", "GET /trending": "getTrending", "GET /search": "searchPosts",
		"GET /users/{username}": "getUser", "GET /": "getHealth", "GET /feed": "getFeed", "GET /livez": "getLiveness", "GET /readyz": "getReadiness", "GET /metrics": "getMetrics",
		"POST /interactions": "recordInteractions", "DELETE /interactions": "removeInteractions", "DELETE /users/{username}": "forgetUser",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestEverythingIsDescribed walks the document: operations, parameters, answers and schema fields
// have a description, and every field of a schema an example of its own or a reference.
func TestEverythingIsDescribed(t *testing.T) {
	_, doc := document(t)
	var walk func(path string, node any)
	walk = func(path string, node any) {
		switch node := node.(type) {
		case []any:
			for i, child := range node {
				walk(fmt.Sprintf("%s[%d]", path, i), child)
			}
		case map[string]any:
			_, isParameter := node["in"]
			_, isOperation := node["operationId"]
			if (isParameter || isOperation) && node["description"] == nil {
				t.Errorf("%s has no description", path)
			}
			if fields, ok := node["properties"].(map[string]any); ok {
				for name, field := range fields {
					checkField(t, path+"."+name, field.(map[string]any))
				}
			}
			if answers, ok := node["responses"].(map[string]any); ok {
				for status, answer := range answers {
					checkAnswer(t, path+" "+status, answer.(map[string]any))
				}
			}
			for name, child := range node {
				walk(path+"/"+name, child)
			}
		}
	}
	walk("", doc)
}

func checkField(t *testing.T, path string, field map[string]any) {
	if field["description"] == nil {
		t.Errorf("%s has no description", path)
	}
	_, isReference := field["$ref"]
	_, isChoice := field["anyOf"]
	_, isList := field["items"]
	if field["examples"] == nil && !isReference && !isChoice && !isList && field["type"] != nil {
		t.Errorf("%s has no example", path)
	}
}

func checkAnswer(t *testing.T, path string, answer map[string]any) {
	if answer["description"] == nil {
		t.Errorf("%s has no description", path)
	}
	contents, _ := answer["content"].(map[string]any)
	if contents == nil && !strings.HasSuffix(path, " 304") {
		t.Errorf("%s has no content", path)
	}
	for kind, content := range contents {
		content := content.(map[string]any)
		if content["schema"] == nil || (strings.Contains(kind, "problem") && content["example"] == nil) {
			t.Errorf("%s %s has no schema or example", path, kind)
		}
	}
}

func TestNullIsDocumentedWhereTheTableAllowsItAndNowhereElse(t *testing.T) {
	_, doc := document(t)
	schemas := doc["components"].(map[string]any)["schemas"].(map[string]any)
	got := map[string]bool{}
	for _, name := range []string{"Feed", "Post", "Owner", "Category", "Topic", "TopicOwner", "BaseToken"} {
		schema := schemas[name].(map[string]any)
		properties := schema["properties"].(map[string]any)
		if required := schema["required"].([]any); len(required) != len(properties) || schema["additionalProperties"] != false {
			t.Errorf("%s: %d of %d keys are required", name, len(required), len(properties))
		}
		for key, field := range properties {
			if text, _ := json.Marshal(field); bytes.Contains(text, []byte(`"null"`)) {
				got[name+"."+key] = true
			}
		}
	}
	want := map[string]bool{"Post.category": true, "Post.topic": true, "Owner.user_type": true, "Topic.language": true, "TopicOwner.user_type": true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
