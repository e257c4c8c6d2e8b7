// Package signal measures posts for one request: each signal looks at every candidate from one
// side, what others did next, what is like the user's taste, what is popular or new, whom and
// what the user keeps coming back to.
//
// Signals are on scales of their own; Normalise makes them comparable. A new signal is one
// function beside its siblings and one line in All.
package signal

import (
	"resonance/internal/catalog"
	"resonance/internal/collab"
)

// Touch is a post of the user's history.
type Touch struct {
	Post   catalog.Ordinal
	At     int64   // when the user first touched it, epoch milliseconds
	Weight float64 // how much it says of the user's taste, 0 or more
	Vector []float32
}

// Question is what signals are asked about: some posts, one user, one moment. Not safe for
// concurrent use.
type Question struct {
	Catalog    *catalog.Index
	Models     *Models
	Now        int64             // epoch milliseconds
	Candidates []catalog.Ordinal // ascending
	Vectors    [][]float32       // of Candidates; nil where a post has none
	History    []Touch           // newest first

	dense   []float64 // a score for every ordinal
	scratch collab.Scratch
}

// Family is a group of signals that draw on the same evidence.
type Family string

// The families.
const (
	Others     Family = "others"     // what everyone did
	Content    Family = "content"    // what posts say
	Popularity Family = "popularity" // what is popular, good or new, whoever asks
	Affinity   Family = "affinity"   // whom and what the user keeps coming back to
)

// Signal is one way to look at posts.
type Signal struct {
	Name    string
	Family  Family
	Measure func(q *Question, out []float64) // overwrites out, of the length of Candidates; higher is better
}

// All returns every signal, in the order in which parts are listed.
func All() []Signal {
	return []Signal{
		{"ease", Others, ease},
		{"neighbours", Others, neighbours},
		{"walk", Others, walk},
		{"factors", Others, factors},
		{"transitions", Others, transitions},
		{"taste", Content, taste},
		{"recent", Content, recent},
		{"popularity", Popularity, popularity},
		{"freshness", Popularity, freshness},
		{"quality", Popularity, quality},
		{"category", Affinity, category},
		{"author", Affinity, author},
		{"nearness", Affinity, nearness},
	}
}

// gather copies the scores of the candidates out of one for every ordinal.
func (q *Question) gather(out []float64, score func(dense []float64)) {
	if len(q.dense) < q.Catalog.Cap() {
		q.dense = make([]float64, q.Catalog.Cap())
	}
	score(q.dense)
	for i, o := range q.Candidates {
		out[i] = q.dense[o]
	}
}
