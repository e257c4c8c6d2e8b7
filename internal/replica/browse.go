package replica

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
)

// Categories returns the categories of the projects' posts that may be shown, by name.
func (r *Replica) Categories(ctx context.Context, within catalog.Projects) (categories []catalog.Category, err error) {
	err = r.Read(ctx, func(v View) error {
		posts, err := v.Posts(ctx, v.newestOf(within, &v.Catalog.Categories, func(e *catalog.Entry) catalog.Name { return e.Category }))
		for _, post := range posts {
			if post.Category != nil {
				categories = append(categories, *post.Category)
			}
		}
		return err
	})
	return first(categories, MostListed), err
}

// Topics returns the topics of the projects' posts that may be shown, by name, then id.
func (r *Replica) Topics(ctx context.Context, within catalog.Projects) (topics []catalog.Topic, err error) {
	err = r.Read(ctx, func(v View) error {
		posts, err := v.Posts(ctx, v.newestOf(within, &v.Catalog.Topics, func(e *catalog.Entry) catalog.Name { return e.Topic }))
		for _, post := range posts {
			if post.Topic != nil {
				topics = append(topics, *post.Topic)
			}
		}
		return err
	})
	slices.SortStableFunc(topics, func(a, b catalog.Topic) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return first(topics, MostListed), err
}

// Project is a project with the number of its posts that may be shown.
type Project struct {
	Code  string
	Posts int64
}

// Projects returns those of the projects that have a post that may be shown, by code.
func (r *Replica) Projects(ctx context.Context, within catalog.Projects) (projects []Project, err error) {
	err = r.Read(ctx, func(v View) error {
		counts := map[catalog.Name]int64{}
		for _, o := range v.Catalog.ScopeOf(within).Ordinals() {
			counts[v.Catalog.Entry(o).Project]++
		}
		for name, n := range counts {
			if code := v.Catalog.Projects.Text(name); code != "" {
				projects = append(projects, Project{code, n})
			}
		}
		return nil
	})
	slices.SortFunc(projects, func(a, b Project) int { return cmp.Compare(a.Code, b.Code) })
	return first(projects, MostListed), err
}

// History returns what a user did with the projects' posts that may be shown, newest first, at most n;
// nothing for an unknown user.
func (r *Replica) History(ctx context.Context, username string, within catalog.Projects, n int) (acts []interaction.Interaction, err error) {
	err = r.Read(ctx, func(v View) error {
		scope := v.Catalog.ScopeOf(within)
		for _, e := range slices.Backward(v.Log.History(username)) {
			if len(acts) == n {
				break
			}
			if _, ok := scope.Lookup(int64(e.PostID)); ok {
				acts = append(acts, interaction.Interaction{
					Username: username, PostID: int64(e.PostID), Kind: e.Kind, Value: int(e.Value), At: time.UnixMilli(e.At).UTC(),
				})
			}
		}
		return nil
	})
	return acts, err
}

// Owners returns the authors with these usernames who have a post of the projects that may be shown, as the
// one added last describes them; others are not in the answer.
func (r *Replica) Owners(ctx context.Context, within catalog.Projects, usernames []string) (map[string]catalog.Owner, error) {
	owners := make(map[string]catalog.Owner, len(usernames))
	err := r.Read(ctx, func(v View) error {
		scope := v.Catalog.ScopeOf(within)
		var newest []int64
		for _, username := range usernames {
			if id := v.newestBy(username, scope); id != 0 {
				newest = append(newest, id)
			}
		}
		posts, err := v.Posts(ctx, newest)
		for _, post := range posts {
			owners[post.Owner.Username] = post.Owner
		}
		return err
	})
	return owners, err
}

// newestBy returns the largest id of an author's posts in scope, 0 for none.
func (v View) newestBy(username string, scope catalog.Scope) (newest int64) {
	author, known := v.Catalog.Authors.Lookup(username)
	if !known || username == "" {
		return 0
	}
	for _, o := range v.Catalog.Authored(author) {
		if scope.Contains(o) {
			newest = max(newest, v.Catalog.Entry(o).ID)
		}
	}
	return newest
}

// MostListed is how many categories, topics or projects are listed at most.
const MostListed = 1000

func first[T any](list []T, n int) []T { return list[:min(n, len(list))] }

// newestOf returns, for each of the names that of gives, the largest id of a post in scope, in the order of the names' texts: the post added last describes its category or topic best.
func (v View) newestOf(within catalog.Projects, names *catalog.Names, of func(*catalog.Entry) catalog.Name) []int64 {
	newest := map[string]*catalog.Entry{}
	for _, o := range v.Catalog.ScopeOf(within).Ordinals() {
		entry := v.Catalog.Entry(o)
		text := names.Text(of(entry))
		if best := newest[text]; text != "" && (best == nil || entry.ID > best.ID) {
			newest[text] = entry
		}
	}
	ids := make([]int64, 0, len(newest))
	for _, text := range slices.Sorted(maps.Keys(newest)) {
		ids = append(ids, newest[text].ID)
	}
	return ids
}
