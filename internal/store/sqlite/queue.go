package sqlite

import (
	"context"
	"errors"
	"fmt"

	"resonance/internal/catalog"
	"resonance/internal/store"
)

// The queue of texts to embed is kept row by row as posts come, change and go, so that asking
// for the next ones, or for their number, is as quick for a million posts as for one. Every post
// with a text is either waiting or embedded, for each model ever asked about.

// TextsToEmbed returns at most limit texts that have no embedding by model, newest posts first.
func (db *DB) TextsToEmbed(ctx context.Context, model string, limit int) ([]store.Text, error) {
	texts := []store.Text{}
	err := db.withModel(ctx, model, func(ctx context.Context, c *conn, id int64) error {
		return c.each(ctx, `SELECT p.id, p.text_hash, d.document FROM waiting w JOIN posts p ON p.id = w.post_id JOIN documents d ON d.post_id = p.id
			WHERE w.model = ? ORDER BY w.created_at DESC, w.post_id DESC LIMIT ?`, []any{id, limit}, func(scan func(...any) error) error {
			var t store.Text
			var document []byte
			if err := scan(&t.PostID, &t.Hash, &document); err != nil {
				return err
			}
			var p catalog.Post
			if err := p.UnmarshalJSON(document); err != nil {
				return fmt.Errorf("post %d: %w", t.PostID, err)
			}
			t.Text = p.Text()
			texts = append(texts, t)
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read texts to embed: %w", err)
	}
	return texts, nil
}

// EmbeddingCounts returns how many posts have the embedding of their present text by model, and
// how many wait for it. Both are kept as they change: nothing is counted.
func (db *DB) EmbeddingCounts(ctx context.Context, model string) (done, queued int64, err error) {
	err = db.read(ctx, func(ctx context.Context, c *conn) error {
		var texts int64
		if _, err := c.first(ctx, "SELECT n FROM totals WHERE name = ?", []any{totalTexts}, &texts); err != nil {
			return err
		}
		known, err := c.first(ctx, "SELECT queued FROM models WHERE name = ?", []any{model}, &queued)
		if !known {
			queued = texts
		}
		done = texts - queued
		return err
	})
	if err != nil {
		return 0, 0, fmt.Errorf("count embeddings: %w", err)
	}
	return done, queued, nil
}

// model returns the number of the model called name, 0 if it is new.
func (c *conn) model(ctx context.Context, name string) (id int64, err error) {
	_, err = c.first(ctx, "SELECT id FROM models WHERE name = ?", []any{name}, &id)
	return id, err
}

// withModel calls read with the number of the model called name, whose queue is made if new.
func (db *DB) withModel(ctx context.Context, name string, read func(ctx context.Context, c *conn, id int64) error) error {
	var id int64
	err := db.read(ctx, func(ctx context.Context, c *conn) (err error) {
		if id, err = c.model(ctx, name); err != nil || id == 0 {
			return err
		}
		return read(ctx, c, id)
	})
	if err != nil || id != 0 {
		return err
	}
	err = db.write(ctx, func(ctx context.Context, t *tx) (err error) {
		id, err = t.register(ctx, name)
		return err
	})
	if err != nil {
		return err
	}
	return db.read(ctx, func(ctx context.Context, c *conn) error { return read(ctx, c, id) })
}

// register returns the number of the model called name; all posts with a text wait for a new one.
func (t *tx) register(ctx context.Context, name string) (id int64, err error) {
	if id, err = t.model(ctx, name); err != nil || id != 0 {
		return id, err
	}
	if _, err := t.first(ctx, "INSERT INTO models (name, queued) VALUES (?, 0) RETURNING id", []any{name}, &id); err != nil {
		return 0, err
	}
	n, err := t.exec(ctx, "INSERT INTO waiting SELECT ?, created_at, id FROM posts WHERE gone = 0 AND text_hash <> ''", id)
	if err != nil {
		return 0, err
	}
	return id, t.addQueued(ctx, id, n)
}

func (t *tx) addQueued(ctx context.Context, model, n int64) error {
	if n == 0 {
		return nil
	}
	_, err := t.exec(ctx, "UPDATE models SET queued = queued + ? WHERE id = ?", n, model)
	return err
}

// dequeue takes a post, as it is stored, out of the queue of a model.
func (t *tx) dequeue(ctx context.Context, model int64, p *postRow) error {
	n, err := t.exec(ctx, "DELETE FROM waiting WHERE model = ? AND created_at = ? AND post_id = ?", model, p.createdAt, p.id)
	if err != nil {
		return err
	}
	return t.addQueued(ctx, model, -n)
}

// requeue brings queues and embeddings of all models in line with a post that changed from old
// to p: a new text waits while the old one's embedding stands in, a post without a text has no
// embedding, and those of a post that came back are changed ones.
func (t *tx) requeue(ctx context.Context, old, p *postRow) error {
	t.addText(old, -1)
	t.addText(p, +1)
	if old.hasText() == p.hasText() && old.textHash == p.textHash && old.createdAt == p.createdAt {
		return nil
	}
	models, err := t.models(ctx)
	for _, model := range models {
		err = errors.Join(err, t.requeueFor(ctx, model, old, p))
	}
	return err
}

func (t *tx) requeueFor(ctx context.Context, model int64, old, p *postRow) error {
	if old.hasText() {
		if err := t.dequeue(ctx, model, old); err != nil {
			return err
		}
	}
	switch {
	case p.gone:
		return nil
	case p.textHash == "":
		return t.changeEmbedding(ctx, withdrawEmbedding, model, p.id)
	case old.gone:
		if err := t.changeEmbedding(ctx, "UPDATE embeddings SET seq = ? WHERE model = ? AND post_id = ? AND vector IS NOT NULL", model, p.id); err != nil {
			return err
		}
	}
	n, err := t.exec(ctx, `INSERT INTO waiting SELECT ?1, ?2, ?3
		WHERE NOT EXISTS (SELECT 1 FROM embeddings WHERE model = ?1 AND post_id = ?3 AND hash = ?4)`, model, p.createdAt, p.id, p.textHash)
	if err != nil {
		return err
	}
	return t.addQueued(ctx, model, n)
}

const withdrawEmbedding = "UPDATE embeddings SET vector = NULL, hash = '', seq = ? WHERE model = ? AND post_id = ? AND vector IS NOT NULL"

// changeEmbedding runs an update that stamps the embedding of a post by a model.
func (t *tx) changeEmbedding(ctx context.Context, update string, model, postID int64) error {
	n, err := t.exec(ctx, update, t.seq, model, postID)
	if n > 0 {
		t.stamp(embeddingRows)
	}
	return err
}

func (t *tx) addText(p *postRow, n int64) {
	if p.hasText() {
		t.add(totalTexts, n)
	}
}

func (t *tx) models(ctx context.Context) (ids []int64, err error) {
	err = t.each(ctx, "SELECT id FROM models ORDER BY id", nil, func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}
