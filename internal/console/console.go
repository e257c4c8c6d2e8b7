// Package console serves the web pages that show the API to people: GraphiQL, Swagger UI and
// Redoc. Scripts, styles, fonts and workers are all inside the binary, so the pages work without
// any network but the server itself.
//
// Each page is a small HTML file without inline scripts or styles: a script of its own reads what
// it needs from data attributes. All three work under
//
//	default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';
//	connect-src 'self'; font-src 'self'; img-src 'self' data:; script-src 'self';
//	style-src 'self' 'unsafe-inline'; worker-src 'self'
//
// and Swagger UI without 'unsafe-inline', which the editor in GraphiQL and the styled components
// of Redoc need.
//
// The files under assets/ are built from the npm packages named in build/ by go generate, which
// needs Node; assets/LICENSES.txt holds their licences. Redoc stays at version 2: version 3 sends
// telemetry to its makers and fetches icons from their servers.
package console

//go:generate npm --prefix build ci
//go:generate npm --prefix build run build

import (
	"encoding/json"
	"net/http"
)

// AssetsPath is where Assets must be mounted: the pages, and the assets themselves, name files
// under it.
const AssetsPath = "/assets/console/"

// Operation is a GraphQL operation that GraphiQL opens with. Either part may be empty.
type Operation struct {
	Query     string // a GraphQL document
	Variables string // a JSON object, as text
}

const feedQuery = `# The feed of one person, best post first.
# Ctrl-Enter runs it, with what is below.
query Feed($username: String!, $topK: Int) {
  feed(username: $username, topK: $topK) {
    id
    title
    owner {
      username
    }
    category {
      name
    }
  }
}
`

// FeedOperation returns the first operation to show: the feed of username, five posts of any
// project.
func FeedOperation(username string) Operation {
	variables, _ := json.MarshalIndent(struct { // a string and a number: no error is possible
		Username string `json:"username"`
		TopK     int    `json:"topK"`
	}{username, 5}, "", "  ")
	return Operation{Query: feedQuery, Variables: string(variables)}
}

// Playground returns GraphiQL's page for the GraphQL endpoint, a path such as "/graphql", which
// is also where it opens WebSockets for subscriptions. It shows first to a browser that was not
// here before; afterwards GraphiQL shows what the visitor left there.
func Playground(endpoint string, first Operation) http.Handler {
	return newPage(page{Name: "playground", Title: "GraphiQL", Endpoint: endpoint, First: first})
}

// Docs returns Swagger UI's page for the OpenAPI document at openAPI, a path such as
// "/openapi.json".
func Docs(openAPI string) http.Handler {
	return newPage(page{Name: "docs", Title: "Swagger UI", OpenAPI: openAPI})
}

// Redoc returns Redoc's page for the OpenAPI document at openAPI, a path such as "/openapi.json".
func Redoc(openAPI string) http.Handler {
	return newPage(page{Name: "redoc", Title: "Redoc", OpenAPI: openAPI})
}
