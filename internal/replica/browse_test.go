package replica_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/catalog"
	"resonance/internal/replica"
)

// browsed returns a post of a category and a topic, "" and 0 for none, that carry its id.
func browsed(id int64, category string, topic int64) catalog.Post {
	p := post(id)
	about := fmt.Sprint("of post ", id)
	if category != "" {
		p.Category = &catalog.Category{ID: 1, Name: category, Description: about}
	}
	if topic != 0 {
		name := []string{"Zeta", "deep", "deep"}[topic-1]
		p.Topic = &catalog.Topic{ID: topic, Name: name, Description: about, ProjectCode: "p"}
	}
	return p
}

func notPublic(p catalog.Post) catalog.Post {
	p.Public = false
	return p
}

// Categories and topics come by name, each as its newest post that may be shown describes it,
// whatever order posts came in.
func TestBrowse(t *testing.T) {
	posts := []catalog.Post{
		browsed(1, "Vible", 2), browsed(5, "Vible", 0), browsed(3, "vible", 2), browsed(10, "Vible", 3), browsed(4, "", 0),
		browsed(2, "E/ACC", 1), notPublic(browsed(11, "Vible", 2)), notPublic(browsed(6, "Hidden", 1)),
		browsed(12, "Vible", 2), browsed(8, "Gone", 1), // these two go
	}
	for seed := range uint64(5) {
		f := newFakeStore()
		r := newReplica(t, f)
		rand.New(rand.NewPCG(seed, 3)).Shuffle(len(posts), func(i, j int) { posts[i], posts[j] = posts[j], posts[i] })
		for _, p := range posts {
			f.putPost(p)
			take(t, r) // one by one
		}
		f.hidePost(12)
		f.hidePost(8)
		wantCategories := []string{"E/ACC of post 2", "Vible of post 10", "vible of post 3"}
		wantTopics := []string{"1 Zeta of post 2", "2 deep of post 3", "3 deep of post 10"}
		categories, topics := browse(t, r, catalog.EveryProject())
		if diff := cmp.Diff(wantCategories, categories); diff != "" {
			t.Errorf("categories (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(wantTopics, topics); diff != "" {
			t.Errorf("topics (-want +got):\n%s", diff)
		}
	}
}

func browse(t *testing.T, r *replica.Replica, within catalog.Projects) (categories, topics []string) {
	t.Helper()
	allCategories, err := r.Categories(context.Background(), within)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range allCategories {
		categories = append(categories, c.Name+" "+c.Description)
	}
	allTopics, err := r.Topics(context.Background(), within)
	if err != nil {
		t.Fatal(err)
	}
	for _, topic := range allTopics {
		topics = append(topics, fmt.Sprint(topic.ID, " ", topic.Name, " ", topic.Description))
	}
	return categories, topics
}

func TestBrowseEmptyStore(t *testing.T) {
	if categories, topics := browse(t, newReplica(t, newFakeStore()), catalog.EveryProject()); len(categories)+len(topics) != 0 {
		t.Errorf("categories %v, topics %v", categories, topics)
	}
}

// What belongs to a project is looked up among its posts only, so another's newer post describes
// nothing there.
func TestLookupsStayWithinProjects(t *testing.T) {
	f := newFakeStore()
	r := newReplica(t, f)
	for id := int64(1); id <= 12; id++ {
		p := browsed(id, "Shared", 0)
		p.ProjectCode = []string{"a", "b", "c"}[id%3] // 3, 6, 9, 12 are a's; 1, 4, 7, 10 b's; 2, 5, 8, 11 c's
		if id <= 3 {
			p.Category.Name = "Only " + p.ProjectCode
		}
		f.putPost(p)
	}
	all := []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 99}
	for _, test := range []struct {
		within     catalog.Projects
		posts      []int64
		categories []string
	}{
		{catalog.EveryProject(), all[:12], []string{"Only a of post 3", "Only b of post 1", "Only c of post 2", "Shared of post 12"}},
		{catalog.OnlyProjects("A"), []int64{3, 6, 9, 12}, []string{"Only a of post 3", "Shared of post 12"}},
		{catalog.OnlyProjects("b"), []int64{1, 4, 7, 10}, []string{"Only b of post 1", "Shared of post 10"}},
		{catalog.OnlyProjects("b", "c"), []int64{1, 2, 4, 5, 7, 8, 10, 11}, []string{"Only b of post 1", "Only c of post 2", "Shared of post 11"}},
		{catalog.OnlyProjects("d"), nil, nil},
		{catalog.Projects{}, nil, nil},
	} {
		posts, err := r.Posts(context.Background(), test.within, all)
		if err != nil {
			t.Fatal(err)
		}
		var ids []int64
		for _, p := range posts {
			ids = append(ids, p.ID)
		}
		if diff := cmp.Diff(test.posts, ids); diff != "" {
			t.Errorf("%v: posts (-want +got):\n%s", test.within.Codes(), diff)
		}
		categories, _ := browse(t, r, test.within)
		if diff := cmp.Diff(test.categories, categories); diff != "" {
			t.Errorf("%v: categories (-want +got):\n%s", test.within.Codes(), diff)
		}
	}
}

// An author is known by the post of theirs that was added last, of those that may be seen.
func TestOwnersAreFoundByUsername(t *testing.T) {
	f := newFakeStore()
	r := newReplica(t, f)
	for id := int64(1); id <= 6; id++ {
		p := browsed(id, "Shared", 0)
		p.ProjectCode = []string{"a", "b"}[id%2]                                                                    // 2, 4, 6 are a's
		p.Owner = catalog.Owner{Username: []string{"ann", "bo", "cy"}[id%3], FirstName: fmt.Sprint("of post ", id)} // 3, 6 are ann's
		p.Public = id != 5
		f.putPost(p)
	}
	for _, test := range []struct {
		within catalog.Projects
		want   map[string]string
	}{
		{catalog.EveryProject(), map[string]string{"ann": "of post 6", "bo": "of post 4", "cy": "of post 2"}},
		{catalog.OnlyProjects("b"), map[string]string{"ann": "of post 3", "bo": "of post 1"}},
		{catalog.Projects{}, map[string]string{}},
	} {
		owners, err := r.Owners(context.Background(), test.within, []string{"ann", "bo", "cy", "nobody", ""})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for username, owner := range owners {
			got[username] = owner.FirstName
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%v (-want +got):\n%s", test.within.Codes(), diff)
		}
	}
}
