package live

import (
	"reflect"

	"resonance/internal/catalog"
	"resonance/internal/recommend"
)

// Same reports whether two feeds show the same: equal posts in the same order, with which the user has
// the same to do, and more behind both or neither. Scores and counters may differ.
func Same(a, b recommend.Feed) bool {
	if len(a.Items) != len(b.Items) || a.More != b.More {
		return false
	}
	for i := range a.Items {
		x, y := a.Items[i], b.Items[i]
		if x.Viewer != y.Viewer || !reflect.DeepEqual(withoutCounters(x.Post), withoutCounters(y.Post)) {
			return false
		}
	}
	return true
}

func withoutCounters(post *catalog.Post) catalog.Post {
	p := *post
	p.CommentCount, p.UpvoteCount, p.ViewCount, p.ExitCount, p.RatingCount, p.AverageRating, p.ShareCount, p.BookmarkCount = 0, 0, 0, 0, 0, 0, 0, 0
	return p
}
