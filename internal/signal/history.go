package signal

import (
	"cmp"
	"slices"

	"resonance/internal/catalog"
	"resonance/internal/collab"
	"resonance/internal/interaction"
	"resonance/internal/profile"
)

// Row returns the posts that a user touched, by the time of the first touch, then by id: what
// others' signals learn from. Posts that are unknown or gone are left out.
func Row(index *catalog.Index, history interaction.History) []collab.Touch {
	var row []collab.Touch
	known := make(map[int32]bool, len(history))
	for _, e := range history { // by time, then by post
		if known[e.PostID] || !interaction.IsTouch(e.Kind, int(e.Value)) {
			continue
		}
		known[e.PostID] = true
		if o, ok := present(index, int64(e.PostID)); ok {
			row = append(row, collab.Touch{Item: int32(o), At: e.At})
		}
	}
	return row
}

// Touches returns what a profile says of posts that are present, newest first: by the time of the
// first touch, of a dislike by that of the last; then by descending id.
func Touches(index *catalog.Index, p profile.Profile) []Touch {
	touches := make([]Touch, 0, len(p.Touches()))
	for _, t := range p.Touches() {
		o, ok := present(index, t.PostID)
		switch {
		case !ok:
		case t.Touched:
			touches = append(touches, Touch{Post: o, At: t.FirstAt, Weight: t.Weight, Seen: true})
		case t.Weight != 0:
			touches = append(touches, Touch{Post: o, At: t.LastAt, Weight: t.Weight})
		}
	}
	slices.SortFunc(touches, func(a, b Touch) int {
		return cmp.Or(cmp.Compare(b.At, a.At), index.CompareIDs(b.Post, a.Post))
	})
	turn(index, touches)
	return touches
}

// turn counts for every touch, newest first, how many posts of its category were skipped after the newest
// touch of that category.
func turn(index *catalog.Index, touches []Touch) {
	skips, met := map[catalog.Name]int{}, map[catalog.Name]bool{}
	for i := range touches {
		t := &touches[i]
		category := index.Entry(t.Post).Category
		switch {
		case category == 0:
		case t.Seen:
			t.Turned, met[category] = skips[category], true
		case !met[category]:
			skips[category]++
		}
	}
}

func present(index *catalog.Index, id int64) (catalog.Ordinal, bool) {
	o, ok := index.Lookup(id)
	return o, ok && !index.Entry(o).Gone
}
