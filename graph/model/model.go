// Package model is what GraphQL answers are made of: the domain's types, seen through the names
// and shapes of schema.graphql.
//
// Each type embeds a domain type and adds or renames what the schema has different. gqlgen binds
// a field to the method or struct field of the same name, case ignored, so a domain field that
// GraphQL shows unchanged needs no line here, and one that the schema does not name is not shown.
package model

// Node is an object with a globally unique id that Query.node can find again.
type Node interface {
	IsNode()
	ID() string
}
