package catalog

import (
	"strings"
	"unicode"
)

// Project returns the code of the project the post belongs to, in lower case, or "" for none:
// the post's own code if it has one, else its topic's, else, for a post without a topic, the
// code that its category's name spells.
func (p *Post) Project() string {
	switch {
	case p.ProjectCode != "":
		return FoldProject(p.ProjectCode)
	case p.Topic != nil:
		return FoldProject(p.Topic.ProjectCode)
	case p.Category != nil:
		return ProjectFromName(p.Category.Name)
	}
	return ""
}

// FoldProject returns code in the form in which project codes are compared: lower case,
// without outer spaces.
func FoldProject(code string) string { return strings.ToLower(strings.TrimSpace(code)) }

// ProjectFromName returns the project code that a category's name spells: lower case, letters
// and digits only. "E/ACC" gives "eacc", "Bloom Scroll" gives "bloomscroll".
func ProjectFromName(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, strings.ToLower(name))
}

func fullName(first, last string) string { return strings.TrimSpace(first + " " + last) }
