package recommend

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
)

func TestViewersByHand(t *testing.T) {
	w := newWorld()
	for id, author := range []string{"", "ines", "ines", "olaf"} {
		if id > 0 {
			p := w.add(int64(id), 1, nil)
			p.Owner.Username, p.ProjectCode = author, []string{"", "p", "q", "q"}[id]
		}
	}
	w.did("ann", interaction.Like, 1)
	w.did("ann", interaction.Follow, 1)
	w.did("ann", interaction.Bookmark, 3)
	w.did("bob", interaction.Like, 3)
	asked := []Viewing{{"ann", 1}, {"ann", 2}, {"ann", 3}, {"ann", 404}, {"bob", 3}, {"cy", 1}}
	for name, test := range map[string]struct {
		within catalog.Projects
		want   map[Viewing]Viewer
	}{
		"everywhere": {catalog.EveryProject(), map[Viewing]Viewer{
			{"ann", 1}: {Upvoted: true, Following: true}, {"ann", 2}: {Following: true}, {"ann", 3}: {Bookmarked: true}, {"bob", 3}: {Upvoted: true}, {"cy", 1}: {},
		}},
		"as project q tells": {catalog.OnlyProjects("q"), map[Viewing]Viewer{
			{"ann", 1}: {}, {"ann", 2}: {}, {"ann", 3}: {Bookmarked: true}, {"bob", 3}: {Upvoted: true}, {"cy", 1}: {},
		}},
	} {
		got, err := New(w.replica(t)).Viewers(t.Context(), test.within, asked)
		if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
}
