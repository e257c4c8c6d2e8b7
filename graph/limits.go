package graph

import (
	"context"
	"math"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"resonance/graph/model"
	"resonance/internal/recommend"
)

// What one operation may ask for. A feed of 100 posts with every field costs about 8,000, and the
// introspection query of common tools is 15 deep.
const (
	maxDocumentBytes = 32 << 10
	maxTokens        = 1000 // validation compares selections pairwise, some 20 ms for this many
	maxDepth         = 20
	maxAliases       = 30
	maxDirectives    = 30
	maxCost          = 20_000
	maxTime          = 10 * time.Second

	callCost        = 100 // of a call to the engine or the store, whatever is selected
	assumedListSize = 100 // of the lists that take no size
)

// limits refuses operations that ask for too much, before any work is done for them.
type limits struct{}

// ExtensionName names the extension.
func (limits) ExtensionName() string { return "Limits" }

// Validate accepts every schema.
func (limits) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationParameters refuses a document that is too long to be worth parsing.
func (limits) MutateOperationParameters(_ context.Context, request *graphql.RawParams) *gqlerror.Error {
	if len(request.Query) > maxDocumentBytes {
		return tooMuch("the document has %d bytes, more than %d", len(request.Query), maxDocumentBytes)
	}
	return nil
}

// MutateOperationContext refuses an operation that asks for too much.
func (limits) MutateOperationContext(_ context.Context, op *graphql.OperationContext) *gqlerror.Error {
	m := meter{op.Variables, map[*ast.FragmentDefinition]demand{}}
	asked := m.selection(op.Operation.SelectionSet)
	asked.directives = add(asked.directives, len(op.Operation.Directives))
	switch {
	case asked.depth > maxDepth:
		return tooMuch("the operation is %d fields deep, more than %d", asked.depth, maxDepth)
	case asked.aliases > maxAliases:
		return tooMuch("the operation has %d aliases, more than %d", asked.aliases, maxAliases)
	case asked.directives > maxDirectives:
		return tooMuch("the operation has %d directives, more than %d", asked.directives, maxDirectives)
	case asked.cost > maxCost:
		return tooMuch("the operation costs %d, more than %d: select fewer fields or ask for shorter lists", asked.cost, maxCost)
	}
	return nil
}

func tooMuch(format string, args ...any) *gqlerror.Error {
	err := gqlerror.Errorf(format, args...)
	errcode.Set(err, codeComplexityLimit)
	return err
}

// demand is what a selection asks for: how many fields deep it goes, how many aliases and
// directives it holds, and what it costs. Every field costs 1, those of a root type callCost, every
// row that a mutation is given 1, and what is selected below a list counts as often as it is long.
type demand struct{ depth, aliases, directives, cost int }

// plus returns what two selections beside each other ask for.
func (d demand) plus(e demand) demand {
	return demand{
		depth: max(d.depth, e.depth), aliases: add(d.aliases, e.aliases),
		directives: add(d.directives, e.directives), cost: add(d.cost, e.cost),
	}
}

// meter adds up what an operation asks for. Each fragment is walked once, however often it is
// spread, so that spreads of spreads cannot make the walk itself expensive.
type meter struct {
	variables map[string]any
	fragments map[*ast.FragmentDefinition]demand
}

func (m meter) selection(set ast.SelectionSet) (sum demand) {
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			sum = sum.plus(m.field(s))
		case *ast.InlineFragment:
			sum = sum.plus(m.selection(s.SelectionSet)).plus(demand{directives: len(s.Directives)})
		case *ast.FragmentSpread:
			sum = sum.plus(m.fragment(s.Definition)).plus(demand{directives: len(s.Directives)})
		}
	}
	return sum
}

func (m meter) fragment(definition *ast.FragmentDefinition) demand {
	asked, known := m.fragments[definition]
	if !known {
		asked = m.selection(definition.SelectionSet)
		asked.directives = add(asked.directives, len(definition.Directives))
		m.fragments[definition] = asked
	}
	return asked
}

func (m meter) field(f *ast.Field) demand {
	below := m.selection(f.SelectionSet)
	asked := demand{
		depth: add(below.depth, 1), aliases: below.aliases, directives: add(below.directives, len(f.Directives)),
		cost: add(m.ownCost(f), multiply(m.size(f), below.cost)),
	}
	if f.Alias != f.Name {
		asked.aliases = add(asked.aliases, 1)
	}
	return asked
}

func (m meter) ownCost(f *ast.Field) int {
	if isCall(f) {
		return add(callCost, m.rows(f))
	}
	return 1
}

// isCall reports whether a field is answered by a call of its own, wherever it is asked: those of root
// types and, of the others, those of a user that take a size.
func isCall(f *ast.Field) bool {
	return !strings.HasPrefix(f.Name, "__") && (isRoot(f.ObjectDefinition) || f.ObjectDefinition.Name == "User" && len(f.Definition.Arguments) > 0)
}

func isRoot(object *ast.Definition) bool {
	return object.Name == "Query" || object.Name == "Mutation" || object.Name == "Subscription"
}

// size returns how many times the selection of a field is answered. A size out of range counts as
// the nearest within it: that it is wrong is for the resolver to say. A connection has its size
// from its arguments, so the lists inside it count once.
func (m meter) size(f *ast.Field) int {
	for _, argument := range f.Definition.Arguments {
		switch argument.Name {
		case "topK", "first":
			return m.sizeArgument(f, argument.Name)
		case "ids":
			ids, _ := f.ArgumentMap(m.variables)["ids"].([]any)
			return max(1, len(ids))
		case "representations":
			return max(1, len(graphql.CoerceList(f.ArgumentMap(m.variables)["representations"])))
		}
	}
	if isRoot(f.ObjectDefinition) && f.Definition.Type.Elem != nil {
		return assumedListSize
	}
	return max(m.rows(f), 1)
}

// rows returns how many rows a field is given: a mutation's input holds one list at most.
func (m meter) rows(f *ast.Field) (rows int) {
	input, _ := f.ArgumentMap(m.variables)["input"].(map[string]any)
	for _, value := range input {
		if list, ok := value.([]any); ok {
			rows = max(rows, len(list))
		}
	}
	return rows
}

func (m meter) sizeArgument(f *ast.Field, name string) int {
	size, err := model.UnmarshalInt(f.ArgumentMap(m.variables)[name])
	if err != nil { // null, or what its resolver will refuse
		return recommend.DefaultTopK
	}
	return int(min(max(size, 1), recommend.MaxTopK))
}

func add(a, b int) int {
	if a > math.MaxInt-b {
		return math.MaxInt
	}
	return a + b
}

func multiply(a, b int) int {
	if b > 0 && a > math.MaxInt/b {
		return math.MaxInt
	}
	return a * b
}
