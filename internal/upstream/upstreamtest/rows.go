package upstreamtest

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"resonance/internal/upstream"
)

// Rows are what a fake serves: per endpoint, JSON objects with an "id".
type Rows map[upstream.Endpoint][]json.RawMessage

// ReadDir reads the rows of posts.json, users.json, views.json, likes.json, inspires.json and
// ratings.json in dir, each one array of rows. A file that is absent has no rows.
func ReadDir(dir string) (Rows, error) {
	files := map[upstream.Endpoint]string{
		upstream.Posts: "posts.json", upstream.Users: "users.json", upstream.Views: "views.json",
		upstream.Likes: "likes.json", upstream.Inspires: "inspires.json", upstream.Ratings: "ratings.json",
	}
	rows := make(Rows, len(files))
	for endpoint, name := range files {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read rows: %w", err)
		}
		var list []json.RawMessage
		if err := json.Unmarshal(text, &list); err != nil {
			return nil, fmt.Errorf("read rows of %s: %w", name, err)
		}
		rows[endpoint] = list
	}
	return rows, nil
}

// table holds the rows of one endpoint in order of their ids.
type table []tableRow

type tableRow struct {
	id  int64
	raw json.RawMessage
}

func (t *table) find(id int64) (int, bool) {
	return slices.BinarySearchFunc(*t, id, func(r tableRow, id int64) int { return cmp.Compare(r.id, id) })
}

// put inserts a row, or replaces the one of the same id. A row without a readable id is of id 0.
func (t *table) put(raw json.RawMessage) {
	var key struct {
		ID int64 `json:"id"`
	}
	_ = json.Unmarshal(raw, &key)
	row := tableRow{id: key.ID, raw: raw}
	i, found := t.find(row.id)
	if found {
		(*t)[i] = row
		return
	}
	*t = slices.Insert(*t, i, row)
}

func (t *table) remove(id int64) {
	if i, found := t.find(id); found {
		*t = slices.Delete(*t, i, i+1)
	}
}
