package recommend

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"resonance/internal/catalog"
	"resonance/internal/errs"
	"resonance/internal/interaction"
)

// motley returns a world of n posts of a few authors, categories, topics, tags and projects.
func motley(n int64, seed uint64) *world {
	r := rand.New(rand.NewPCG(seed, 31))
	w := newWorld()
	for id := range n {
		p := w.add(id+1, r.IntN(90), axis(r.IntN(8), float32(r.IntN(5))*.1))
		p.Owner.Username = fmt.Sprint("author ", r.IntN(30))
		p.Category = &catalog.Category{Name: fmt.Sprint("category ", r.IntN(5))}
		p.ProjectCode = []string{"", "a", "b"}[r.IntN(3)]
		p.Locked, p.Public = r.IntN(4) == 0, r.IntN(20) > 0
		if r.IntN(2) == 0 {
			p.Topic = &catalog.Topic{ID: 1 + r.Int64N(4)}
		}
		for tag := range 4 {
			if r.IntN(4) == 0 {
				p.Tags = append(p.Tags, fmt.Sprint("tag ", tag))
			}
		}
	}
	for range 20 * n {
		if r.IntN(20) == 0 {
			w.did(fmt.Sprint("user ", r.IntN(20)), interaction.Kinds()[r.IntN(10)], 1+r.Int64N(n))
		}
	}
	return w
}

// turn asks for one page.
func turn(t *testing.T, e *Engine, request Request) (page []int64, more bool) {
	t.Helper()
	feed, err := e.Feed(context.Background(), request)
	if err != nil {
		t.Fatalf("%+v: %v", request, err)
	}
	for _, item := range feed.Items {
		page = append(page, item.Post.ID)
	}
	return page, feed.More
}

// turnAll asks for all pages and checks that none repeats a post or is short of any.
func turnAll(t *testing.T, e *Engine, request Request) []int64 {
	t.Helper()
	for more := true; more; {
		var page []int64
		page, more = turn(t, e, request)
		if want := min(request.TopK, Depth-len(request.Served)); more && len(page) != want {
			t.Errorf("%+v: a page of %d, want %d", request.Filter, len(page), want)
		}
		for _, id := range page {
			if slices.Contains(request.Served, id) {
				t.Fatalf("post %d comes twice", id)
			}
		}
		request.Served = append(request.Served, page...)
	}
	return request.Served
}

// Pages hold everything that the user may see, once: unseen posts first.
func TestPagesHoldEverythingOnce(t *testing.T) {
	w := motley(300, 1)
	e := New(w.replica(t))
	for _, project := range []string{"", "a", "nowhere"} {
		for _, excludeSeen := range []bool{false, true} {
			request := Request{Username: "user 3", Project: project, TopK: 17, ExcludeSeen: excludeSeen}
			served := turnAll(t, e, request)
			hidden, seen := w.doneBy("user 3", interaction.Hide), w.seenBy("user 3")
			want := 0
			for _, p := range w.posts {
				if p.Public && (project == "" || p.Project() == project) && !hidden[p.ID] && (!excludeSeen || !seen[p.ID]) {
					want++
				}
			}
			if len(served) != want || project == "" && want < 100 {
				t.Errorf("project %q, seen excluded %t: %d posts, want %d", project, excludeSeen, len(served), want)
			}
			sawSeen := false
			for _, id := range served {
				if sawSeen && !seen[id] {
					t.Errorf("project %q: the unseen post %d comes behind seen ones", project, id)
				}
				sawSeen = sawSeen || seen[id]
			}
			if again := turnAll(t, e, request); !slices.Equal(again, served) {
				t.Errorf("project %q: the same pages at the same state differ", project)
			}
		}
	}
}

// doneBy returns the posts that a user did something with.
func (w *world) doneBy(username string, kinds ...interaction.Kind) map[int64]bool {
	done := map[int64]bool{}
	for _, u := range w.users {
		for _, e := range w.events {
			if u.Username == username && e.UserID == u.ID && slices.Contains(kinds, e.Kind) {
				done[e.PostID] = true
			}
		}
	}
	return done
}

func (w *world) seenBy(username string) map[int64]bool {
	kinds := slices.DeleteFunc(interaction.Kinds(), func(k interaction.Kind) bool { return !k.Seen() })
	return w.doneBy(username, kinds...)
}

// A thousand posts deep, in a catalogue that is not ranked whole, without a repeat; there it ends.
func TestAThousandPostsDeep(t *testing.T) {
	e := New(motley(20_000, 2).replica(t))
	for _, filter := range []Filter{{}, {UnlockedOnly: true}} {
		served := turnAll(t, e, Request{Username: "user 1", TopK: 70, Filter: filter, Plain: true})
		if len(served) != Depth {
			t.Errorf("%+v: %d posts, want %d", filter, len(served), Depth)
		}
		page, more := turn(t, e, Request{Username: "user 1", TopK: 70, Filter: filter, Served: served})
		if len(page) != 0 || more {
			t.Errorf("behind the last page are %d posts, more %t", len(page), more)
		}
	}
}

