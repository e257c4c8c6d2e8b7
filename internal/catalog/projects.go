package catalog

import "slices"

// Projects is a set of projects that an answer may draw from. The zero value is none of them.
type Projects struct {
	every bool
	codes []string // folded, sorted, each once
}

// EveryProject returns the set of all projects, posts without a project included.
func EveryProject() Projects { return Projects{every: true} }

// OnlyProjects returns the set of the projects with these codes, case ignored.
func OnlyProjects(codes ...string) Projects {
	folded := make([]string, len(codes))
	for i, code := range codes {
		folded[i] = FoldProject(code)
	}
	slices.Sort(folded)
	return Projects{codes: slices.Compact(folded)}
}

// Every reports whether the set holds all projects.
func (p Projects) Every() bool { return p.every }

// Codes returns the codes in the set, sorted; nil when it holds all. The caller must not change
// them.
func (p Projects) Codes() []string { return p.codes }

// CountOf returns how many posts a category has, as upstream counts them, where they are all of a
// project in the set: that is so if the category's name spells it. Otherwise 0.
func (p Projects) CountOf(c *Category) int64 {
	if p.every || p.Hold(ProjectFromName(c.Name)) {
		return c.Count
	}
	return 0
}

// PostsCountOf returns how many posts a topic has, as upstream counts them, if the topic is of a
// project in the set; otherwise 0.
func (p Projects) PostsCountOf(t *Topic) int64 {
	if p.Hold(t.ProjectCode) {
		return t.PostsCount
	}
	return 0
}

// Hold reports whether the project with this code is in the set, case ignored.
func (p Projects) Hold(code string) bool {
	return p.every || slices.Contains(p.codes, FoldProject(code))
}
