package catalog

import (
	"cmp"
	"slices"
)

// sampleSize is how many posts stand for a large scope where all of them are too many.
const sampleSize = 4096

// members is a set of posts: by ordinal, by age, and a sample of them.
type members struct {
	list   []Ordinal // ascending
	byAge  []Ordinal // oldest first, equal ones by id; kept once settled
	sample []Ordinal // the sampleSize posts with the least hashes of their ids, by hash; kept once settled

	settled bool
}

func (m *members) add(ix *Index, o Ordinal) {
	if n := len(m.list); n == 0 || m.list[n-1] < o {
		m.list = append(m.list, o)
	} else if i, found := slices.BinarySearch(m.list, o); !found {
		m.list = slices.Insert(m.list, i, o)
	}
	if !m.settled {
		return
	}
	at, _ := slices.BinarySearchFunc(m.byAge, o, ix.compareAges)
	m.byAge = slices.Insert(m.byAge, at, o)
	at, _ = slices.BinarySearchFunc(m.sample, o, ix.compareHashes)
	if at < sampleSize {
		m.sample = slices.Insert(m.sample, at, o)
		m.sample = m.sample[:min(sampleSize, len(m.sample))]
	}
}

func (m *members) remove(ix *Index, o Ordinal) {
	if i, found := slices.BinarySearch(m.list, o); found {
		m.list = slices.Delete(m.list, i, i+1)
	}
	if !m.settled {
		return
	}
	if at, found := slices.BinarySearchFunc(m.byAge, o, ix.compareAges); found {
		m.byAge = slices.Delete(m.byAge, at, at+1)
	}
	if _, found := slices.BinarySearchFunc(m.sample, o, ix.compareHashes); found {
		m.settle(ix) // whoever follows the sample moves up
	}
}

// settle puts what was added so far in order; from then on the order is kept.
func (m *members) settle(ix *Index) {
	m.settled = true
	m.byAge = slices.Clone(m.list)
	slices.SortFunc(m.byAge, ix.compareAges)
	m.sample = slices.Clone(m.list)
	slices.SortFunc(m.sample, ix.compareHashes)
	m.sample = slices.Clip(m.sample[:min(sampleSize, len(m.sample))])
}

func (ix *Index) compareAges(a, b Ordinal) int {
	return cmp.Or(cmp.Compare(ix.entries[a].CreatedAt, ix.entries[b].CreatedAt), ix.CompareIDs(a, b))
}

func (ix *Index) compareHashes(a, b Ordinal) int {
	return cmp.Compare(hash(ix.entries[a].ID), hash(ix.entries[b].ID))
}

// hash spreads ids evenly, one to one (the finish of splitmix64).
func hash(id int64) uint64 {
	x := uint64(id) + 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// Settle prepares the orders that Scope.Newest and Scope.Sample read, for scopes of more than large
// posts; later changes keep them. Call it after a load and after every batch of changes.
func (ix *Index) Settle(large int) {
	if len(ix.all.list) > large && !ix.all.settled {
		ix.all.settle(ix)
	}
	for _, m := range ix.byProject {
		if len(m.list) > large && !m.settled {
			m.settle(ix)
		}
	}
}

// Newest goes through the posts in scope from the newest, equal ones by descending id. It finds
// nothing in a scope that was not settled.
func (s Scope) Newest(visit func(Ordinal) bool) {
	for _, o := range slices.Backward(s.byAge) {
		if !visit(o) {
			return
		}
	}
}

// Sample returns posts that stand for all in scope: the same ones for equal ids, whatever else there is
// to know of them. It is empty for a scope that was not settled; the caller must not change it.
func (s Scope) Sample() []Ordinal { return s.sample }

// Authored returns the posts of an author that any answer may hold, ascending; the caller must not
// change it.
func (ix *Index) Authored(author Name) []Ordinal {
	if m := ix.byAuthor[author]; m != nil {
		return m.list
	}
	return nil
}
