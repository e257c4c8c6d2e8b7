package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"resonance/graph/model"
	"resonance/internal/caller"
	"resonance/internal/live"
	"resonance/internal/recommend"
)

// Live pushes feeds as they change; live.Hub does. Errors are those of Feeds.
type Live interface {
	Watch(ctx context.Context, request recommend.Request) (<-chan *live.Update, error)
}

// Subscription returns the resolvers of the type Subscription.
func (r resolver) Subscription() SubscriptionResolver { return subscriptionResolver(r) }

// oneField refuses a subscription whose root does not have one field once directives have spoken, which
// validation only looks at by name.
type oneField struct{}

// ExtensionName names the extension.
func (oneField) ExtensionName() string { return "OneField" }

// Validate accepts every schema.
func (oneField) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext refuses such a subscription.
func (oneField) MutateOperationContext(_ context.Context, op *graphql.OperationContext) *gqlerror.Error {
	if op.Operation.Operation != ast.Subscription || len(graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Subscription"})) == 1 {
		return nil
	}
	err := gqlerror.Errorf("a subscription must select exactly one top level field")
	errcode.Set(err, errcode.ValidationFailed)
	return err
}

type subscriptionResolver struct{ Services }

// FeedUpdated resolves Subscription.feedUpdated.
func (r subscriptionResolver) FeedUpdated(ctx context.Context, username string, projectCode *string, first *int64) (<-chan *live.Update, error) {
	request, err := feedRequest(ctx, username, projectCode, "first", first)
	if err != nil {
		return nil, err
	}
	request.Plain = !selects(ctx, "edges", "parts") && !selects(ctx, "edges", "reasons")
	return r.Live.Watch(ctx, request)
}

// FeedUpdatedPayload returns the resolvers of the type FeedUpdatedPayload.
func (r resolver) FeedUpdatedPayload() FeedUpdatedPayloadResolver {
	return feedUpdatedPayloadResolver(r)
}

type feedUpdatedPayloadResolver struct{ Services }

// Edges resolves FeedUpdatedPayload.edges.
func (r feedUpdatedPayloadResolver) Edges(ctx context.Context, update *live.Update) ([]model.FeedEdge, error) {
	list := r.Cursors.List(caller.Of(ctx).KeyID, update.Request)
	return model.NewFeedConnection(update.Feed, sealer(list, nil, update.Feed), false).Edges, update.Err
}

// HasNextPage resolves FeedUpdatedPayload.hasNextPage.
func (feedUpdatedPayloadResolver) HasNextPage(_ context.Context, update *live.Update) (bool, error) {
	return update.Feed.More, update.Err
}