// What the user does on one page counts on the next.
func TestALikeOnPageOneChangesPageTwo(t *testing.T) {
	w := newWorld()
	for theme := range int64(8) {
		for n := range int64(12) {
			w.add(8*n+theme+1, 3, axis(int(theme), float32(n)*.02))
		}
	}
	e := New(w.replica(t))
	request := Request{Username: "ann", TopK: 5}
	first, _ := turn(t, e, request)
	request.Served = first
	before, _ := turn(t, e, request)
	liked := first[2]
	w.did("ann", interaction.Inspire, liked)
	after, _ := turn(t, e, request)
	if slices.Equal(before, after) {
		t.Fatalf("page two is %v before and after a like of %d", before, liked)
	}
	for _, id := range after {
		if slices.Contains(first, id) || (id-liked)%8 != 0 {
			t.Errorf("after %d was liked on page %v, page two is %v", liked, first, after)
		}
	}
}

// Filters hold what they ask for and nothing else, whole: they are no late filter that would shorten
// a page.
func TestFilters(t *testing.T) {
	small, large := motley(300, 3), motley(20_000, 4)
	day20, day40 := int64(clock-20*day), int64(clock-40*day)
	tests := map[string]struct {
		filter Filter
		holds  func(*catalog.Post) bool
	}{
		"categories": {Filter{Categories: []string{"category 1", "category 3", "unknown"}}, func(p *catalog.Post) bool {
			return p.Category.Name == "category 1" || p.Category.Name == "category 3"
		}},
		"topics": {Filter{Topics: []string{"2"}}, func(p *catalog.Post) bool { return p.Topic != nil && p.Topic.ID == 2 }},
		"tags": {Filter{Tags: []string{"tag 0", "tag 3"}}, func(p *catalog.Post) bool {
			return slices.Contains(p.Tags, "tag 0") || slices.Contains(p.Tags, "tag 3")
		}},
		"authors":          {Filter{Authors: []string{"author 7", "author 9"}}, func(p *catalog.Post) bool { return p.Owner.Username == "author 7" || p.Owner.Username == "author 9" }},
		"excluded authors": {Filter{ExcludedAuthors: []string{"author 7", "author 8"}}, func(p *catalog.Post) bool { return p.Owner.Username != "author 7" && p.Owner.Username != "author 8" }},
		"excluded posts":   {Filter{ExcludedPosts: []int64{1, 2, 3, 404}}, func(p *catalog.Post) bool { return p.ID > 3 }},
		"created after":    {Filter{CreatedAfter: &day20}, func(p *catalog.Post) bool { return !p.CreatedAt.Before(time.UnixMilli(day20)) }},
		"created before":   {Filter{CreatedBefore: &day40}, func(p *catalog.Post) bool { return p.CreatedAt.Before(time.UnixMilli(day40)) }},
		"unlocked":         {Filter{UnlockedOnly: true}, func(p *catalog.Post) bool { return !p.Locked }},
		"all together": {
			Filter{Categories: []string{"category 2"}, Tags: []string{"tag 1"}, CreatedBefore: &day20, UnlockedOnly: true, ExcludedAuthors: []string{"author 1"}},
			func(p *catalog.Post) bool {
				return p.Category.Name == "category 2" && slices.Contains(p.Tags, "tag 1") && p.CreatedAt.Before(time.UnixMilli(day20)) && !p.Locked && p.Owner.Username != "author 1"
			},
		},
		"nothing is known": {Filter{Tags: []string{"unknown"}}, func(*catalog.Post) bool { return false }},
	}
	for _, w := range []*world{small, large} {
		e := New(w.replica(t))
		for name, test := range tests {
			t.Run(fmt.Sprint(name, " of ", len(w.posts)), func(t *testing.T) {
				request := Request{Username: "user 2", Project: "a", TopK: 100, Filter: test.filter, Plain: true}
				if len(w.posts) > 1000 {
					request.Project = ""
				}
				served := turnAll(t, e, request)
				hidden, want, byID := w.doneBy("user 2", interaction.Hide), 0, map[int64]*catalog.Post{}
				for i := range w.posts {
					p := &w.posts[i]
					byID[p.ID] = p
					if p.Public && !hidden[p.ID] && (request.Project == "" || p.Project() == request.Project) && test.holds(p) {
						want++
					}
				}
				if len(served) != min(want, Depth) || want == 0 != (name == "nothing is known") {
					t.Errorf("%d posts, want %d", len(served), want)
				}
				for _, id := range served {
					if !test.holds(byID[id]) {
						t.Errorf("post %d: %+v", id, byID[id])
					}
				}
			})
		}
	}
}

