package console

import (
	"maps"
	"net/http"
	"testing"
)

// served is every handler of the package by a path that it answers.
func served() map[string]http.Handler {
	all := make(map[string]http.Handler)
	for name, page := range pages() {
		all["/"+name] = page
	}
	assets := Assets()
	for name := range assetFiles() {
		all[AssetsPath+name] = assets
	}
	return all
}

func TestEveryFileIsServedAsHTTPWants(t *testing.T) {
	for path, h := range served() {
		for _, coding := range []string{"gzip", "identity"} {
			t.Run(coding+path, func(t *testing.T) {
				got := do(h, "GET", path, "Accept-Encoding", coding)
				if got.Code != http.StatusOK || got.Body.Len() == 0 {
					t.Fatalf("GET: status %d, %d bytes", got.Code, got.Body.Len())
				}
				if got.Header().Get("Content-Type") == "application/octet-stream" {
					t.Error("GET: a type that browsers will not run or show")
				}
				tag := got.Header().Get("ETag")
				again := do(h, "GET", path, "Accept-Encoding", coding, "If-None-Match", tag)
				if again.Code != http.StatusNotModified || again.Body.Len() != 0 {
					t.Errorf("GET with its ETag %s: status %d, %d bytes", tag, again.Code, again.Body.Len())
				}
				head := do(h, "HEAD", path, "Accept-Encoding", coding)
				if head.Code != http.StatusOK || head.Body.Len() != 0 || head.Header().Get("ETag") != tag {
					t.Errorf("HEAD: status %d, %d bytes, ETag %s", head.Code, head.Body.Len(), head.Header().Get("ETag"))
				}
				post := do(h, "POST", path)
				if post.Code != http.StatusMethodNotAllowed || post.Header().Get("Allow") != "GET, HEAD" {
					t.Errorf("POST: status %d, Allow %q", post.Code, post.Header().Get("Allow"))
				}
			})
		}
	}
}

func TestGzippedAndPlainAreTheSame(t *testing.T) {
	assets, path := Assets(), AssetsPath+"redoc.js"
	packed := do(assets, "GET", path, "Accept-Encoding", "br, gzip")
	plain := do(assets, "GET", path)
	if got := packed.Header().Get("Content-Encoding"); got != "gzip" {
		t.Fatalf("Content-Encoding = %q, want gzip", got)
	}
	if got := plain.Header().Get("Content-Encoding"); got != "" {
		t.Fatalf("Content-Encoding = %q to a client that names none", got)
	}
	if string(gunzip(packed.Body.Bytes())) != plain.Body.String() {
		t.Error("the two forms differ")
	}
	if packed.Header().Get("ETag") == plain.Header().Get("ETag") {
		t.Error("the two forms share an ETag")
	}
	if packed.Header().Get("Vary") != "Accept-Encoding" || plain.Header().Get("Vary") != "Accept-Encoding" {
		t.Error("caches are not told that the answer varies")
	}
}

func TestContentTypes(t *testing.T) {
	assets := Assets()
	for name, want := range map[string]string{
		"docs.js":      "text/javascript; charset=utf-8",
		"docs.css":     "text/css; charset=utf-8",
		"codicon.ttf":  "font/ttf",
		"favicon.svg":  "image/svg+xml",
		"LICENSES.txt": "text/plain; charset=utf-8",
	} {
		if got := do(assets, "GET", AssetsPath+name).Header().Get("Content-Type"); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if got := do(Docs("/openapi.json"), "GET", "/docs").Header().Get("Content-Type"); got != "text/html; charset=utf-8" {
		t.Errorf("page: %q", got)
	}
}

func TestUnknownAssets(t *testing.T) {
	assets := Assets()
	for _, path := range []string{AssetsPath, AssetsPath + "nope.js", AssetsPath + "docs.js.gz",
		AssetsPath + "../console.go", "/docs.js", "/"} {
		if code := do(assets, "GET", path).Code; code != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", path, code)
		}
	}
}

func TestETagFollowsContent(t *testing.T) {
	tag := func(h http.Handler) string { return do(h, "GET", "/").Header().Get("ETag") }
	first, again, other := tag(Docs("/a")), tag(Docs("/a")), tag(Docs("/b"))
	if first != again {
		t.Errorf("the same page has the ETags %s and %s", first, again)
	}
	if first == other {
		t.Errorf("two pages share the ETag %s", first)
	}
}

func TestAcceptsGzip(t *testing.T) {
	accepted := map[string]bool{
		"gzip": true, "br, GZIP": true, "deflate,gzip;q=0.5": true, "gzip ; q=1": true,
		"": false, "br": false, "gzip;q=0": false, "gzip; Q=0.000": false, "gzip;q=x": false, "x-gzipped": false,
	}
	got := make(map[string]bool)
	for header := range accepted {
		got[header] = acceptsGzip(header)
	}
	if !maps.Equal(got, accepted) {
		t.Errorf("got %v\nwant %v", got, accepted)
	}
}
