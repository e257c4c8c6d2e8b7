package catalog

import (
	"slices"
	"testing"
)

func TestScopeNamesProjectsAsClientsDo(t *testing.T) {
	var ix Index
	ix.Put(Features{ID: 1, Project: "vible", Public: true}, 1)
	ix.Put(Features{ID: 2, Project: "soltok", Public: true}, 2)
	ix.Put(Features{ID: 3, Public: true}, 3)
	ix.Put(Features{ID: 4, Project: "hidden", Public: false}, 4)
	tests := map[string]struct {
		project string
		want    int
	}{
		"no filter":             {"", 3},
		"only spaces":           {"  ", 0},
		"exact":                 {"vible", 1},
		"other case and spaces": {" VIBLE\t", 1},
		"unknown":               {"nope", 0},
		"all posts not public":  {"hidden", 0},
		"part of a code":        {"vib", 0},
		"not UTF-8":             {"\xff", 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			scope := ix.Scope(test.project)
			if scope.Len() != test.want {
				t.Errorf("Scope(%q) holds %d posts, want %d", test.project, scope.Len(), test.want)
			}
		})
	}
}

// An unknown project must not turn into the posts of no project, whose name is 0 too.
func TestUnknownProjectContainsNothing(t *testing.T) {
	var ix Index
	o := ix.Put(Features{ID: 1, Public: true}, 1)
	if scope := ix.Scope("nope"); scope.Contains(o) {
		t.Error("an unknown project contains a post of no project")
	}
	if _, ok := ix.Scope("nope").Lookup(1); ok {
		t.Error("an unknown project finds a post of no project")
	}
	if _, ok := ix.Scope("").Lookup(2); ok {
		t.Error("found a post that does not exist")
	}
}

func TestScopeOfProjectThatPostsLeft(t *testing.T) {
	var ix Index
	ix.Put(Features{ID: 1, Project: "a", Public: true}, 1)
	o := ix.Put(Features{ID: 1, Project: "b", Public: true}, 2)
	if a, b := ix.Scope("a"), ix.Scope("b"); a.Len() != 0 || a.Contains(o) || b.Len() != 1 || !b.Contains(o) {
		t.Errorf("after moving from a to b: a holds %v, b holds %v", a.Ordinals(), b.Ordinals())
	}
}

func TestScopeOfSeveralProjects(t *testing.T) {
	var ix Index
	for id, project := range []string{"a", "b", "", "c", "b", "a"} {
		ix.Put(Features{ID: int64(id + 1), Project: project, Public: true}, int64(id+1))
	}
	for _, test := range []struct {
		projects Projects
		want     []Ordinal
	}{
		{EveryProject(), []Ordinal{0, 1, 2, 3, 4, 5}},
		{OnlyProjects("B", " a", "nope", ""), []Ordinal{0, 1, 4, 5}},
		{OnlyProjects("c"), []Ordinal{3}},
		{OnlyProjects(""), nil},
		{OnlyProjects(), nil},
		{Projects{}, nil},
	} {
		scope := ix.ScopeOf(test.projects)
		if !slices.Equal(scope.Ordinals(), test.want) {
			t.Errorf("%+v holds %v, want %v", test.projects, scope.Ordinals(), test.want)
		}
		for o := range Ordinal(ix.Cap()) {
			project := ix.Projects.Text(ix.Entry(o).Project)
			if in := slices.Contains(test.want, o); scope.Contains(o) != in || test.projects.Hold(project) != in && project != "" {
				t.Errorf("%+v: post of project %q: contained %t, held %t, want %t", test.projects, project, scope.Contains(o), test.projects.Hold(project), in)
			}
		}
	}
}
