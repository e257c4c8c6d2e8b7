package catalog

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// A scope's sheet is the same one until something in it changes, and then says what has changed.
func TestSheet(t *testing.T) {
	index := new(Index)
	put := func(id int64, project, category string) {
		index.Put(Features{ID: id, Public: true, Project: project, Category: category, CreatedAt: 10 * id}, id)
	}
	put(3, "a", "bread")
	put(1, "a", "stars")
	put(2, "b", "bread")
	check := func(project string, ids ...int64) {
		t.Helper()
		sheet, fresh := index.Scope(project).Sheet(), new(Sheet)
		var got []int64
		for i, o := range sheet.Posts {
			got = append(got, index.Entry(o).ID)
			if place, known := sheet.Place(o); !known || int(place) != i {
				t.Errorf("post %d is at %d, known: %t", got[i], place, known)
			}
		}
		if diff := cmp.Diff(ids, got); diff != "" {
			t.Errorf("posts (-want +got):\n%s", diff)
		}
		fresh.Read(index, sheet.Posts)
		if diff := cmp.Diff(fresh, sheet, cmpopts.IgnoreUnexported(Sheet{}), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("read anew (-want +got):\n%s", diff)
		}
		if project != "unknown" && index.Scope(project).Sheet() != sheet {
			t.Errorf("the sheet of %q was not kept", project)
		}
	}
	check("", 1, 2, 3)
	check("a", 1, 3)
	check("unknown")
	put(4, "a", "bread") // one comes
	check("", 1, 2, 3, 4)
	check("a", 1, 3, 4)
	check("b", 2)
	put(1, "a", "bread") // one changes where it stands
	check("", 1, 2, 3, 4)
	check("a", 1, 3, 4)
	put(4, "b", "bread") // one moves
	check("a", 1, 3)
	check("b", 2, 4)
	index.Remove(3) // one goes
	check("", 1, 2, 4)
	check("a", 1)
	if _, known := index.Scope("a").Sheet().Place(99); known {
		t.Error("a post that nobody knows has a place")
	}
}

// What a scope's sheet says of ages it finds by their order; one that is no scope's looks at every post, and says the same.
func TestSheetAges(t *testing.T) {
	index := new(Index)
	for id, created := range []int64{30, -10, 50, 30, 20} {
		index.Put(Features{ID: int64(id), Public: true, CreatedAt: created}, 1)
	}
	ordered, plain := index.Scope("").Sheet(), new(Sheet)
	plain.Read(index, ordered.Posts)
	for name, sheet := range map[string]*Sheet{"of a scope": ordered, "of posts": plain} {
		for moment, want := range map[int64][]int{Never: {0, 1, 2, 3, 4}, -10: {0, 1, 2, 3, 4}, 21: {0, 2, 3}, 30: {0, 2, 3}, 51: nil} {
			if diff := cmp.Diff(want, slices.Sorted(sheet.Since(moment))); diff != "" {
				t.Errorf("%s: places since %d (-want +got):\n%s", name, moment, diff)
			}
		}
		for place := range sheet.Since(40) { // a loop may end early
			if place != 2 {
				t.Errorf("%s: the only post since 40 is at %d", name, place)
			}
			break
		}
		for _, test := range []struct {
			out  []int32
			want int64
		}{{nil, 50}, {[]int32{0, 1}, 50}, {[]int32{2}, 30}, {[]int32{0, 2, 3}, 20}, {[]int32{0, 1, 2, 3, 4}, Never}} {
			if got := sheet.Newest(test.out); got != test.want {
				t.Errorf("%s: without %v the newest is of %d, want %d", name, test.out, got, test.want)
			}
		}
	}
	if got := new(Sheet).Newest(nil); got != Never {
		t.Errorf("of no posts the newest is of %d", got)
	}
}
