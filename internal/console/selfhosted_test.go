package console

import (
	"regexp"
	"strings"
	"testing"
)

// outside finds what makes a browser load something from another host: attributes and properties
// that name a source, stylesheets' url() and @import, module imports, workers, requests, and the
// names of the usual content networks wherever they stand. Links in prose do not match.
var outside = regexp.MustCompile(`(?i)(?:` + strings.Join([]string{
	`<link[^>]+href=["']?(?:https?:)?//`,
	`\b(?:src|srcset|poster)\s*[=:]\s*["'\x60]?(?:https?:)?//`,
	`(?-i:\burl\()\s*\\?["']?(?:https?:)?//`,
	`@import\s+\\?["'](?:https?:)?//`,
	`\b(?:import|from)\s*\(?\s*["'\x60](?:https?:)?//`,
	`\b(?:importScripts|fetch|Worker|EventSource|WebSocket)\(\s*["'\x60](?:(?:http|ws)s?:)?//`,
	`//(?:cdn|fonts)[.\w-]*\.\w+/`,
	`//(?:unpkg\.com|esm\.sh|otel\.)`,
}, "|") + `)`)

// loads returns the places of text that match outside. Each holds "//", so only what stands around
// one is searched.
func loads(text string) []string {
	var found []string
	for at := 0; ; at += 2 {
		next := strings.Index(text[at:], "//")
		if next < 0 {
			return found
		}
		at += next
		if m := outside.FindString(text[max(0, at-80):min(len(text), at+60)]); m != "" {
			found = append(found, m)
		}
	}
}

func TestLoadsFindsWhatLoads(t *testing.T) {
	for text, want := range map[string]bool{
		`<script src="https://a.example/x.js">`:                  true,
		`<script src=//a.example/x.js>`:                          true,
		`<link rel=stylesheet href='http://a.example/x.css'>`:    true,
		`createElement("img",{alt:"",src:"https://a.example"`:    true,
		`src:url(https://a.example/f.woff2)`:                     true,
		`@import "//a.example/x.css"`:                            true,
		`await import("https://a.example/x.js")`:                 true,
		`import x from"https://a.example/x.js"`:                  true,
		`new Worker("https://a.example/w.js")`:                   true,
		`let u="https://cdn.jsdelivr.net/npm/x"`:                 true,
		`let u="https://fonts.googleapis.com/css?family=Roboto"`: true,
		`createElement("a",{href:"https://a.example/docs"`:       false,
		`"http://www.w3.org/2000/svg"`:                           false,
		`src="/assets/console/docs.js"`:                          false,
		`new URL("https://"+host)`:                               false,
		`url(data:image/svg+xml;base64,AAAA)`:                    false,
		`import("./chunk-A.js")`:                                 false,
	} {
		if got := len(loads(text)) > 0; got != want {
			t.Errorf("%s: %t, want %t", text, got, want)
		}
	}
}

func TestNothingLoadsFromOutside(t *testing.T) {
	for path, h := range served() {
		if strings.HasSuffix(path, "LICENSES.txt") {
			continue // prose that no page loads
		}
		body := do(h, "GET", path).Body.String()
		for _, load := range loads(body) {
			t.Errorf("%s loads from outside: %q", path, load)
		}
	}
}

func TestAssetsNameAssetsThatExist(t *testing.T) {
	reference := regexp.MustCompile(`["(](?:\./|` + AssetsPath + `)([\w.-]+\.(?:js|css|ttf))[")]`)
	files, seen := assetFiles(), 0
	for name, f := range files {
		if !f.gzipped {
			continue
		}
		for _, m := range reference.FindAllStringSubmatch(string(gunzip(f.body)), -1) {
			seen++
			if _, ok := files[m[1]]; !ok {
				t.Errorf("%s names %s, which is not there", name, m[1])
			}
		}
	}
	for _, worker := range []string{"editor.worker.js", "graphql.worker.js", "json.worker.js", "redoc.worker.js"} {
		if _, ok := files[worker]; !ok {
			t.Errorf("%s is not there", worker)
		}
	}
	if seen < len(files) {
		t.Errorf("%d references between %d files: the pattern no longer finds them", seen, len(files))
	}
}

func TestLicencesComeAlong(t *testing.T) {
	licences := do(Assets(), "GET", AssetsPath+"LICENSES.txt").Body.String()
	for _, name := range []string{"graphiql", "graphql", "monaco-editor", "react", "redoc", "swagger-ui-dist", "prettier"} {
		if !regexp.MustCompile(`(?m)^` + name + ` \d[\w.-]* \(`).MatchString(licences) {
			t.Errorf("no licence of %s", name)
		}
	}
}
