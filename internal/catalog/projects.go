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

// Hold reports whether the project with this code is in the set, case ignored.
func (p Projects) Hold(code string) bool {
	return p.every || slices.Contains(p.codes, FoldProject(code))
}
