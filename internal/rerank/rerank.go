// Package rerank turns scored candidates into the final order of a feed.
package rerank

import (
	"cmp"
	"slices"

	"resonance/internal/catalog"
	"resonance/internal/rank"
)

// Scored is a candidate with its score.
type Scored struct {
	Ordinal catalog.Ordinal
	PostID  int64
	Score   float64
	Parts   rank.Parts
	SeenAt  int64 // when the user last saw the post, epoch milliseconds; counts only with Seen
	Seen    bool
}

// Order sorts candidates into the order of the feed and returns the first k: posts not seen yet,
// best score first, and only when those run out the seen ones, least recently seen first. Equal
// candidates order by id, so the order is total.
func Order(candidates []Scored, k int) []Scored {
	slices.SortFunc(candidates, compare)
	return candidates[:min(k, len(candidates))]
}

func compare(a, b Scored) int {
	switch {
	case a.Seen != b.Seen:
		if b.Seen {
			return -1
		}
		return 1
	case a.Seen:
		return cmp.Or(cmp.Compare(a.SeenAt, b.SeenAt), cmp.Compare(a.PostID, b.PostID))
	}
	return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.PostID, b.PostID))
}
