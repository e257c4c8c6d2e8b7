package recommend

import (
	"cmp"
	"strings"

	"resonance/internal/catalog"
)

// Text returns the reason in words for the people who see the post that it is about.
func (r Reason) Text(about *catalog.Post) string {
	switch r.Kind {
	case BecauseLiked:
		return "Because you liked " + called(r.Post)
	case BecauseWatched:
		return "Because you watched " + called(r.Post)
	case WatchedNext:
		return "People who watched " + called(r.Post) + " went on to this"
	case FromAuthor:
		return "By " + cmp.Or(about.Owner.Name(), r.Author) + ", whom you keep coming back to"
	case InCategory:
		return "More in " + r.Category
	case PopularNow:
		return "Popular now"
	case WellReceived:
		return "Well liked by those who watched it"
	case JustIn:
		if r.Category == "" {
			return "New"
		}
		return "New in " + r.Category
	case Explored:
		return "New here: be among the first to see it"
	case SeenBefore:
		return "Seen before: nothing new is left"
	}
	return "From the catalogue"
}

// longestTitle is how many characters of a title are shown.
const longestTitle = 60

// called returns how to speak of a post: by its title, or by its author where it has none.
func called(p *catalog.Post) string {
	if p == nil {
		return "other videos"
	}
	words := strings.Fields(p.Title) // titles may hold line breaks
	title := []rune(strings.Join(words, " "))
	switch {
	case len(title) > longestTitle:
		return strings.TrimSpace(string(title[:longestTitle-1])) + "…"
	case len(title) > 0:
		return string(title)
	case p.Owner.Name() != "":
		return "a video by " + p.Owner.Name()
	case p.Owner.Username != "":
		return "a video by " + p.Owner.Username
	}
	return "another video"
}
