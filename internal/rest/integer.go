package rest

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
)

// readIntegers lets a parameter that is an integer be written as 7.0, which is one by JSON Schema, as in a body.
func readIntegers(ctx huma.Context, next func(huma.Context)) {
	r, _ := humachi.Unwrap(ctx)
	if strings.Contains(r.URL.Path, ".0") || strings.Contains(r.URL.RawQuery, ".0") {
		dropDecimals(r, ctx.Operation().Parameters)
	}
	next(ctx)
}

var whole = regexp.MustCompile(`^(-?[0-9]+)\.0+$`)

// dropDecimals writes the integers among the parameters of a request without decimals.
func dropDecimals(r *http.Request, parameters []*huma.Param) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return // huma says what is wrong
	}
	for _, p := range parameters {
		if p.Schema.Type != huma.TypeInteger {
			continue
		}
		if p.In == "path" {
			r.SetPathValue(p.Name, whole.ReplaceAllString(r.PathValue(p.Name), "$1"))
			continue
		}
		for i, value := range query[p.Name] {
			query[p.Name][i] = whole.ReplaceAllString(value, "$1")
		}
	}
	r.URL.RawQuery = query.Encode()
}
