package sqlite

import (
	"context"
	"fmt"

	"resonance/internal/catalog"
	"resonance/internal/errs"
	"resonance/internal/store"
)

// Posts returns the whole posts in the order of ids; unknown and gone ones are left out.
func (db *DB) Posts(ctx context.Context, ids []int64) ([]catalog.Post, error) {
	found := make([]catalog.Post, 0, len(ids))
	err := db.read(ctx, func(ctx context.Context, c *conn) error {
		for _, id := range ids {
			var document []byte
			ok, err := c.first(ctx, "SELECT d.document FROM documents d JOIN posts p ON p.id = d.post_id WHERE d.post_id = ? AND p.gone = 0", []any{id}, &document)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
			var p catalog.Post
			if err := p.UnmarshalJSON(document); err != nil {
				return fmt.Errorf("post %d: %w", id, err)
			}
			found = append(found, p)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read %d posts: %w", len(ids), err)
	}
	return found, nil
}

// KnownPosts returns which of ids are posts that the store has held, hidden ones included; the
// map is the caller's.
func (db *DB) KnownPosts(ctx context.Context, ids []int64) (map[int64]bool, error) {
	known := make(map[int64]bool, len(ids))
	err := db.read(ctx, func(ctx context.Context, c *conn) error {
		for _, id := range ids {
			var one int
			ok, err := c.first(ctx, "SELECT 1 FROM posts WHERE id = ?", []any{id}, &one)
			if err != nil {
				return err
			}
			if ok {
				known[id] = true
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for %d posts: %w", len(ids), err)
	}
	return known, nil
}

// PutPosts writes posts, each replacing the one with its id, and returns how many changed; of
// several with one id the last counts. A hidden post is back, and never vanishes again unless
// upstream sends it. Posts that were deleted over the API are dropped.
func (db *DB) PutPosts(ctx context.Context, posts []catalog.Post) (changed int, err error) {
	err = db.write(ctx, func(ctx context.Context, t *tx) (err error) {
		changed, err = t.putPosts(ctx, posts, false)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("put %d posts: %w", len(posts), err)
	}
	return changed, nil
}

// putPosts writes posts; upstream says that upstream itself has sent them.
func (t *tx) putPosts(ctx context.Context, posts []catalog.Post, upstream bool) (changed int, err error) {
	last := make(map[int64]int, len(posts))
	for n := range posts {
		last[posts[n].ID] = n
	}
	var documents []any
	for n := range posts {
		if last[posts[n].ID] != n {
			continue
		}
		document, err := t.putPost(ctx, &posts[n], upstream)
		if err != nil {
			return 0, fmt.Errorf("post %d: %w", posts[n].ID, err)
		}
		if document != "" {
			documents = append(documents, posts[n].ID, document)
		}
		if err := t.canceled(); err != nil {
			return 0, err
		}
	}
	return len(documents) / putDocuments.width, t.execBatch(ctx, &putDocuments, documents)
}

// putDocuments writes documents, and by triggers their words, many in a statement: FTS5 makes a segment of its index
// of what each statement brought, and joins segments later.
var putDocuments = batch("INSERT INTO documents VALUES ", 2, " ON CONFLICT (post_id) DO UPDATE SET document = excluded.document")

// postRow is what decides about a row of posts; the zero value says that there is none.
type postRow struct {
	id             int64
	gone, upstream bool
	deleted        bool   // over the API; gone too
	textHash       string // "" when there is nothing to embed
	createdAt      int64
}

// hasText reports whether the post is there and has a text to embed.
func (p *postRow) hasText() bool { return p.textHash != "" && !p.gone }

func (c *conn) post(ctx context.Context, id int64) (postRow, error) {
	var p postRow
	_, err := c.first(ctx, "SELECT id, gone, upstream, deleted, text_hash, created_at FROM posts WHERE id = ?", []any{id},
		&p.id, &p.gone, &p.upstream, &p.deleted, &p.textHash, &p.createdAt)
	return p, err
}

// putPost writes p but for its document, which it returns; "" where nothing changed.
func (t *tx) putPost(ctx context.Context, p *catalog.Post, upstream bool) (document string, err error) {
	if p.ID < 1 || p.ID > catalog.MaxID {
		return "", fmt.Errorf("%w: id: %d is not in 1..%d", errs.Invalid, p.ID, catalog.MaxID)
	}
	encoded, err := p.MarshalJSON()
	if err != nil {
		return "", err
	}
	document = string(encoded)
	old, err := t.post(ctx, p.ID)
	if err != nil || old.deleted {
		return "", err
	}
	if old.id != 0 && !old.gone {
		same, err := t.first(ctx, "SELECT 1 FROM documents WHERE post_id = ? AND document = ?", []any{p.ID, document}, new(int))
		if err != nil {
			return "", err
		}
		if same {
			return "", t.sentUpstream(ctx, &old, upstream)
		}
	}
	return document, t.storePost(ctx, p, &old, upstream || old.upstream && !old.gone)
}

// sentUpstream notes that upstream has sent a post that did not change; nobody sees the note.
func (t *tx) sentUpstream(ctx context.Context, old *postRow, upstream bool) error {
	if !upstream || old.upstream {
		return nil
	}
	_, err := t.exec(ctx, "UPDATE posts SET upstream = 1 WHERE id = ?", old.id)
	return err
}

// storePost writes the row of p over old.
func (t *tx) storePost(ctx context.Context, p *catalog.Post, old *postRow, upstream bool) error {
	f := p.Features()
	row := postRow{id: p.ID, upstream: upstream, textHash: store.TextHash(p.Text()), createdAt: f.CreatedAt}
	if old.id == 0 || old.gone {
		t.add(totalPosts, 1)
	}
	_, err := t.exec(ctx, upsertPost, f.ID, t.stamp(postRows), row.upstream, row.textHash, f.CreatedAt,
		f.Author, f.Category, f.Topic, tagList{&f.Tags}, f.Project, f.Public, f.Locked,
		f.Comments, f.Upvotes, f.Views, f.Exits, f.Ratings, f.Shares, f.Bookmarks, f.AverageRating)
	if err != nil {
		return err
	}
	return t.requeue(ctx, old, &row)
}

// featureColumns are the columns of catalog.Features but the id, in the order of tuple.features.
const featureColumns = `created_at, author, category, topic, tags, project, public, locked,
	comments, upvotes, views, exits, ratings, shares, bookmarks, average_rating`

const upsertPost = `INSERT INTO posts (id, seq, gone, missed, upstream, text_hash, ` + featureColumns + `)
	VALUES (?, ?, 0, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, gone = 0, missed = 0, upstream = excluded.upstream, text_hash = excluded.text_hash,
	created_at = excluded.created_at, author = excluded.author, category = excluded.category, topic = excluded.topic, tags = excluded.tags, project = excluded.project,
	public = excluded.public, locked = excluded.locked, comments = excluded.comments, upvotes = excluded.upvotes, views = excluded.views,
	exits = excluded.exits, ratings = excluded.ratings, shares = excluded.shares, bookmarks = excluded.bookmarks, average_rating = excluded.average_rating`

// features reads the columns of featureColumns into f.
func (r tuple) features(f *catalog.Features) error {
	f.CreatedAt, f.Author, f.Category, f.Topic, f.Project = r.integer(0), r.text(1), r.text(2), r.text(3), r.text(5)
	f.Public, f.Locked = r.is(6), r.is(7)
	f.Counters = catalog.Counters{
		Comments: r.integer(8), Upvotes: r.integer(9), Views: r.integer(10), Exits: r.integer(11),
		Ratings: r.integer(12), Shares: r.integer(13), Bookmarks: r.integer(14), AverageRating: r.integer(15),
	}
	return tagList{&f.Tags}.Scan(r[4])
}

// hidePost hides a post that vanished.
func (t *tx) hidePost(ctx context.Context, id int64) error {
	old, err := t.post(ctx, id)
	if err != nil {
		return err
	}
	if _, err := t.exec(ctx, "UPDATE posts SET gone = 1, seq = ? WHERE id = ?", t.stamp(postRows), id); err != nil {
		return err
	}
	t.add(totalPosts, -1)
	hidden := old
	hidden.gone = true
	return t.requeue(ctx, &old, &hidden)
}
