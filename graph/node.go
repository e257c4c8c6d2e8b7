package graph

import (
	"context"
	"fmt"
	"slices"

	"resonance/graph/model"
	"resonance/internal/errs"
)

// maxNodes is how many ids Query.nodes takes.
const maxNodes = 100

// Node resolves Query.node.
func (r queryResolver) Node(ctx context.Context, id string) (model.Node, error) {
	find, err := loadersOf(ctx).node(ctx, "id", id)
	if err != nil {
		return nil, err
	}
	return find()
}

// Nodes resolves Query.nodes.
func (r queryResolver) Nodes(ctx context.Context, ids []string) ([]model.Node, error) {
	if len(ids) > maxNodes {
		return nil, fmt.Errorf("%w: ids: has %d entries, more than %d", errs.Invalid, len(ids), maxNodes)
	}
	finds, nodes := make([]func() (model.Node, error), len(ids)), make([]model.Node, len(ids))
	for i, id := range ids {
		var err error
		if finds[i], err = loadersOf(ctx).node(ctx, fmt.Sprintf("ids[%d]", i), id); err != nil {
			return nil, err
		}
	}
	for i, find := range finds {
		var err error
		if nodes[i], err = find(); err != nil {
			return nil, err
		}
	}
	return nodes, nil
}

// node returns what waits for an object. Each kind is found the way it is listed or looked up
// elsewhere, so what may not be shown there is not found here either. The error wraps errs.Invalid.
func (l *loaders) node(ctx context.Context, argument, id string) (func() (model.Node, error), error) {
	kind, key, err := model.ParseGlobalID(argument, id)
	if err != nil {
		return nil, err
	}
	switch kind {
	case model.KindPost:
		number, err := model.ParsePostID(argument, id)
		return found(l.post(ctx, number)), err
	case model.KindUser:
		return found(l.user(ctx, key)), nil
	case model.KindCategory:
		return found(withID(l.categories, id)), nil
	case model.KindTopic:
		return found(withID(l.topics, id)), nil
	case model.KindProject:
		return found(withID(l.projects, id)), nil
	}
	return nil, model.NotNodeID(argument)
}

// found turns what finds an object into what finds a Node, nil into the nil Node.
func found[T model.Node](find func() (*T, error)) func() (model.Node, error) {
	return func() (model.Node, error) {
		object, err := find()
		if object == nil || err != nil {
			return nil, err
		}
		return *object, nil
	}
}

// withID returns what finds the object with this id in a list, nil if it is not there.
func withID[T model.Node](list func() ([]T, error), id string) func() (*T, error) {
	return func() (*T, error) {
		objects, err := list()
		i := slices.IndexFunc(objects, func(o T) bool { return o.ID() == id })
		if err != nil || i < 0 {
			return nil, err
		}
		return &objects[i], nil
	}
}
