package web

import (
	"mime"
	"net"
	"net/http"
	"net/netip"
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

// onlyHere refuses requests to a server of any name but this machine's own. Where no key is asked for it is the
// listener on loopback that keeps others out, and a page whose name its owner lets mean this machine (DNS
// rebinding) would be let in: the browser takes it for one of this server's own. An address is no such name.
func onlyHere(refuse Refusal) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !isHere(r.Host) {
				refuse(w, r, http.StatusMisdirectedRequest,
					"without API_KEYS the server answers to localhost and to addresses only; AUTH=off lets it answer to any name")
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

func isHere(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	if host == "" || host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	_, err := netip.ParseAddr(host)
	return err == nil
}
