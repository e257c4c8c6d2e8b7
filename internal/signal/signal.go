// Package signal measures posts for one request: each signal looks at every candidate from one
// side, what others did next, what is like the user's taste, what is popular or new, whom and
// what the user keeps coming back to.
//
// Signals are on scales of their own; package rank makes them comparable and adds them up. A new
// signal is one function beside its siblings and one line in All.
package signal

import (
	"resonance/internal/catalog"
	"resonance/internal/collab"
)

// Family is a group of signals that draw on the same evidence.
type Family string

// The families.
const (
	Others     Family = "others"     // what everyone did
	Content    Family = "content"    // what posts say
	Popularity Family = "popularity" // what is popular, good or new, whoever asks
	Affinity   Family = "affinity"   // whom and what the user keeps coming back to
)

// Signal is one way to look at posts; a higher value is better. It has one of Measure and Reach.
type Signal struct {
	Name   string
	Family Family
	// Measure overwrites out, of the length of Candidates, with a value for each of them.
	Measure func(q *Question, out []float64)
	// Common, where it is set, reports whether Measure would tell anybody the same, or numbers in proportion to that: these
	// are kept for a scope until something changes.
	Common func(q *Question) bool
	// Ageless says that what is common stays so as time goes by.
	Ageless bool
	// Reach adds to sums, by ordinal, the values of all posts, of whatever scope, that are not 0:
	// few of many.
	Reach func(q *Question, sums *collab.Sums)
	// Spread, where it is set, returns mean and standard deviation over all posts of a large scope: few of
	// them stand out so far that a sample does not tell.
	Spread func(q *Question, scope catalog.Scope) (mean, deviation float64)
}

// All returns every signal, in the order in which parts are listed.
func All() []Signal {
	return all
}

// Names returns the names of all signals, in their order.
func Names() []string {
	names := make([]string, len(all))
	for i, s := range all {
		names[i] = s.Name
	}
	return names
}

var all = []Signal{
	{Name: "ease", Family: Others, Measure: ease},
	{Name: "neighbours", Family: Others, Reach: neighbours},
	{Name: "walk", Family: Others, Reach: walk},
	{Name: "factors", Family: Others, Measure: factors},
	{Name: "transitions", Family: Others, Reach: transitions},
	{Name: "next", Family: Others, Reach: next},
	{Name: "taste", Family: Content, Measure: taste},
	{Name: "recent", Family: Content, Measure: recent},
	{Name: "popularity", Family: Popularity, Measure: popularity, Common: always, Spread: popularitySpread},
	{Name: "buzz", Family: Popularity, Measure: buzz, Common: always, Spread: buzzSpread},
	{Name: "freshness", Family: Popularity, Measure: freshness, Common: nearNewest, Ageless: true},
	{Name: "quality", Family: Popularity, Measure: quality, Common: always, Ageless: true},
	{Name: "engagement", Family: Popularity, Measure: engagement},
	{Name: "category", Family: Affinity, Measure: category},
	{Name: "author", Family: Affinity, Measure: author},
	{Name: "nearness", Family: Affinity, Measure: nearness},
}
