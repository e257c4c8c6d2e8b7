package candidate

import "resonance/internal/catalog"

// Newest names the newest posts in scope, or of those the ones that Is accepts, as far as they are
// among the newest patience times Limit.
type Newest struct {
	Is func(*catalog.Entry) bool // nil: all
}

const patience = 20

// Generate implements Generator; it names nothing in a scope that was not settled.
func (n Newest) Generate(q Query) []catalog.Ordinal {
	var named []catalog.Ordinal
	left := patience * q.Limit
	q.Scope.Newest(func(o catalog.Ordinal) bool {
		if left--; left < 0 || len(named) == q.Limit {
			return false
		}
		if (n.Is == nil || n.Is(q.Scope.Index().Entry(o))) && q.Allowed(o) {
			named = append(named, o)
		}
		return true
	})
	return named
}

// Around names the posts in scope that were made nearest to a moment.
type Around struct {
	At int64 // epoch milliseconds
}

// Generate implements Generator; it names nothing in a scope that was not settled.
func (a Around) Generate(q Query) []catalog.Ordinal {
	var named []catalog.Ordinal
	left := patience * q.Limit
	q.Scope.Around(a.At, func(o catalog.Ordinal) bool {
		if left--; left < 0 || len(named) == q.Limit {
			return false
		}
		if q.Allowed(o) {
			named = append(named, o)
		}
		return true
	})
	return named
}

// Authored names the newest posts of an author.
type Authored struct {
	Author catalog.Name
}

// Generate implements Generator. O(posts of the author · log Limit).
func (a Authored) Generate(q Query) []catalog.Ordinal {
	best := newBest(q.Scope.Index(), q.Limit)
	for _, o := range q.Scope.Index().Authored(a.Author) {
		if v := float64(q.Scope.Index().Entry(o).CreatedAt); best.wants(o, v) && q.Scope.Contains(o) && q.Allowed(o) {
			best.take(o, v)
		}
	}
	return best.ordinals()
}
