package catalog

import (
	"regexp"
	"strings"
)

// Text returns what is embedded of a post, most telling first since the model reads 256 tokens:
// title, category, topic, tags, genre, keywords, then the description.
func (p *Post) Text() string {
	parts := []string{p.Title}
	if p.Category != nil {
		parts = append(parts, p.Category.Name)
	}
	if p.Topic != nil {
		parts = append(parts, p.Topic.Name)
	}
	parts = append(parts, strings.Join(p.Tags, ", "), p.Genre, strings.Join(p.Keywords, ", "))
	if !failedAnalysis.MatchString(p.Description) {
		parts = append(parts, p.Description)
	}
	var b strings.Builder
	for _, part := range parts {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(". ")
		}
		b.WriteString(part)
	}
	return b.String()
}

// failedAnalysis finds descriptions that report an error of the machine that should have
// described the video; they say nothing of the post and would draw such posts together.
var failedAnalysis = regexp.MustCompile(`(?i)request time(d )?[ -]?out|time[ -]?out error|error generat|failed to (analy|generat|process)|(analysis|generation|processing|request) (has )?failed|(unable|not able|could not|cannot) (to )?(be )?(access|analy|process|generat|view)`)
