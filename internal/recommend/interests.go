package recommend

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"resonance/internal/catalog"
	"resonance/internal/profile"
	"resonance/internal/replica"
)

// InterestKind is a sort of interest.
type InterestKind string

// The sorts of interest.
const (
	CategoryInterest InterestKind = "CATEGORY"
	TagInterest      InterestKind = "TAG"
	AuthorInterest   InterestKind = "AUTHOR"
)

// Interest is what a user likes to watch, in a word.
type Interest struct {
	Kind  InterestKind
	Name  string
	Share float64 // of what the user watches that is of it, 0..1
}

// interestMemory is how many posts back a touch counts half.
const interestMemory = 20

// Interests returns what a user likes to watch, as far as the projects' posts tell, strongest first and
// at most n; nothing for an unknown user. The share of a name is
//
//	Σ of weight · .5^(position / interestMemory) over the touches of the name / Σ of |weight| · .5^… over all touches
//
// where weight is how much a touch says of the user's taste (profile.Touch), negative for a dislike.
// Names that are disliked on the whole are left out. An error wraps errs.Unavailable.
func (e *Engine) Interests(ctx context.Context, username string, within catalog.Projects, n int) (interests []Interest, err error) {
	err = e.replica.Read(ctx, func(view replica.View) error {
		p := profileOf(view, username, within.Codes())
		interests = interestsOf(view.Catalog.ScopeOf(within), p)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read interests: %w", err)
	}
	return interests[:min(n, len(interests))], nil
}

func interestsOf(scope catalog.Scope, p profile.Profile) (interests []Interest) {
	type subject struct {
		kind InterestKind
		name catalog.Name
	}
	index, sums, total, position := scope.Index(), map[subject]float64{}, 0., 0.
	for _, touch := range p.Touches() { // newest first
		o, ok := scope.Lookup(touch.PostID)
		if !ok || touch.Weight == 0 {
			continue
		}
		weight := touch.Weight * math.Exp2(-position/interestMemory)
		position++
		total += math.Abs(weight)
		entry := index.Entry(o)
		sums[subject{CategoryInterest, entry.Category}] += weight
		sums[subject{AuthorInterest, entry.Author}] += weight
		for _, tag := range entry.Tags {
			sums[subject{TagInterest, tag}] += weight
		}
	}
	tables := map[InterestKind]*catalog.Names{CategoryInterest: &index.Categories, AuthorInterest: &index.Authors, TagInterest: &index.Tags}
	for s, sum := range sums {
		if name := tables[s.kind].Text(s.name); name != "" && sum > 0 {
			interests = append(interests, Interest{s.kind, name, min(1, sum/total)})
		}
	}
	slices.SortFunc(interests, func(a, b Interest) int {
		return cmp.Or(cmp.Compare(b.Share, a.Share), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	return interests
}
