//go:build tools

// Package tools pins the code generators and linters that the repository runs, so that
// everyone uses the same versions.
package tools

import (
	_ "github.com/99designs/gqlgen"
	_ "github.com/99designs/gqlgen/graphql/introspection"
)
