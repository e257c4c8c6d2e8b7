package catalog

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestZeroIndexIsEmpty(t *testing.T) {
	var ix Index
	ix.Remove(7) // unknown ids are ignored
	if ix.Len() != 0 || ix.Cap() != 0 || ix.Newest() != Never {
		t.Errorf("zero index: Len %d, Cap %d, Newest %d", ix.Len(), ix.Cap(), ix.Newest())
	}
	if _, ok := ix.Lookup(7); ok {
		t.Error("zero index knows post 7")
	}
	for _, project := range []string{"", "p"} {
		if s := ix.Scope(project); s.Len() != 0 || len(s.Ordinals()) != 0 || s.Index() != &ix {
			t.Errorf("scope %q of the zero index holds %v", project, s.Ordinals())
		}
	}
}

func TestIndexNewest(t *testing.T) {
	at := func(year int) int64 { return time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli() }
	put := func(id, createdAt int64, public bool) func(*Index) {
		return func(ix *Index) { ix.Put(Features{ID: id, CreatedAt: createdAt, Public: public}, 1) }
	}
	remove := func(id int64) func(*Index) { return func(ix *Index) { ix.Remove(id) } }
	tests := map[string]struct {
		steps []func(*Index)
		want  int64
	}{
		"before 1970":                    {[]func(*Index){put(1, at(1931), true), put(2, at(1907), true)}, at(1931)},
		"far future":                     {[]func(*Index){put(1, at(9999), true), put(2, at(2026), true)}, at(9999)},
		"the largest time there is":      {[]func(*Index){put(1, math.MaxInt64, true), put(2, 0, true)}, math.MaxInt64},
		"one that is not public counts":  {[]func(*Index){put(1, 5, false), put(2, 3, true)}, 5},
		"the newest leaves":              {[]func(*Index){put(1, 5, true), put(2, 3, true), remove(1)}, 3},
		"the newest becomes older":       {[]func(*Index){put(1, 5, true), put(2, 3, true), put(1, -4, true)}, 3},
		"one of two newest leaves":       {[]func(*Index){put(1, 5, true), put(2, 5, true), remove(1)}, 5},
		"all leave":                      {[]func(*Index){put(1, 5, true), put(2, 5, true), remove(1), remove(2)}, Never},
		"all leave, one returns":         {[]func(*Index){put(1, 5, true), remove(1), put(1, -9, true)}, -9},
		"all leave, an old one comes":    {[]func(*Index){put(1, 5, true), remove(1), put(2, -9, true)}, -9},
		"removed twice, then a new post": {[]func(*Index){put(1, 5, true), remove(1), remove(1), put(2, 1, true)}, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var ix Index
			for _, step := range test.steps {
				step(&ix)
			}
			if got := ix.Newest(); got != test.want {
				t.Errorf("Newest() = %d, want %d", got, test.want)
			}
		})
	}
}

func TestIndexKeepsFeaturesAndOrdinals(t *testing.T) {
	var ix Index
	f := Features{
		ID: MaxID, CreatedAt: -1, Author: "ann", Category: "Vible", Topic: "deep", Project: "vible", Public: true, Locked: true,
		Counters: Counters{Comments: 1, Upvotes: 2, Views: 3, Exits: 4, Ratings: 5, Shares: 6, Bookmarks: 7, AverageRating: -8},
	}
	first := ix.Put(f, 3)
	ix.Remove(MaxID)
	if e := ix.Entry(first); !e.Gone || e.Eligible() || ix.Len() != 0 {
		t.Errorf("after Remove: %+v, Len %d", e, ix.Len())
	}
	again := ix.Put(f, 4)
	if again != first || ix.Cap() != 1 {
		t.Errorf("a post that returns got ordinal %d of %d, had %d", again, ix.Cap(), first)
	}
	e := ix.Entry(again)
	got := Features{
		ID: e.ID, CreatedAt: e.CreatedAt, Public: e.Public, Locked: e.Locked, Counters: f.Counters,
		Author: ix.Authors.Text(e.Author), Category: ix.Categories.Text(e.Category), Topic: ix.Topics.Text(e.Topic), Project: ix.Projects.Text(e.Project),
	}
	if diff := cmp.Diff(f, got); diff != "" || e.Version != 4 || e.Gone || e.Engagement != f.Engagement() {
		t.Errorf("entry %+v; features (-want +got):\n%s", e, diff)
	}
}

// A post without a project is written over where no post has one.
func TestPostWithoutAnyProject(t *testing.T) {
	var ix Index
	ix.Put(Features{ID: 1, CreatedAt: 1, Public: true}, 1)
	if o := ix.Put(Features{ID: 1, CreatedAt: 1, Public: true}, 2); ix.Entry(o).Version != 2 || ix.Len() != 1 {
		t.Errorf("entry %+v of %d", ix.Entry(o), ix.Len())
	}
}

func TestCompareIDsIgnoresOrdinals(t *testing.T) {
	var ix Index
	large, small := ix.Put(Features{ID: MaxID}, 1), ix.Put(Features{ID: 1}, 1)
	if ix.CompareIDs(small, large) >= 0 || ix.CompareIDs(large, small) <= 0 || ix.CompareIDs(small, small) != 0 {
		t.Error("CompareIDs does not order by id")
	}
}

// A post of no project changes where no post has one.
func TestPutAgainWithoutProjects(t *testing.T) {
	var ix Index
	first := ix.Put(Features{ID: 1, Public: true}, 1)
	if again := ix.Put(Features{ID: 1, Public: true, Category: "c"}, 2); again != first || ix.Entry(again).Version != 2 {
		t.Errorf("ordinal %d, then %d with %+v", first, again, ix.Entry(again))
	}
}
