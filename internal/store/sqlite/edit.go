package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"resonance/internal/caller"
	"resonance/internal/catalog"
	"resonance/internal/errs"
	"resonance/internal/store"
)

// UpsertPosts changes posts, or makes those that are not there: all, or none when one is wrong.
// A post that was deleted is made anew if the caller is an admin, else the error wraps
// errs.Forbidden, as it does for a post that is or was outside the caller's projects: ids are one space for
// all projects, so a taken one cannot be had. Upstream's next version of a post that it knows replaces the edit.
func (db *DB) UpsertPosts(ctx context.Context, who caller.Caller, edits []store.PostEdit) (result store.PostsEdited, err error) {
	err = db.write(ctx, func(ctx context.Context, t *tx) error {
		for n := range edits {
			if err := t.upsertPost(ctx, who, &edits[n], &result); err != nil {
				return fmt.Errorf("posts[%d]: %w", n, err)
			}
			if err := t.canceled(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return store.PostsEdited{}, fmt.Errorf("upsert %d posts: %w", len(edits), err)
	}
	return result, nil
}

func (t *tx) upsertPost(ctx context.Context, who caller.Caller, edit *store.PostEdit, result *store.PostsEdited) error {
	p, old, owner, err := t.editable(ctx, edit.ID)
	if err != nil {
		return err
	}
	exists := old.id != 0 && !old.gone
	if owner != nil && !who.MayUse(*owner) {
		return fmt.Errorf("%w: post %d belongs to another project", errs.Forbidden, edit.ID)
	}
	if err := edit.Apply(&p); err != nil {
		return err
	}
	if !who.MayUse(p.Project()) {
		return fmt.Errorf("%w: post %d would belong to another project", errs.Forbidden, edit.ID)
	}
	if old.deleted {
		if !who.Admin {
			return fmt.Errorf("%w: post %d was deleted; an admin may undo that", errs.Forbidden, edit.ID)
		}
		if _, err := t.exec(ctx, "UPDATE posts SET deleted = 0 WHERE id = ?", edit.ID); err != nil {
			return err
		}
	}
	changed, err := t.putPosts(ctx, []catalog.Post{p}, false)
	switch {
	case changed > 0 && exists:
		result.Updated++
	case changed > 0:
		result.Created++
	default:
		result.Unchanged++
	}
	return err
}

// editable returns the post with this id as it stands, vanished or not, and the project that it belongs to;
// one that was deleted, or never was, is public and new. owner is nil for one that nobody had.
func (t *tx) editable(ctx context.Context, id int64) (p catalog.Post, old postRow, owner *string, err error) {
	p = catalog.Post{ID: id, Tags: []string{}, Keywords: []string{}, Public: true, CreatedAt: time.UnixMilli(t.now).UTC()}
	if old, err = t.post(ctx, id); err != nil || old.id == 0 {
		return p, old, nil, err
	}
	var document []byte
	found, err := t.first(ctx, "SELECT document FROM documents WHERE post_id = ?", []any{id}, &document)
	if err == nil && found {
		err = p.UnmarshalJSON(document)
	}
	if err != nil || !found && !old.deleted {
		return p, old, nil, err
	}
	_, err = t.first(ctx, "SELECT project FROM posts WHERE id = ?", []any{id}, &owner)
	return p, old, owner, err
}

// DeletePosts deletes posts, and keeps them deleted whatever upstream sends, until UpsertPosts
// undoes it. It returns which of ids were there, and which were not or are out of the caller's
// reach. Events on them stay, and count again with the post.
func (db *DB) DeletePosts(ctx context.Context, who caller.Caller, ids []int64) (deleted, missing []int64, err error) {
	err = db.write(ctx, func(ctx context.Context, t *tx) error {
		for _, id := range ids {
			done, err := t.deletePost(ctx, who, id)
			switch {
			case err != nil:
				return fmt.Errorf("post %d: %w", id, err)
			case done:
				deleted = append(deleted, id)
			default:
				missing = append(missing, id)
			}
			if err := t.canceled(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("delete %d posts: %w", len(ids), err)
	}
	return deleted, missing, nil
}

func (t *tx) deletePost(ctx context.Context, who caller.Caller, id int64) (bool, error) {
	old, err := t.post(ctx, id)
	if err != nil || old.id == 0 || old.gone && !old.upstream {
		return false, err
	}
	var project string
	if _, err := t.first(ctx, "SELECT project FROM posts WHERE id = ?", []any{id}, &project); err != nil || !who.MayUse(project) {
		return false, err
	}
	if !old.gone {
		t.add(totalPosts, -1)
	}
	if _, err := t.exec(ctx, "DELETE FROM documents WHERE post_id = ?", id); err != nil {
		return false, err
	}
	if _, err := t.exec(ctx, blankPosts+", deleted = 1 WHERE id = ?", t.stamp(postRows), id); err != nil {
		return false, err
	}
	if _, err := t.exec(ctx, "UPDATE posts SET project = ? WHERE id = ?", project, id); err != nil { // who may undo it
		return false, err
	}
	return true, t.withdrawText(ctx, &old)
}

// withdrawText takes the text of a post that leaves for good out of every queue and embedding.
func (t *tx) withdrawText(ctx context.Context, old *postRow) error {
	if err := t.requeue(ctx, old, &postRow{id: old.id, gone: true}); err != nil {
		return err
	}
	models, err := t.models(ctx)
	for _, model := range models {
		err = errors.Join(err, t.changeEmbedding(ctx, withdrawEmbedding, model, old.id))
	}
	return err
}
