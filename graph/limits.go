package graph

import (
	"context"
	"math"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"resonance/graph/model"
	"resonance/internal/recommend"
)

// What one operation may ask for. A feed of 100 posts with every field costs about 8,000.
const (
	maxDocumentBytes = 32 << 10
	maxTokens        = 1000 // validation compares selections pairwise, some 20 ms for this many
	maxCost          = 20_000

	rootCost        = 100 // of a field of Query or Mutation: a call to the engine or the store, whatever is selected
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

// MutateOperationContext refuses an operation that costs too much.
func (limits) MutateOperationContext(_ context.Context, op *graphql.OperationContext) *gqlerror.Error {
	w := costWalker{variables: op.Variables, fragments: map[*ast.FragmentDefinition]int{}}
	if cost := w.selection(op.Operation.SelectionSet); cost > maxCost {
		return tooMuch("the operation costs %d, more than %d: select fewer fields or ask for shorter lists", cost, maxCost)
	}
	return nil
}

func tooMuch(format string, args ...any) *gqlerror.Error {
	err := gqlerror.Errorf(format, args...)
	errcode.Set(err, codeComplexityLimit)
	return err
}

// costWalker adds up what an operation costs: every field 1, those of Query and Mutation rootCost,
// every row that a mutation is given 1, and what is selected below a list as often as it is long. Each fragment is walked once, however often
// it is spread, so that spreads of spreads cannot make the walk itself expensive.
type costWalker struct {
	variables map[string]any
	fragments map[*ast.FragmentDefinition]int
}

func (w costWalker) selection(set ast.SelectionSet) int {
	cost := 0
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			cost = add(cost, w.field(s))
		case *ast.InlineFragment:
			cost = add(cost, w.selection(s.SelectionSet))
		case *ast.FragmentSpread:
			cost = add(cost, w.fragment(s.Definition))
		}
	}
	return cost
}

func (w costWalker) fragment(definition *ast.FragmentDefinition) int {
	cost, known := w.fragments[definition]
	if !known {
		cost = w.selection(definition.SelectionSet)
		w.fragments[definition] = cost
	}
	return cost
}

func (w costWalker) field(f *ast.Field) int {
	own := 1
	if isRoot(f) && !strings.HasPrefix(f.Name, "__") {
		own = add(rootCost, w.rows(f))
	}
	if len(f.SelectionSet) == 0 {
		return own
	}
	return add(own, multiply(w.size(f), w.selection(f.SelectionSet)))
}

// size returns how many times the selection of a field is answered. A size out of range counts as
// the nearest within it: that it is wrong is for the resolver to say. A connection has its size
// from its arguments, so the lists inside it count once.
func (w costWalker) size(f *ast.Field) int {
	for _, argument := range f.Definition.Arguments {
		if argument.Name == "topK" || argument.Name == "first" {
			return w.sizeArgument(f, argument.Name)
		}
	}
	if isRoot(f) && f.Definition.Type.Elem != nil {
		return assumedListSize
	}
	return max(w.rows(f), 1)
}

func isRoot(f *ast.Field) bool {
	return f.ObjectDefinition.Name == "Query" || f.ObjectDefinition.Name == "Mutation"
}

// rows returns how many rows a field is given: a mutation's input holds one list at most.
func (w costWalker) rows(f *ast.Field) (rows int) {
	input, _ := f.ArgumentMap(w.variables)["input"].(map[string]any)
	for _, value := range input {
		if list, ok := value.([]any); ok {
			rows = max(rows, len(list))
		}
	}
	return rows
}

func (w costWalker) sizeArgument(f *ast.Field, name string) int {
	size, err := model.UnmarshalInt(f.ArgumentMap(w.variables)[name])
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
