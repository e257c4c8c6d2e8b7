package replica

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"resonance/internal/catalog"
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
	return categories, err
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
	return topics, err
}

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
