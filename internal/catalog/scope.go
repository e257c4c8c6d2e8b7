package catalog

import "slices"

// Scope is the set of posts that an answer may draw from: the eligible posts of one project, of
// several, or of all. Candidates are generated from a Scope and from nothing else, so a feed for a
// project cannot hold another's post. Valid until the Index changes.
type Scope struct {
	index *Index
	*members
	projects []Name
	all      bool
}

// Scope returns the eligible posts of a project, case ignored; "" means every project, and an
// unknown project has none.
func (ix *Index) Scope(project string) Scope {
	if project == "" {
		return ix.ScopeOf(EveryProject())
	}
	return ix.ScopeOf(OnlyProjects(project))
}

// ScopeOf returns the eligible posts of the projects.
func (ix *Index) ScopeOf(projects Projects) Scope {
	if projects.Every() {
		return Scope{index: ix, members: &ix.all, all: true}
	}
	s := Scope{index: ix, members: new(members)}
	for _, code := range projects.Codes() {
		if name, ok := ix.Projects.Lookup(code); ok && ix.byProject.of(name) != nil {
			s.projects = append(s.projects, name)
		}
	}
	if len(s.projects) == 1 {
		s.members = ix.byProject[s.projects[0]]
		return s
	}
	for _, name := range s.projects {
		s.list = append(s.list, ix.byProject[name].list...)
	}
	slices.Sort(s.list)
	return s
}

// Index returns the index whose posts these are.
func (s Scope) Index() *Index { return s.index }

// Len returns how many posts are in scope.
func (s Scope) Len() int { return len(s.list) }

// Ordinals returns the posts in scope, ascending; the caller must not change them.
func (s Scope) Ordinals() []Ordinal { return s.list }

// Contains reports whether the post at o is in scope.
func (s Scope) Contains(o Ordinal) bool {
	if s.settled {
		return s.Has(o)
	}
	e := s.index.Entry(o)
	return e.Eligible() && (s.all || slices.Contains(s.projects, e.Project))
}

// Lookup returns the ordinal of the post with this id if it is in scope.
func (s Scope) Lookup(id int64) (Ordinal, bool) {
	o, ok := s.index.Lookup(id)
	return o, ok && s.Contains(o)
}

// ScopeKey identifies a scope that was settled among those of one Index.
type ScopeKey struct{ posts *members }

// Key returns what identifies the scope.
func (s Scope) Key() ScopeKey { return ScopeKey{s.members} }
