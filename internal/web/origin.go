package web

import (
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// IsJSON reports whether the body says that it is JSON in UTF-8. A page of another site cannot
// send one without asking for leave first (a CORS preflight), so a door that takes nothing else
// cannot be used by forged forms.
func IsJSON(r *http.Request) bool {
	media, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := parameters["charset"]
	return err == nil && media == "application/json" && (charset == "" || strings.EqualFold(charset, "utf-8"))
}

// CheckOrigin returns whether a WebSocket may be opened: by this server's own pages, by pages of
// the allowed origins ("*" is all), and by what is no browser and sends no origin. Browsers ask for
// no leave before they open one to another site.
func CheckOrigin(allowed []string) func(r *http.Request) bool {
	return func(r *http.Request) bool {
		origin := r.Header.Get("Origin")
		if origin == "" || slices.Contains(allowed, "*") {
			return true
		}
		if slices.ContainsFunc(allowed, func(a string) bool { return strings.EqualFold(a, origin) }) {
			return true
		}
		from, err := url.Parse(origin)
		return err == nil && from.Host != "" && strings.EqualFold(from.Host, r.Host)
	}
}
