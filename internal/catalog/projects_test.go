package catalog

import "testing"

func TestCountsOfOtherProjectsAreNotTold(t *testing.T) {
	category, topic := &Category{Name: "E/ACC", Count: 208}, &Topic{Name: "Roses", ProjectCode: "Garden", PostsCount: 3}
	for _, test := range []struct {
		projects         Projects
		category, topics int64
	}{
		{EveryProject(), 208, 3},
		{OnlyProjects("eacc"), 208, 0},
		{OnlyProjects("garden"), 0, 3},
		{OnlyProjects("garden", "eacc"), 208, 3},
		{OnlyProjects("vible"), 0, 0},
		{Projects{}, 0, 0},
	} {
		if c, n := test.projects.CountOf(category), test.projects.PostsCountOf(topic); c != test.category || n != test.topics {
			t.Errorf("%v: category %d, topic %d", test.projects.Codes(), c, n)
		}
	}
}
