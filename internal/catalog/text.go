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
	parts = append(parts, strings.Join(p.Tags, " "), p.Genre, strings.Join(p.Keywords, ", "))
	if !failed(p.Description) {
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

// failedAnalysis finds openings of descriptions that report a failure of the machine that should
// have described the video: an error, a refusal, or no answer at all. They say nothing of the
// post and would draw such posts together.
var failedAnalysis = regexp.MustCompile(`(?i)request time(d )?[ -]?out|time[ -]?out error|error generat|failed to (analy|generat|process)` +
	`|(analysis|generation|processing|request) (has )?failed|(could not|cannot) be (access|analy|process|generat)` +
	`|^\W*(i['’]m sorry,? (but )?)?i(['’]m unable to| am unable to| can['’]t| cannot) ` +
	`(access|analy|assist|describe|generate|help|interpret|perform|process|provide|view)` +
	`|^\W*not available\W*$`)

// openingBytes is where a description that failed has said so: the talk of exact timings that
// "cannot be processed" near the end of a whole one is no failure.
const openingBytes = 160

func failed(description string) bool {
	return failedAnalysis.MatchString(description[:min(len(description), openingBytes)])
}
