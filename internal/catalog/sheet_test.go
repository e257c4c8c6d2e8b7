package catalog

import (
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
