// Package interaction says what users do with posts: the kinds of event, what each means for
// ranking, and the JSON in which events travel.
package interaction

import (
	"fmt"
	"slices"
	"strings"

	"resonance/internal/errs"
)

// Kind is a kind of event. The numbers are stored: never renumber, only append.
type Kind uint8

// The kinds of event.
const (
	View Kind = iota + 1
	Like
	Inspire
	Rating
	Share
	Bookmark
	Follow
	Skip
	Hide
	Impression
)

// trait is what a kind means.
type trait struct {
	name   string
	weight float64 // pull on the user embedding; a rating's is scaled by its value, see Weight
	seen   bool    // the post counts as seen and is left out of the user's feeds
	state  bool    // it is or it isn't: doing it again changes nothing
	min    int     // smallest value; values are allowed where max > 0
	max    int
}

// traits is the one table of kinds. The order inspire > like > rating > view follows how much
// effort and intent each takes; impressions and hides say nothing of taste.
var traits = [...]trait{
	View:       {name: "view", weight: 1, seen: true, max: 100},
	Like:       {name: "like", weight: 3, seen: true, state: true},
	Inspire:    {name: "inspire", weight: 4, seen: true},
	Rating:     {name: "rating", weight: 2, seen: true, min: 1, max: 100},
	Share:      {name: "share", weight: 4, seen: true},
	Bookmark:   {name: "bookmark", weight: 3, seen: true, state: true},
	Follow:     {name: "follow", state: true},
	Skip:       {name: "skip", weight: -1, seen: true},
	Hide:       {name: "hide"},
	Impression: {name: "impression"},
}

// Kinds returns every kind, in the order of their numbers.
func Kinds() []Kind {
	kinds := make([]Kind, 0, len(traits)-1)
	for k := View; k.Valid(); k++ {
		kinds = append(kinds, k)
	}
	return kinds
}

// ParseKind returns the kind called name; an error wraps errs.Invalid and lists the names.
func ParseKind(name string) (Kind, error) {
	i := slices.IndexFunc(traits[1:], func(t trait) bool { return t.name == name })
	if i < 0 {
		names := make([]string, 0, len(traits)-1)
		for _, t := range traits[1:] {
			names = append(names, t.name)
		}
		return 0, fmt.Errorf("%w: kind: %q is not one of %s", errs.Invalid, name, strings.Join(names, ", "))
	}
	return Kind(i + 1), nil
}

// Valid reports whether k is one of the kinds.
func (k Kind) Valid() bool { return k >= View && int(k) < len(traits) }

// String returns the name of k as it travels in JSON.
func (k Kind) String() string {
	if !k.Valid() {
		return fmt.Sprintf("kind(%d)", uint8(k))
	}
	return traits[k].name
}

// Seen reports whether an event of this kind makes its post a seen one.
func (k Kind) Seen() bool { return traits[k].seen }

// State reports whether events of this kind say how things are between a user and a post, so that
// a second one says nothing new.
func (k Kind) State() bool { return traits[k].state }

// Weight returns how strongly an event of this kind pulls the user embedding toward its post,
// before any value is counted: 0 for kinds that say nothing of taste, negative for dislike.
func (k Kind) Weight() float64 { return traits[k].weight }

// IsTouch reports whether an event shows that the user met the post and did not turn from it, so
// that it is part of what others' feeds learn from: a glance at less than leastWatched percent is
// none.
func IsTouch(kind Kind, value int) bool {
	glance := kind == View && value != NoValue && value < leastWatched
	return kind.Seen() && kind.Weight() > 0 && !glance
}

const leastWatched = 10

// HasValue reports whether events of this kind carry a value.
func (k Kind) HasValue() bool { return traits[k].max > 0 }

// CheckValue reports whether value may stand with k; NoValue may, unless k is a rating.
// An error wraps errs.Invalid and says what is accepted.
func (k Kind) CheckValue(value int) error {
	t := traits[k]
	switch {
	case value == NoValue && t.min == 0:
		return nil
	case t.max == 0:
		return fmt.Errorf("%w: value: a %s has none", errs.Invalid, t.name)
	case value == NoValue:
		return fmt.Errorf("%w: value: a %s needs one, %d..%d", errs.Invalid, t.name, t.min, t.max)
	case value < t.min || value > t.max:
		return k.outside(value)
	}
	return nil
}

// outside is the error of a value that is outside the bounds of k.
func (k Kind) outside(value int) error {
	t := traits[k]
	return fmt.Errorf("%w: value: %d is not in %d..%d, as a %s takes", errs.Invalid, value, t.min, t.max, t.name)
}
