package sqlite

import (
	"context"
	"fmt"
	"time"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
	"resonance/internal/store"
)

// Rows visits every row that is not gone, in one read transaction: users with a username by id,
// posts by id, interactions by time, user, post, kind and key. A nil visitor func skips its kind.
func (db *DB) Rows(ctx context.Context, v store.RowVisitor) error {
	err := db.read(ctx, func(_ context.Context, c *conn) error { // ctx ends these long statements
		if v.User != nil {
			if err := c.eachUser(ctx, v.User); err != nil {
				return err
			}
		}
		if v.Post != nil {
			if err := c.eachPost(ctx, v.Post); err != nil {
				return err
			}
		}
		if v.Interaction == nil {
			return nil
		}
		return c.eachInteraction(ctx, v.Interaction)
	})
	if err != nil {
		return fmt.Errorf("read rows: %w", err)
	}
	return nil
}

func (c *conn) eachUser(ctx context.Context, visit func(catalog.User) error) error {
	return c.each(ctx, `SELECT u.id, n.username, n.first_name, n.last_name, n.picture_url FROM users u JOIN names n ON n.user_id = u.id
		WHERE u.gone = 0 AND n.username IS NOT NULL ORDER BY u.id`, nil,
		func(scan func(...any) error) error {
			var u catalog.User
			if err := scan(&u.ID, &u.Username, &u.FirstName, &u.LastName, &u.PictureURL); err != nil {
				return err
			}
			return visit(u)
		})
}

func (c *conn) eachPost(ctx context.Context, visit func(catalog.Post) error) error {
	return c.each(ctx, "SELECT d.document FROM posts p JOIN documents d ON d.post_id = p.id WHERE p.gone = 0 ORDER BY p.id", nil,
		func(scan func(...any) error) error {
			var document []byte
			if err := scan(&document); err != nil {
				return err
			}
			var p catalog.Post
			if err := p.UnmarshalJSON(document); err != nil {
				return err
			}
			return visit(p)
		})
}

func (c *conn) eachInteraction(ctx context.Context, visit func(interaction.Interaction) error) error {
	return c.each(ctx, `SELECT i.key, coalesce(n.username, ''), i.user_id, i.post_id, i.kind, i.value, i.at
		FROM interactions i JOIN users u ON u.id = i.user_id LEFT JOIN names n ON n.user_id = i.user_id WHERE u.gone = 0
		ORDER BY i.at, i.user_id, i.post_id, i.kind, i.key`, nil,
		func(scan func(...any) error) error {
			var i interaction.Interaction
			var at int64
			if err := scan(&i.Key, &i.Username, &i.UserID, &i.PostID, &i.Kind, &i.Value, &at); err != nil {
				return err
			}
			if i.Username != "" {
				i.UserID = 0
			}
			i.At = time.UnixMilli(at).UTC()
			return visit(i)
		})
}
