package graph_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestFeedHoldsEveryFieldOfAPost(t *testing.T) {
	got := ask(t, newHandler(newWorld()), `{ feed(username: "ann", topK: 3) `+everyField(schema(), "Post")+`}`, "")
	golden(t, "feed.json", got)
}

func TestFeedConnectionHoldsEveryField(t *testing.T) {
	got := ask(t, newHandler(newWorld()), `{ feedConnection(username: "ann", first: 2) `+everyField(schema(), "FeedConnection")+`}`, "")
	got.Body = regexp.MustCompile(`(ursor":")[\w-]+`).ReplaceAllString(got.Body, "${1}...")
	golden(t, "connection.json", got)
}

func golden(t *testing.T, name string, got answer) {
	t.Helper()
	var indented bytes.Buffer
	if err := json.Indent(&indented, []byte(got.Body+"\n"), "", "  "); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, indented.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), indented.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// documented are the keys of RESPONSE.md.
var documented = map[string]string{
	"Post": "owner category topic title is_available_in_public_feed is_locked slug upvoted bookmarked following identifier comment_count " +
		"upvote_count view_count exit_count rating_count average_rating share_count bookmark_count video_link thumbnail_url gif_thumbnail_url " +
		"contract_address chain_id chart_url baseToken created_at tags",
	"Owner":      "first_name last_name name username picture_url user_type has_evm_wallet has_solana_wallet",
	"Category":   "name count description image_url",
	"Topic":      "name description image_url slug is_public project_code posts_count language created_at owner",
	"TopicOwner": "first_name last_name name username profile_url user_type has_evm_wallet has_solana_wallet",
	"BaseToken":  "address name symbol image_url",
}

func TestSchemaHasEveryDocumentedKeyInCamelCase(t *testing.T) {
	for typeName, keys := range documented {
		for _, key := range strings.Fields(keys) {
			words := strings.Split(key, "_")
			for i := range words[1:] {
				words[i+1] = strings.ToUpper(words[i+1][:1]) + words[i+1][1:]
			}
			if name := strings.Join(words, ""); schema().Types[typeName].Fields.ForName(name) == nil {
				t.Errorf("%s.%s is missing", typeName, name)
			}
		}
	}
}

func TestFeedSize(t *testing.T) {
	for _, list := range []struct{ name, size, selection string }{
		{"feed", "topK", "{ databaseId }"}, {"feedConnection", "first", "{ edges { score } }"},
	} {
		for _, test := range []struct {
			argument, variables string // variables declares $n: Int
			length              int
			code, says          string
		}{
			{argument: "", length: 10},
			{argument: "%s: null", length: 10},
			{argument: "%s: $n", variables: `{}`, length: 10},
			{argument: "%s: $n", variables: `{"n": null}`, length: 10},
			{argument: "%s: $n", variables: `{"n": 7}`, length: 7},
			{argument: "%s: 1", length: 1},
			{argument: "%s: 100", length: 100},
			{argument: "%s: 0", code: "BAD_USER_INPUT", says: "%s: must be 1 to 100"},
			{argument: "%s: 101", code: "BAD_USER_INPUT", says: "%s: must be 1 to 100"},
			{argument: "%s: -5", code: "BAD_USER_INPUT", says: "%s: must be 1 to 100"},
			{argument: "%s: 3000000000", code: "BAD_USER_INPUT", says: "%s: must be 1 to 100"},
			{argument: "%s: $n", variables: `{"n": 0}`, code: "BAD_USER_INPUT", says: "%s: must be 1 to 100"},
			{argument: "%s: $n", variables: `{"n": "7"}`, code: "BAD_USER_INPUT", says: "%s: must be an integer"},
			{argument: "%s: $n", variables: `{"n": "abc"}`, code: "BAD_USER_INPUT", says: "$n: must be of type Int"},
			{argument: "%s: $n", variables: `{"n": 1.5}`, code: "BAD_USER_INPUT", says: "$n: must be of type Int"},
			{argument: `%s: "abc"`, code: "GRAPHQL_VALIDATION_FAILED", says: "Int cannot represent non-integer value"},
		} {
			t.Run(list.name+" "+test.argument+" "+test.variables, func(t *testing.T) {
				declaration := ""
				if strings.Contains(test.argument, "$n") {
					declaration = "($n: Int)"
				}
				argument := strings.ReplaceAll(test.argument, "%s", list.size)
				query := fmt.Sprintf("query %s{ list: %s(username: \"ann\" %s) %s }", declaration, list.name, argument, list.selection)
				got := ask(t, newHandler(newWorld()), query, test.variables)
				if code := got.code(t); code != test.code {
					t.Fatalf("code %q, want %q: %s", code, test.code, got.Body)
				}
				if test.code != "" {
					if says := strings.ReplaceAll(test.says, "%s", list.size); !strings.HasPrefix(got.Errors[0].Message, says) {
						t.Errorf("message %q, want %q", got.Errors[0].Message, says)
					}
					return
				}
				if n := strings.Count(string(got.Data), `:`) - 1 - strings.Count(string(got.Data), `"edges":`); n != test.length {
					t.Errorf("%d items, want %d", n, test.length)
				}
			})
		}
	}
}

func TestFeedOfAProject(t *testing.T) {
	for code, want := range map[string][]int{`"GARDEN"`: {1}, `"night"`: {2}, `"nobody's"`: {}, `""`: {1, 2}, `null`: {1, 2}} {
		var got struct {
			Feed []struct{ DatabaseID int }
		}
		query := `{ feed(username: "ann", topK: 2, projectCode: ` + code + `) { databaseId } }`
		ask(t, newHandler(newWorld()), query, "").read(t, &got)
		ids := []int{}
		for _, post := range got.Feed {
			ids = append(ids, post.DatabaseID)
		}
		if diff := cmp.Diff(want, ids); diff != "" {
			t.Errorf("%s: -want +got:\n%s", code, diff)
		}
	}
}

func TestEmptyUsernameIsRefused(t *testing.T) {
	for _, query := range []string{
		`{ feed(username: "") { id } }`, `{ feedConnection(username: "") { edges { score } } }`, `{ user(username: "") { id } }`,
	} {
		got := ask(t, newHandler(newWorld()), query, "")
		if got.code(t) != "BAD_USER_INPUT" || got.Errors[0].Message != "username: must not be empty" {
			t.Errorf("%s: %s", query, got.Body)
		}
	}
}
