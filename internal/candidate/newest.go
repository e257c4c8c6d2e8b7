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

// Authored names the posts of an author.
type Authored struct {
	Author catalog.Name
}

// Generate implements Generator: the posts added last come first.
func (a Authored) Generate(q Query) []catalog.Ordinal {
	var named []catalog.Ordinal
	posts := q.Scope.Index().Authored(a.Author)
	for i := len(posts) - 1; i >= 0 && len(named) < q.Limit; i-- {
		if q.Scope.Contains(posts[i]) && q.Allowed(posts[i]) {
			named = append(named, posts[i])
		}
	}
	return named
}
