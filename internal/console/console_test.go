package console

import (
	"encoding/json"
	"html"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// do asks h for path, with headers given as name, value, name, value.
func do(h http.Handler, method, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func pages() map[string]http.Handler {
	return map[string]http.Handler{
		"playground": Playground("/graphql", FeedOperation("mira")),
		"docs":       Docs("/openapi.json"),
		"redoc":      Redoc("/openapi.json"),
	}
}

var attribute = regexp.MustCompile(`data-(\w+)="([^"]*)"`)

func dataAttributes(page string) map[string]string {
	found := make(map[string]string)
	for _, m := range attribute.FindAllStringSubmatch(page, -1) {
		if m[2] != "" {
			found[m[1]] = html.UnescapeString(m[2])
		}
	}
	return found
}

func TestPagesTellTheirScriptsWhereToAsk(t *testing.T) {
	hostile := Operation{Query: "# \"</main><script>alert(1)</script>\n{ a }", Variables: `{"q": "'\" & <b>"}`}
	tests := []struct {
		name string
		page http.Handler
		want map[string]string
	}{
		{"playground", Playground("/graphql", Operation{}), map[string]string{"endpoint": "/graphql"}},
		{"playground with any text", Playground("/graphql", hostile),
			map[string]string{"endpoint": "/graphql", "query": hostile.Query, "variables": hostile.Variables}},
		{"docs", Docs("/v2/openapi.json?a=b&c"), map[string]string{"openapi": "/v2/openapi.json?a=b&c"}},
		{"redoc", Redoc("/openapi.json"), map[string]string{"openapi": "/openapi.json"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := dataAttributes(do(test.page, "GET", "/").Body.String())
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("data attributes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPagesHaveNothingInline(t *testing.T) {
	script := regexp.MustCompile(`<script type="module" src="[^"]+"></script>`)
	inline := regexp.MustCompile(`(?i)<script|<style|\sstyle=|\son\w+=|javascript:`)
	for name, page := range pages() {
		body := script.ReplaceAllString(do(page, "GET", "/").Body.String(), "")
		if found := inline.FindString(body); found != "" {
			t.Errorf("%s holds %q, which a strict Content-Security-Policy refuses", name, found)
		}
	}
}

func TestPagesNameAssetsThatExist(t *testing.T) {
	assets := Assets()
	reference := regexp.MustCompile(`(?:src|href)="([^"]+)"`)
	for name, page := range pages() {
		references := reference.FindAllStringSubmatch(do(page, "GET", "/").Body.String(), -1)
		if len(references) != 3 {
			t.Errorf("%s names %d files, want script, stylesheet and icon", name, len(references))
		}
		for _, m := range references {
			if code := do(assets, "GET", m[1]).Code; code != http.StatusOK {
				t.Errorf("%s names %s: status %d", name, m[1], code)
			}
		}
	}
}

func TestFeedOperation(t *testing.T) {
	op := FeedOperation(`o"hara`)
	var got struct {
		Username string
		TopK     int
	}
	if err := json.Unmarshal([]byte(op.Variables), &got); err != nil {
		t.Fatalf("variables %s: %v", op.Variables, err)
	}
	if got.Username != `o"hara` || got.TopK != 5 {
		t.Errorf("variables = %+v", got)
	}
	if !strings.HasPrefix(op.Query, "# ") {
		t.Errorf("query opens without a comment:\n%s", op.Query)
	}
}
