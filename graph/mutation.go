package graph

import (
	"context"
	"fmt"

	"resonance/graph/model"
	"resonance/internal/caller"
	"resonance/internal/errs"
	"resonance/internal/interaction"
	"resonance/internal/store"
)

// Recorder keeps what users do. Errors are of the kinds in errs; what is on disk when a call
// returns is in the next feed.
type Recorder interface {
	Record(ctx context.Context, who caller.Caller, drafts []interaction.Draft) ([]interaction.Outcome, error)
	Withdraw(ctx context.Context, who caller.Caller, removal interaction.Removal) (removed int, err error)
	Forget(ctx context.Context, username string) (deleted int64, err error)
}

// Editor changes what there is to recommend.
type Editor interface {
	UpsertPosts(ctx context.Context, who caller.Caller, edits []store.PostEdit) (store.PostsEdited, error)
	DeletePosts(ctx context.Context, who caller.Caller, ids []int64) (deleted, missing []int64, err error)
}

// maxRows is how many rows a mutation takes.
const maxRows = 1000

// Mutation returns the resolvers of the type Mutation.
func (r resolver) Mutation() MutationResolver { return mutationResolver(r) }

type mutationResolver struct{ Services }

// RecordInteraction resolves Mutation.recordInteraction.
func (r mutationResolver) RecordInteraction(ctx context.Context, input model.RecordInteractionInput) (*model.RecordInteractionPayload, error) {
	outcomes, err := r.Recorder.Record(ctx, caller.Of(ctx), []interaction.Draft{input.Draft()})
	if err != nil {
		return nil, err
	}
	return model.NewRecordInteractionPayload(outcomes[0])
}

// RecordInteractions resolves Mutation.recordInteractions.
func (r mutationResolver) RecordInteractions(ctx context.Context, input model.RecordInteractionsInput) (*model.RecordInteractionsPayload, error) {
	if err := checkRows("interactions", len(input.Interactions)); err != nil {
		return nil, err
	}
	outcomes, err := r.Recorder.Record(ctx, caller.Of(ctx), input.Drafts())
	return model.NewRecordInteractionsPayload(outcomes, classify), err
}

// RemoveInteraction resolves Mutation.removeInteraction.
func (r mutationResolver) RemoveInteraction(ctx context.Context, input model.RemoveInteractionInput) (*model.RemoveInteractionPayload, error) {
	removal, err := input.Removal()
	if err != nil {
		return nil, err
	}
	removed, err := r.Recorder.Withdraw(ctx, caller.Of(ctx), removal)
	return &model.RemoveInteractionPayload{RemovedInteractions: int64(removed)}, err
}

// ForgetUser resolves Mutation.forgetUser.
func (r mutationResolver) ForgetUser(ctx context.Context, input model.ForgetUserInput) (*model.ForgetUserPayload, error) {
	if input.Username == "" {
		return nil, fmt.Errorf("%w: username: must not be empty", errs.Invalid)
	}
	if err := caller.Of(ctx).MayEverywhere(caller.Write); err != nil {
		return nil, err
	}
	deleted, err := r.Recorder.Forget(ctx, input.Username)
	return &model.ForgetUserPayload{DeletedInteractions: deleted}, err
}

// UpsertPosts resolves Mutation.upsertPosts.
func (r mutationResolver) UpsertPosts(ctx context.Context, input model.UpsertPostsInput) (*model.UpsertPostsPayload, error) {
	if err := checkRows("posts", len(input.Posts)); err != nil {
		return nil, err
	}
	edits, err := input.Edits()
	if err != nil {
		return nil, err
	}
	edited, err := r.Editor.UpsertPosts(ctx, caller.Of(ctx), edits)
	return model.NewUpsertPostsPayload(edited), err
}

// DeletePosts resolves Mutation.deletePosts.
func (r mutationResolver) DeletePosts(ctx context.Context, input model.DeletePostsInput) (*model.DeletePostsPayload, error) {
	if err := checkRows("ids", len(input.IDs)); err != nil {
		return nil, err
	}
	ids, err := input.Numbers()
	if err != nil {
		return nil, err
	}
	deleted, missing, err := r.Editor.DeletePosts(ctx, caller.Of(ctx), ids)
	return model.NewDeletePostsPayload(deleted, missing), err
}

func checkRows(list string, n int) error {
	if n > maxRows {
		return fmt.Errorf("%w: %s: has %d rows, more than %d", errs.Invalid, list, n, maxRows)
	}
	return nil
}
