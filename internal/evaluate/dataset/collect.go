package dataset

import (
	"context"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
)

// collector gathers rows as a store would keep them. It is a transfer.Writer.
type collector struct {
	posts    map[int64]catalog.Post
	users    map[string]int64
	next     int64 // id for the next username that has none
	rows     []row
	identity map[identity]int // the row that an identity has now
}

// row is an interaction whose post may be unknown.
type row struct {
	Event
	postID   int64
	replaced bool // by a later row of its identity
}

// identity is what makes two rows one: the key, or without one all the rest.
type identity struct {
	key              string
	user, postID, at int64
	kind             interaction.Kind
}

func newCollector() *collector {
	return &collector{posts: map[int64]catalog.Post{}, users: map[string]int64{}, next: catalog.LocalUserID, identity: map[identity]int{}}
}

func (c *collector) user(u catalog.User) {
	c.users[u.Username] = u.ID
	c.next = max(c.next, u.ID+1)
}

func (c *collector) post(p catalog.Post) { c.posts[p.ID] = p }

func (c *collector) interaction(i interaction.Interaction) {
	user := i.UserID
	if i.Username != "" {
		user = c.userID(i.Username)
	}
	at, line := i.At.UnixMilli(), len(c.rows)
	id := identity{key: i.Key}
	if i.Key == "" {
		id = identity{user: user, postID: i.PostID, at: at, kind: i.Kind}
	}
	if earlier, known := c.identity[id]; known {
		c.rows[earlier].replaced = true
	}
	c.identity[id] = line
	c.rows = append(c.rows, row{Event: Event{User: user, Kind: i.Kind, Value: i.Value, At: at, Line: line}, postID: i.PostID})
}

// userID returns the id of a username, giving it one if it has none.
func (c *collector) userID(name string) int64 {
	id, known := c.users[name]
	if !known {
		id = c.next
		c.next++
		c.users[name] = id
	}
	return id
}

// PutPosts implements transfer.Writer.
func (c *collector) PutPosts(_ context.Context, posts []catalog.Post) (int, error) {
	for _, p := range posts {
		c.post(p)
	}
	return len(posts), nil
}

// PutUsers implements transfer.Writer.
func (c *collector) PutUsers(_ context.Context, users []catalog.User) (int, error) {
	for _, u := range users {
		c.user(u)
	}
	return len(users), nil
}

// PutInteractions implements transfer.Writer.
func (c *collector) PutInteractions(_ context.Context, interactions []interaction.Interaction) (int, error) {
	for _, i := range interactions {
		c.interaction(i)
	}
	return len(interactions), nil
}

// Forgotten implements transfer.Writer: a folder knows of nobody forgotten.
func (c *collector) Forgotten(context.Context, string) (bool, error) { return false, nil }

// ForgottenID implements transfer.Writer.
func (c *collector) ForgottenID(context.Context, int64) (bool, error) { return false, nil }
