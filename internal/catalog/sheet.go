package catalog

import (
	"cmp"
	"iter"
	"slices"
)

// Sheet is posts by id, with what feeds read of each of them side by side: at one place of every slice stands
// what is known of one post.
type Sheet struct {
	Posts               []Ordinal
	Created             []int64   // epoch milliseconds
	Made                []float64 // the same, to calculate with
	Authors, Categories []Name
	Engagement          []float64
	places              []int32 // by ordinal, 1 and more; 0 for a post that is not in it
	byAge               []int32 // places, the newest post first; nil in a sheet that is no scope's
}

// Sheet returns the posts in scope. That of one project, or of all, is made once and kept until they change; the
// caller must not change it.
func (s Scope) Sheet() *Sheet {
	if s.sheet == nil {
		return s.newSheet()
	}
	sheet := s.sheet.Load()
	if sheet == nil {
		sheet = s.newSheet()
		s.sheet.Store(sheet)
	}
	return sheet
}

func (s Scope) newSheet() *Sheet {
	sheet := new(Sheet)
	sheet.Read(s.index, s.index.ByID(slices.Clone(s.list)))
	sheet.places = make([]int32, s.index.Cap())
	for i, o := range sheet.Posts {
		sheet.places[o] = int32(i + 1)
	}
	sheet.byAge = make([]int32, 0, len(sheet.Posts))
	for i := range slices.Backward(sheet.Posts) { // ids mostly grow with time
		sheet.byAge = append(sheet.byAge, int32(i))
	}
	slices.SortFunc(sheet.byAge, func(a, b int32) int { return cmp.Compare(sheet.Created[b], sheet.Created[a]) })
	return sheet
}

// Read makes s the sheet of these posts, which it keeps: all but their places and ages.
func (s *Sheet) Read(ix *Index, posts []Ordinal) {
	s.Posts, s.places, s.byAge = posts, nil, nil
	s.Created, s.Made, s.Engagement = s.Created[:0], s.Made[:0], s.Engagement[:0]
	s.Authors, s.Categories = s.Authors[:0], s.Categories[:0]
	for _, o := range posts {
		e := &ix.entries[o]
		s.Created, s.Made = append(s.Created, e.CreatedAt), append(s.Made, float64(e.CreatedAt))
		s.Engagement = append(s.Engagement, e.Engagement)
		s.Authors, s.Categories = append(s.Authors, e.Author), append(s.Categories, e.Category)
	}
}

// Place returns where in a scope's sheet the post at o stands, if it is in scope.
func (s *Sheet) Place(o Ordinal) (place int32, known bool) {
	if int(o) >= len(s.places) {
		return 0, false
	}
	return s.places[o] - 1, s.places[o] > 0
}

// Since goes through the places of the posts that were made at a moment, in epoch milliseconds, or after it. In the sheet
// of a scope it costs as much as there are such posts.
func (s *Sheet) Since(moment int64) iter.Seq[int] {
	return func(yield func(int) bool) {
		if s.byAge == nil {
			for i, created := range s.Created {
				if created >= moment && !yield(i) {
					return
				}
			}
			return
		}
		for _, i := range s.byAge {
			if s.Created[i] < moment || !yield(int(i)) {
				return
			}
		}
	}
}

// Newest returns when the newest post was made of those whose places are not out, which ascends; Never where there is none.
func (s *Sheet) Newest(out []int32) int64 {
	if s.byAge == nil {
		newest := int64(Never)
		for i, created := range s.Created {
			if len(out) > 0 && int(out[0]) == i {
				out = out[1:]
				continue
			}
			newest = max(newest, created)
		}
		return newest
	}
	for _, i := range s.byAge {
		if _, is := slices.BinarySearch(out, i); !is {
			return s.Created[i]
		}
	}
	return Never
}
