package catalog

import (
	"cmp"
	"slices"
	"sync/atomic"

	"github.com/viterin/partial"
)

// sampleSize is how many posts stand for a large scope where all of them are too many: deviations
// are right to about 2 %.
const sampleSize = 1024

// members is a set of posts: by ordinal and, once settled, by age, as bits, and a sample of them.
type members struct {
	list   []Ordinal // ascending
	byAge  []Ordinal // oldest first, equal ones by id
	sample []Ordinal // the posts with the least hashes of their ids, by hash: sampleSize, and as many that may move up
	bits   []uint64  // bit o%64 of word o/64 is set for the post at o

	settled bool

	sheet *atomic.Pointer[Sheet] // where that of Scope.Sheet is kept; nil where none is
}

// changed forgets what was made of the set.
func (m *members) changed() {
	if m.sheet == nil || m.sheet.Load() != nil {
		m.sheet = new(atomic.Pointer[Sheet])
	}
}

func (m *members) add(ix *Index, o Ordinal) {
	m.changed()
	if n := len(m.list); n == 0 || m.list[n-1] < o {
		m.list = append(m.list, o)
	} else if i, found := slices.BinarySearch(m.list, o); !found {
		m.list = slices.Insert(m.list, i, o)
	}
	if !m.settled {
		return
	}
	m.set(o)
	at, _ := slices.BinarySearchFunc(m.byAge, o, ix.compareAges)
	m.byAge = slices.Insert(m.byAge, at, o)
	at, _ = slices.BinarySearchFunc(m.sample, o, ix.compareHashes)
	if at < len(m.sample) || len(m.sample) == len(m.list)-1 {
		m.sample = slices.Insert(m.sample, at, o)
		m.sample = m.sample[:min(2*sampleSize, len(m.sample))]
	}
}

func (m *members) remove(ix *Index, o Ordinal) {
	m.changed()
	if i, found := slices.BinarySearch(m.list, o); found {
		m.list = slices.Delete(m.list, i, i+1)
	}
	if !m.settled {
		return
	}
	m.bits[o/64] &^= 1 << (o % 64)
	if at, found := slices.BinarySearchFunc(m.byAge, o, ix.compareAges); found {
		m.byAge = slices.Delete(m.byAge, at, at+1)
	}
	if at, found := slices.BinarySearchFunc(m.sample, o, ix.compareHashes); found {
		m.sample = slices.Delete(m.sample, at, at+1)
		if len(m.sample) < min(sampleSize, len(m.list)) {
			m.draw(ix)
		}
	}
}

// settle puts what was added so far in order; from then on the order is kept.
func (m *members) settle(ix *Index) {
	m.settled = true
	m.bits = nil
	for _, o := range m.list {
		m.set(o)
	}
	m.byAge = slices.Clone(m.list)
	slices.SortFunc(m.byAge, ix.compareAges)
	m.draw(ix)
}

// draw finds the sample again.
func (m *members) draw(ix *Index) {
	all := slices.Clone(m.list)
	n := min(2*sampleSize, len(all))
	partial.SortFunc(all, n, ix.compareHashes)
	m.sample = slices.Clone(all[:n])
}

// sets are the posts of every name, nil where none ever had it.
type sets []*members

func (s sets) of(name Name) *members {
	if int(name) >= len(s) {
		return nil
	}
	return s[name]
}

// add adds a post to the set of its name, unless the name is empty.
func (s *sets) add(name Name, ix *Index, o Ordinal) {
	if name == 0 {
		return
	}
	if n := int(name) + 1 - len(*s); n > 0 {
		*s = append(*s, make([]*members, n)...)
	}
	if (*s)[name] == nil {
		(*s)[name] = new(members)
	}
	(*s)[name].add(ix, o)
}

func (m *members) set(o Ordinal) {
	for int(o/64) >= len(m.bits) {
		m.bits = append(m.bits, 0)
	}
	m.bits[o/64] |= 1 << (o % 64)
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
		if m != nil && len(m.list) > large && !m.settled {
			m.settle(ix)
		}
	}
}

// Settled reports whether the scope is a large one that Settle has prepared.
func (s Scope) Settled() bool { return s.settled }

// Has reports whether the post at o is in a scope that was settled.
func (s Scope) Has(o Ordinal) bool {
	return int(o/64) < len(s.bits) && s.bits[o/64]>>(o%64)&1 != 0
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

// Around goes through the posts in scope from the one that was made nearest to a moment, in epoch
// milliseconds; of equally near ones the newer come first. It finds nothing in a scope that was not settled.
func (s Scope) Around(at int64, visit func(Ordinal) bool) {
	made := func(i int) int64 { return s.index.entries[s.byAge[i]].CreatedAt }
	after, _ := slices.BinarySearchFunc(s.byAge, at, func(o Ordinal, at int64) int { return cmp.Compare(s.index.entries[o].CreatedAt, at) })
	for before := after - 1; before >= 0 || after < len(s.byAge); {
		next := after
		if after == len(s.byAge) || before >= 0 && apart(made(before), at) < apart(made(after), at) {
			next = before
			before--
		} else {
			after++
		}
		if !visit(s.byAge[next]) {
			return
		}
	}
}

// apart returns how far two moments are apart, which an int64 may not hold.
func apart(a, b int64) uint64 { return uint64(max(a, b)) - uint64(min(a, b)) }

// Sample returns posts that stand for all in scope: the same ones for equal ids, whatever else there is
// to know of them. It is empty for a scope that was not settled; the caller must not change it.
func (s Scope) Sample() []Ordinal { return s.sample[:min(sampleSize, len(s.sample))] }

// Authored returns the posts of an author that any answer may hold, ascending; the caller must not
// change it.
func (ix *Index) Authored(author Name) []Ordinal {
	if m := ix.byAuthor.of(author); m != nil {
		return m.list
	}
	return nil
}
