package console

import (
	"embed"
	"io/fs"
	"net/http"
	"strings"
)

//go:embed assets
var embedded embed.FS

// Assets returns the handler of everything under AssetsPath: scripts, styles, fonts, workers and
// LICENSES.txt. It expects the whole path, AssetsPath included, and answers 404 to unknown names.
func Assets() http.Handler {
	files := assetFiles()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, under := strings.CutPrefix(r.URL.Path, AssetsPath)
		f, known := files[name]
		if !under || !known {
			http.NotFound(w, r)
			return
		}
		f.ServeHTTP(w, r)
	})
}

// assetFiles returns the embedded files by the name that they are served under. Reading what was
// embedded cannot fail.
func assetFiles() map[string]file {
	files := make(map[string]file)
	entries, _ := fs.ReadDir(embedded, "assets")
	for _, e := range entries {
		body, _ := fs.ReadFile(embedded, "assets/"+e.Name())
		files[strings.TrimSuffix(e.Name(), ".gz")] = newFile(e.Name(), body)
	}
	return files
}
