package replica_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/catalog"
)

func browsed(id int64, category, topic, description string, public bool) catalog.Post {
	p := post(id)
	p.Public = public
	if category != "" {
		p.Category = &catalog.Category{ID: 1, Name: category, Description: description}
	}
	if topic != "" {
		p.Topic = &catalog.Topic{ID: 2, Name: topic, Description: description, ProjectCode: "p"}
	}
	return p
}

// Categories and topics come by name, each as its newest post that may be shown describes it,
// whatever order posts came in.
func TestBrowse(t *testing.T) {
	posts := []catalog.Post{
		browsed(1, "Vible", "deep", "of 1", true),
		browsed(5, "Vible", "", "of 5", true),
		browsed(3, "vible", "deep", "of 3", true),
		browsed(9, "Vible", "deep", "of 9, not public", false),
		browsed(4, "", "", "", true),
		browsed(2, "E/ACC", "Alpha", "of 2", true),
		browsed(6, "Hidden", "hidden", "of 6", false),
		browsed(7, "Vible", "deep", "of 7, gone", true),
		browsed(8, "Gone", "gone", "of 8, gone", true),
	}
	for seed := range uint64(5) {
		f := newFakeStore()
		r := newReplica(t, f)
		rand.New(rand.NewPCG(seed, 3)).Shuffle(len(posts), func(i, j int) { posts[i], posts[j] = posts[j], posts[i] })
		for _, p := range posts {
			f.putPost(p)
			take(t, r) // one by one
		}
		f.hidePost(7)
		f.hidePost(8)
		categories, err := r.Categories(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		wantCategories := []catalog.Category{
			{ID: 1, Name: "E/ACC", Description: "of 2"}, {ID: 1, Name: "Vible", Description: "of 5"}, {ID: 1, Name: "vible", Description: "of 3"},
		}
		if diff := cmp.Diff(wantCategories, categories); diff != "" {
			t.Errorf("categories (-want +got):\n%s", diff)
		}
		topics, err := r.Topics(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		wantTopics := []catalog.Topic{
			{ID: 2, Name: "Alpha", Description: "of 2", ProjectCode: "p"}, {ID: 2, Name: "deep", Description: "of 3", ProjectCode: "p"},
		}
		if diff := cmp.Diff(wantTopics, topics); diff != "" {
			t.Errorf("topics (-want +got):\n%s", diff)
		}
	}
}

func TestBrowseEmptyStore(t *testing.T) {
	r := newReplica(t, newFakeStore())
	categories, err := r.Categories(context.Background())
	topics, terr := r.Topics(context.Background())
	if err != nil || terr != nil || len(categories)+len(topics) != 0 {
		t.Errorf("%v, %v, %v, %v", categories, err, topics, terr)
	}
}
