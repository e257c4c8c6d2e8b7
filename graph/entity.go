package graph

import (
	"context"
	"fmt"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"resonance/graph/model"
	"resonance/internal/caller"
)

// Entity returns the resolvers of the objects that other subgraphs know by their key.
func (r resolver) Entity() EntityResolver { return entityResolver(r) }

type entityResolver struct{ Services }

// FindManyPostByIDs resolves posts in Query._entities.
func (entityResolver) FindManyPostByIDs(ctx context.Context, keys []*model.Key) ([]*model.Post, error) {
	return each(keys, func(id string) func() (*model.Post, error) {
		number, _ := model.ParsePostID("", id) // checked by federated
		return loadersOf(ctx).post(ctx, number)
	})
}

// FindManyOwnerByIDs resolves owners in Query._entities.
func (entityResolver) FindManyOwnerByIDs(ctx context.Context, keys []*model.Key) ([]*model.Owner, error) {
	return each(keys, func(id string) func() (*model.Owner, error) {
		_, username, _ := model.ParseGlobalID("", id) // checked by federated
		return loadersOf(ctx).owner(ctx, username)
	})
}

// FindManyCategoryByIDs resolves categories in Query._entities.
func (entityResolver) FindManyCategoryByIDs(ctx context.Context, keys []*model.Key) ([]*model.Category, error) {
	return each(keys, func(id string) func() (*model.Category, error) { return withID(loadersOf(ctx).categories, id) })
}

// FindManyTopicByIDs resolves topics in Query._entities.
func (entityResolver) FindManyTopicByIDs(ctx context.Context, keys []*model.Key) ([]*model.Topic, error) {
	return each(keys, func(id string) func() (*model.Topic, error) { return withID(loadersOf(ctx).topics, id) })
}

// each finds the objects of keys, all together: nil in the place of one that may not be shown.
func each[T any](keys []*model.Key, find func(id string) func() (*T, error)) ([]*T, error) {
	finds, objects := make([]func() (*T, error), len(keys)), make([]*T, len(keys))
	for i, key := range keys {
		finds[i] = find(key.ID)
	}
	for i, find := range finds {
		var err error
		if objects[i], err = find(); err != nil {
			return nil, err
		}
	}
	return objects, nil
}

// maxEntities is how many representations Query._entities takes: as many posts as two of the longest
// lists hold.
const maxEntities = 200

// federated checks what gateways ask, before any work is done for it: gqlgen's own errors about
// representations would count as the server's.
type federated struct{ introspection bool }

// ExtensionName names the extension.
func (federated) ExtensionName() string { return "Federated" }

// Validate accepts every schema.
func (federated) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext refuses representations that are wrong. It also lets who may know everything read
// the subgraph's schema where introspection is off, because a gateway that composes needs it.
func (f federated) MutateOperationContext(ctx context.Context, op *graphql.OperationContext) *gqlerror.Error {
	if op.Operation.Operation != ast.Query {
		return nil
	}
	for _, field := range graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Query"}) {
		switch field.Name {
		case "_service":
			if who := caller.Of(ctx); !f.introspection && (who.KeyID == "" || who.MayEverywhere(caller.Admin) != nil) {
				return withCode(codeForbidden, "introspection is switched off: _service takes a key with the scope admin that is bound to no project")
			}
			op.DisableIntrospection = false // __schema and __type are refused when the document is validated
		case "_entities":
			if err := checkRepresentations(field.ArgumentMap(op.Variables)["representations"]); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkRepresentations(argument any) *gqlerror.Error {
	representations := graphql.CoerceList(argument)
	if len(representations) > maxEntities {
		return withCode(codeBadUserInput, "representations: has %d entries, more than %d", len(representations), maxEntities)
	}
	for i, it := range representations {
		representation, _ := it.(map[string]any)
		typename, _ := representation["__typename"].(string)
		id, _ := representation["id"].(string)
		switch model.Kind(typename) {
		case model.KindPost, model.KindOwner, model.KindCategory, model.KindTopic:
		default:
			return withCode(codeBadUserInput, "representations[%d].__typename: must be one of Post, Owner, Category and Topic", i)
		}
		kind, _, err := model.ParseGlobalID("", id)
		if kind == model.KindPost && err == nil {
			_, err = model.ParsePostID("", id)
		}
		if err != nil || kind != model.Kind(typename) {
			return withCode(codeBadUserInput, "representations[%d].id: must be the id of an object of the type %s", i, typename)
		}
	}
	return nil
}

func withCode(code, format string, args ...any) *gqlerror.Error {
	err := &gqlerror.Error{Message: fmt.Sprintf(format, args...)}
	errcode.Set(err, code)
	return err
}
