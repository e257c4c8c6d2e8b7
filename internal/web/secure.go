package web

import (
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/unrolled/secure"
)

// contentPolicy is what the pages of internal/console need and no more. Inline styles are those of
// GraphiQL's editor and of Redoc.
const contentPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
	"connect-src 'self'; font-src 'self'; img-src 'self' data:; script-src 'self'; style-src 'self' 'unsafe-inline'; worker-src 'self'"

// protect tells browsers to load nothing from elsewhere, to show no page inside another and to
// trust content types. TLS, and with it Strict-Transport-Security, is for the proxy in front.
func protect(next http.Handler) http.Handler {
	fixed := fixedHeader()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		maps.Copy(w.Header(), fixed) // values are shared: each has room for itself only
		next.ServeHTTP(w, r)
	})
}

// fixedHeader returns what every answer says, found out once.
func fixedHeader() http.Header {
	header := headers{}
	protector := secure.New(secure.Options{
		ContentSecurityPolicy:     contentPolicy,
		ContentTypeNosniff:        true,
		FrameDeny:                 true,
		ReferrerPolicy:            "no-referrer",
		CrossOriginOpenerPolicy:   "same-origin",
		CrossOriginResourcePolicy: "same-origin",
		PermissionsPolicy:         "camera=(), geolocation=(), microphone=()",
	})
	_ = protector.Process(header, &http.Request{Method: http.MethodGet, URL: new(url.URL), Header: http.Header{}}) // it refuses nothing: no host is asked for
	for name, values := range header {
		header[name] = slices.Clip(values)
	}
	return http.Header(header)
}
