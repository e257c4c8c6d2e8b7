package recommend

import (
	"context"
	"fmt"

	"resonance/internal/catalog"
	"resonance/internal/replica"
)

// Viewing is a user and a post of which the user has heard.
type Viewing struct {
	Username string
	PostID   int64
}

// Viewers returns what users have to do with posts, as far as the projects' posts tell: nothing for whom or what is
// not known. An error wraps errs.Unavailable.
func (e *Engine) Viewers(ctx context.Context, within catalog.Projects, of []Viewing) (map[Viewing]Viewer, error) {
	byUser := map[string][]Viewing{}
	for _, v := range of {
		byUser[v.Username] = append(byUser[v.Username], v)
	}
	viewers := make(map[Viewing]Viewer, len(of))
	err := e.replica.Read(ctx, func(view replica.View) error {
		for username, posts := range byUser {
			a := newAudience(view.Catalog, profileOf(view, username, within.Codes()), username)
			for _, v := range posts {
				if o, known := view.Catalog.Lookup(v.PostID); known {
					viewers[v] = a.viewer(o)
				}
			}
			a.close()
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read what users have to do with %d posts: %w", len(of), err)
	}
	return viewers, nil
}
