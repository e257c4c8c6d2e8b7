package catalog

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestFeaturesOfPost(t *testing.T) {
	created := time.Date(1969, 12, 31, 23, 59, 59, 5e6, time.UTC)
	tests := map[string]struct {
		post Post
		want Features
	}{
		"everything": {
			Post{
				ID: MaxID, CreatedAt: created, Public: true, Locked: true,
				Owner: Owner{Username: "ann"}, Category: &Category{Name: "Vible"}, Topic: &Topic{Name: "Deep", ProjectCode: "InTo"}, Tags: []string{"a", "b"},
				CommentCount: 1, UpvoteCount: 2, ViewCount: 3, ExitCount: 4, RatingCount: 5, ShareCount: 6, BookmarkCount: 7, AverageRating: -85,
			},
			Features{
				ID: MaxID, CreatedAt: -995, Public: true, Locked: true, Author: "ann", Category: "Vible", Topic: "into/Deep", Project: "into", Tags: []string{"a", "b"},
				Counters: Counters{Comments: 1, Upvotes: 2, Views: 3, Exits: 4, Ratings: 5, Shares: 6, Bookmarks: 7, AverageRating: -85},
			},
		},
		"neither category nor topic": {Post{ID: 1, CreatedAt: time.UnixMilli(0), Tags: []string{}}, Features{ID: 1}},
		"own code wins": {
			Post{ID: 1, CreatedAt: time.UnixMilli(0), ProjectCode: "Own", Category: &Category{Name: "C"}, Topic: &Topic{ID: 7, ProjectCode: "t"}},
			Features{ID: 1, Category: "C", Topic: "7", Project: "own"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, test.post.Features()); diff != "" {
				t.Errorf("Features (-want +got):\n%s", diff)
			}
		})
	}
}
