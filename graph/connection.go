package graph

import (
	"context"
	"fmt"
	"slices"

	"github.com/99designs/gqlgen/graphql"

	"resonance/graph/model"
	"resonance/internal/caller"
	"resonance/internal/cursor"
	"resonance/internal/errs"
	"resonance/internal/recommend"
)

// FeedConnection resolves Query.feedConnection.
func (r queryResolver) FeedConnection(ctx context.Context, username string, projectCode *string, first *int64, after *string, last *int64, before *string, filter *model.FeedFilter, options *model.FeedOptions) (*model.FeedConnection, error) {
	request, err := feedRequest(ctx, username, projectCode, "first", first)
	if err != nil {
		return nil, err
	}
	if request.Filter, err = filter.Filter(); err != nil {
		return nil, err
	}
	options.Apply(&request)
	list := r.Cursors.List(caller.Of(ctx).KeyID, request)
	if request.Served, err = goOn(list, after, last, before); err != nil {
		return nil, err
	}
	request.Plain = !selects(ctx, "edges", "parts") && !selects(ctx, "edges", "reasons")
	feed, err := r.Feeds.Feed(ctx, request)
	if err != nil {
		return nil, err
	}
	return model.NewFeedConnection(feed, sealer(list, request.Served, feed), len(request.Served) > 0), nil
}

// sealer returns what makes the cursor behind the first n posts of a page.
func sealer(list cursor.List, served []int64, page recommend.Feed) func(n int) string {
	return func(n int) string {
		served := slices.Clone(served)
		for _, item := range page.Items[:n] {
			served = append(served, item.Post.ID)
		}
		return list.Seal(served)
	}
}

// goOn returns what the pages before held. The error wraps errs.Invalid.
func goOn(list cursor.List, after *string, last *int64, before *string) ([]int64, error) {
	if last != nil || orEmpty(before) != "" {
		return nil, fmt.Errorf("%w: last, before: the list goes forwards only: use first and after", errs.Invalid)
	}
	if orEmpty(after) == "" {
		return nil, nil
	}
	served, ok := list.Open(*after)
	if !ok {
		return nil, fmt.Errorf("%w: after: must be a cursor of this very list: of the same user, project, filter, options and key", errs.Invalid)
	}
	return served, nil
}

// selects reports whether the operation asks for the field at path, below the one that is being
// resolved.
func selects(ctx context.Context, path ...string) bool {
	operation := graphql.GetOperationContext(ctx)
	fields := graphql.CollectFieldsCtx(ctx, nil)
	for depth, name := range path {
		var below []graphql.CollectedField
		for _, field := range fields {
			if field.Name == name && depth == len(path)-1 {
				return true
			}
			if field.Name == name {
				below = append(below, graphql.CollectFields(operation, field.Selections, nil)...)
			}
		}
		fields = below
	}
	return false
}