// The more being new counts, the newer the first page; at 0 age does not count.
func TestFreshness(t *testing.T) {
	w := motley(400, 5)
	e := New(w.replica(t))
	age := func(freshness float64) (days float64) {
		feed, err := e.Feed(context.Background(), Request{Username: "user 4", TopK: 30, Freshness: &freshness})
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range feed.Items {
			days += float64(clock-item.Post.CreatedAt.UnixMilli()) / day / 30
			for _, part := range item.Parts {
				if part.Name == "freshness" && freshness == 0 && part.Value != 0 {
					t.Errorf("at 0 being new adds %g to post %d", part.Value, item.Post.ID)
				}
			}
		}
		return days
	}
	if none, half, all := age(0), age(.5), age(1); !(none > half && half > all) {
		t.Errorf("mean ages at 0, .5 and 1: %.1f, %.1f, %.1f days", none, half, all)
	}
	half := .5
	learnt, _ := turn(t, e, Request{Username: "user 4", TopK: 30})
	if same, _ := turn(t, e, Request{Username: "user 4", TopK: 30, Freshness: &half}); !slices.Equal(same, learnt) {
		t.Error(".5 is another feed than what was learnt")
	}
}

// Reasons name posts of the feed's own project, and only posts that may be shown.
func TestReasonsStayInScope(t *testing.T) {
	w := motley(300, 6)
	e := New(w.replica(t))
	named := 0
	for user := range 20 {
		for _, project := range []string{"", "a"} {
			feed, err := e.Feed(context.Background(), Request{Username: fmt.Sprint("user ", user), Project: project, TopK: 50})
			if err != nil {
				t.Fatal(err)
			}
			for _, item := range feed.Items {
				if len(item.Reasons) < 1 || len(item.Reasons) > mostReasons {
					t.Errorf("post %d has %d reasons", item.Post.ID, len(item.Reasons))
				}
				for _, r := range item.Reasons {
					if r.Text(item.Post) == "" {
						t.Errorf("no words for %+v", r)
					}
					if r.PostID == 0 {
						continue
					}
					named++
					if r.Post == nil || r.Post.ID != r.PostID || !r.Post.Public || project != "" && r.Post.Project() != project {
						t.Errorf("project %q: post %d because of %d: %+v", project, item.Post.ID, r.PostID, r.Post)
					}
				}
			}
		}
	}
	if named < 100 {
		t.Errorf("only %d reasons name a post", named)
	}
}

func TestReasonsInWords(t *testing.T) {
	about := &catalog.Post{Owner: catalog.Owner{FirstName: "Mara", LastName: "Linde", Username: "mara"}}
	titled := &catalog.Post{Title: " Salt &\n light  on the\tharbour wall "}
	long := &catalog.Post{Title: "ééééééééé ééééééééé ééééééééé ééééééééé ééééééééé ééééééééé!"}
	for want, r := range map[string]Reason{
		"Because you liked Salt & light on the harbour wall": {Kind: BecauseLiked, Post: titled},
		"Because you liked a video by Mara Linde":            {Kind: BecauseLiked, Post: about},
		"Because you watched a video by bo":                  {Kind: BecauseWatched, Post: &catalog.Post{Owner: catalog.Owner{Username: "bo"}}},
		"Because you watched another video":                  {Kind: BecauseWatched, Post: &catalog.Post{}},
		"Because you liked ééééééééé ééééééééé ééééééééé ééééééééé ééééééééé ééééééééé!": {Kind: BecauseLiked, Post: long},
		"Because you liked ééééééééé ééééééééé ééééééééé ééééééééé ééééééééé ééééééééé…": {Kind: BecauseLiked, Post: &catalog.Post{Title: long.Title + "!"}},
		"People who watched Salt & light on the harbour wall went on to this":            {Kind: WatchedNext, Post: titled},
		"By Mara Linde, whom you keep coming back to":                                    {Kind: FromAuthor, Author: "mara"},
		"More in Vible": {Kind: InCategory, Category: "Vible"},
		"New in vible":  {Kind: JustIn, Category: "vible"},
		"New":           {Kind: JustIn},
		"Popular now":   {Kind: PopularNow},
	} {
		if got := r.Text(about); got != want {
			t.Errorf("%+v: %q, want %q", r, got, want)
		}
	}
	all := map[string]ReasonKind{}
	for _, kind := range []ReasonKind{BecauseLiked, BecauseWatched, WatchedNext, FromAuthor, InCategory, PopularNow, WellReceived, JustIn, Explored, SeenBefore, InCatalogue} {
		text := Reason{Kind: kind}.Text(about)
		if other, taken := all[text]; text == "" || taken {
			t.Errorf("%s and %s read %q", kind, other, text)
		}
		all[text] = kind
	}
}

func TestWrongPagesAreRefused(t *testing.T) {
	e := New(newWorld().replica(t))
	below, above, nan := -.01, 1.01, 0.
	nan /= nan
	for name, request := range map[string]Request{
		"diversity": {Diversity: &above}, "freshness": {Freshness: &below}, "no number": {Freshness: &nan},
		"names": {Filter: Filter{Tags: make([]string, MaxFilterNames+1)}}, "posts": {Filter: Filter{ExcludedPosts: make([]int64, MaxFilterPosts+1)}},
	} {
		request.Username, request.TopK = "ann", 10
		if _, err := e.Feed(context.Background(), request); !errors.Is(err, errs.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
