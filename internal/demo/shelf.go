package demo

import (
	"slices"

	"resonance/internal/catalog"
)

// shelf is what there is to watch.
type shelf struct {
	posts    []catalog.Post // by time
	category []string
	appeal   []int64 // 1..9: some posts are simply better loved
	before   []int   // the post before it in its series, or -1
	after    []int   // the post after it in its series, or -1
}

func newShelf(posts []catalog.Post) *shelf {
	n := len(posts)
	s := &shelf{posts: posts, category: make([]string, n), appeal: make([]int64, n), before: make([]int, n), after: make([]int, n)}
	newest := map[[2]string]int{} // of every series so far, by author and first tag
	for i, p := range posts {
		if p.Category != nil {
			s.category[i] = p.Category.Name
		}
		dice := newDice("appeal", p.Owner.Username, p.Description)
		s.appeal[i] = dice.between(1, 3) * dice.between(1, 3)
		s.before[i], s.after[i] = -1, -1
		if len(p.Tags) == 0 {
			continue
		}
		series := [2]string{p.Owner.Username, p.Tags[0]}
		if j, ok := newest[series]; ok {
			s.before[i], s.after[j] = j, i
		}
		newest[series] = i
	}
	return s
}

func common(a, b []string) (n int64) {
	for _, s := range a {
		if slices.Contains(b, s) {
			n++
		}
	}
	return n
}
