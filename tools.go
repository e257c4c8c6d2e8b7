//go:build tools

// Package tools pins the code generators that the repository runs, so that
// everyone uses the same versions.
package tools

import (
	_ "github.com/99designs/gqlgen"
	_ "github.com/99designs/gqlgen/graphql/introspection"
)
