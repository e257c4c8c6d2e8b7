package graph

import (
	"context"
	"slices"

	"resonance/graph/model"
)

// Node resolves Query.node: each kind of object is found the way it is listed or looked up
// elsewhere, so what may not be shown there is not found here either.
func (r queryResolver) Node(ctx context.Context, id string) (model.Node, error) {
	kind, key, err := model.ParseGlobalID(id)
	if err != nil {
		return nil, err
	}
	switch kind {
	case model.KindPost:
		return found(r.Post(ctx, id))
	case model.KindUser:
		return found(r.User(ctx, key))
	case model.KindCategory:
		categories, err := r.Categories(ctx)
		return found(withID(categories, id), err)
	case model.KindTopic:
		topics, err := r.Topics(ctx)
		return found(withID(topics, id), err)
	}
	return nil, model.NotNodeID()
}

// found turns a pointer into a Node, nil into the nil Node.
func found[T model.Node](object *T, err error) (model.Node, error) {
	if object == nil || err != nil {
		return nil, err
	}
	return *object, nil
}

// withID returns the object with this id, or nil.
func withID[T model.Node](objects []T, id string) *T {
	i := slices.IndexFunc(objects, func(o T) bool { return o.ID() == id })
	if i < 0 {
		return nil
	}
	return &objects[i]
}
