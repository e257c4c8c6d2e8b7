package recommend

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"resonance/internal/catalog"
	"resonance/internal/errs"
	"resonance/internal/interaction"
	"resonance/internal/store"
)

// partsOf returns the parts of every post of an answer, and checks that they add up.
func partsOf(t *testing.T, feed Feed) map[int64]map[string]float64 {
	t.Helper()
	all, before := map[int64]map[string]float64{}, math.Inf(1)
	for _, item := range feed.Items {
		parts, sum := map[string]float64{}, 0.
		for _, part := range item.Parts {
			parts[part.Name] = part.Value
			sum += part.Value
		}
		if sum != item.Score || item.Score > before || all[item.Post.ID] != nil {
			t.Errorf("post %d has the score %g after %g, its parts add up to %g", item.Post.ID, item.Score, before, sum)
		}
		all[item.Post.ID], before = parts, item.Score
	}
	return all
}

// By hand: post 2 is as post 1, post 3 is watched by the same two of three people, post 4 is neither.
func TestSimilarByHand(t *testing.T) {
	w := newWorld()
	w.add(1, 1, axis(0, 0))
	w.add(2, 1, axis(0, 0))
	w.add(3, 1, axis(3, 0))
	w.add(4, 1, axis(5, 0))
	w.did("ann", interaction.View, 1, 3)
	w.did("bob", interaction.Like, 1, 3)
	w.did("cy", interaction.View, 3)
	feed, err := New(w.replica(t)).Similar(context.Background(), SimilarRequest{About: About{TopK: 10}, PostID: 1, Within: catalog.EveryProject()})
	if err != nil {
		t.Fatal(err)
	}
	want := map[int64]map[string]float64{2: {"content": .6}, 3: {"audience": .4 * 2 / math.Sqrt(5*6)}}
	if diff := cmp.Diff(want, partsOf(t, feed), cmpopts.EquateApprox(0, 1e-6)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Lists keep to their project and leave out what is not public and what the asking user hid; a post
// that is out of reach is as one that does not exist.
func TestListsKeepToTheirScope(t *testing.T) {
	w := motley(300, 7)
	w.did("ann", interaction.Hide, 1, 2, 3, 4, 5, 6, 7, 8, 9)
	ctx := context.Background()
	words := func(_ string, _ catalog.Projects, limit int) (ids []int64) {
		for _, p := range w.posts { // a store that knows more than it may show
			ids = append(ids, p.ID)
		}
		return ids[:min(limit, len(ids))]
	}
	e := New(w.replica(t)).Searching(fakeWords(words), fakeMeanings{axis(2, .1), nil})
	projects := map[int64]string{}
	public := map[int64]bool{}
	for _, p := range w.posts {
		projects[p.ID], public[p.ID] = p.Project(), p.Public
	}
	for _, project := range []string{"", "a", "nowhere"} {
		about := About{Project: project, Username: "ann", TopK: 100}
		similar, err1 := e.Similar(ctx, SimilarRequest{About: about, PostID: 10, Within: catalog.EveryProject()})
		trending, err2 := e.Trending(ctx, TrendingRequest{About: about, Window: 366 * 24 * time.Hour})
		search, err3 := e.Search(ctx, SearchRequest{About: about, Query: "x"})
		if err := errors.Join(err1, err2, err3); err != nil {
			t.Fatal(err)
		}
		for name, feed := range map[string]Feed{"similar": similar, "trending": trending, "search": search} {
			for id := range partsOf(t, feed) {
				if project != "" && projects[id] != project || !public[id] || id < 10 {
					t.Errorf("%s in %q: post %d of project %q, public %t", name, project, id, projects[id], public[id])
				}
			}
			if n := len(feed.Items); project == "nowhere" && n != 0 || project == "a" && n < 10 {
				t.Errorf("%s in %q: %d posts", name, project, n)
			}
		}
	}
	for id, project := range projects {
		_, err := e.Similar(ctx, SimilarRequest{About: About{TopK: 1, Project: "a"}, PostID: id, Within: catalog.OnlyProjects("a")})
		_, unknown := e.Similar(ctx, SimilarRequest{About: About{TopK: 1, Project: "a"}, PostID: 4004, Within: catalog.OnlyProjects("a")})
		visible := project == "a" && public[id]
		if visible != (err == nil) || !visible && strings.ReplaceAll(err.Error(), fmt.Sprint(id), "4004") != unknown.Error() {
			t.Errorf("post %d of project %q: %v", id, project, err)
		}
	}
}

type fakeWords func(text string, within catalog.Projects, limit int) []int64

func (f fakeWords) FindWords(_ context.Context, text string, within catalog.Projects, limit int) ([]int64, error) {
	return f(text, within, limit), nil
}

type fakeMeanings struct {
	vector []float32
	err    error
}

func (f fakeMeanings) Embed(context.Context, string) ([]float32, error) { return f.vector, f.err }

// By hand: two people, three days, a window of two.
func TestTrendingByHand(t *testing.T) {
	w := newWorld()
	for id := range int64(5) {
		w.add(id+1, 9, nil)
	}
	act := func(username string, post int64, kind interaction.Kind, age int64) {
		w.event(username, store.EventChange{PostID: post, Kind: kind, Value: interaction.NoValue, At: clock - age})
	}
	act("ann", 1, interaction.View, 0)
	act("ann", 1, interaction.View, day) // counts once
	act("bob", 1, interaction.Like, day)
	act("bob", 2, interaction.View, day)
	act("ann", 3, interaction.View, 3*day) // too old
	act("ann", 4, interaction.View, day)
	act("bob", 4, interaction.Skip, 0) // more turned away than watched
	feed, err := New(w.replica(t)).Trending(context.Background(), TrendingRequest{About: About{TopK: 10}, Window: 48 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	want := map[int64]map[string]float64{1: {"watched": 1 + .5, "liked": 3 * .5}, 2: {"watched": .5}}
	if diff := cmp.Diff(want, partsOf(t, feed), cmpopts.EquateApprox(0, 1e-4)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// By hand: by meaning 1 before 2, by words 3 before 1.
func TestSearchByHand(t *testing.T) {
	w := newWorld()
	w.add(1, 1, axis(0, .1))
	w.add(2, 1, axis(0, .2))
	w.add(3, 1, axis(5, 0))
	w.add(4, 1, axis(4, 0))
	words := fakeWords(func(string, catalog.Projects, int) []int64 { return []int64{3, 404, 1} })
	e := New(w.replica(t)).Searching(words, fakeMeanings{axis(0, 0), nil})
	feed, err := e.Search(context.Background(), SearchRequest{About: About{TopK: 10}, Query: "x"})
	if err != nil {
		t.Fatal(err)
	}
	want := map[int64]map[string]float64{1: {"meaning": 1. / 61, "words": 1. / 62}, 3: {"words": 1. / 61}, 2: {"meaning": 1. / 62}}
	if diff := cmp.Diff(want, partsOf(t, feed)); diff != "" || feed.Items[0].Post.ID != 1 || feed.More {
		t.Errorf("more: %t (-want +got):\n%s", feed.More, diff)
	}
}

func TestPagesOfASearch(t *testing.T) {
	w := motley(400, 8)
	words := fakeWords(func(string, catalog.Projects, int) []int64 { return []int64{300, 200, 100} })
	e := New(w.replica(t)).Searching(words, fakeMeanings{axis(2, .4), nil})
	whole, err := e.Search(context.Background(), SearchRequest{About: About{TopK: 100}, Query: "x"})
	if err != nil {
		t.Fatal(err)
	}
	var want []int64
	for _, item := range whole.Items {
		want = append(want, item.Post.ID)
	}
	var got []int64
	for more := true; more && len(got) < 100; {
		page, err := e.Search(context.Background(), SearchRequest{About: About{TopK: 10}, Query: "x", Served: got})
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page.Items {
			got = append(got, item.Post.ID)
		}
		more = page.More
	}
	if len(want) < 50 || !slices.Equal(got[:min(100, len(got))], want) {
		t.Errorf("pages hold %v, the whole %v", got, want)
	}
}

func TestWrongListsAreRefused(t *testing.T) {
	ctx := context.Background()
	e := New(newWorld().replica(t)).Searching(fakeWords(func(string, catalog.Projects, int) []int64 { return nil }), fakeMeanings{axis(0, 0), nil})
	ten := About{TopK: 10}
	for what, ask := range map[string]func() (Feed, error){
		"no query": func() (Feed, error) { return e.Search(ctx, SearchRequest{About: ten, Query: ""}) },
		"a long query": func() (Feed, error) {
			return e.Search(ctx, SearchRequest{About: ten, Query: strings.Repeat("é", MaxQuery+1)})
		},
		"no size": func() (Feed, error) { return e.Search(ctx, SearchRequest{Query: "x"}) },
		"too large": func() (Feed, error) {
			return e.Trending(ctx, TrendingRequest{About: About{TopK: MaxTopK + 1}, Window: time.Hour})
		},
		"no window":      func() (Feed, error) { return e.Trending(ctx, TrendingRequest{About: ten}) },
		"too long":       func() (Feed, error) { return e.Trending(ctx, TrendingRequest{About: ten, Window: 9999 * time.Hour}) },
		"similar to all": func() (Feed, error) { return e.Similar(ctx, SimilarRequest{}) },
	} {
		if _, err := ask(); !errors.Is(err, errs.Invalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := e.Search(ctx, SearchRequest{About: ten, Query: strings.Repeat("é", MaxQuery)}); err != nil {
		t.Error(err)
	}
	broken := e.Searching(e.words, fakeMeanings{nil, errors.New("refused by 10.0.0.1")})
	if _, err := broken.Search(ctx, SearchRequest{About: ten, Query: "x"}); !errors.Is(err, errs.Unavailable) || errors.Is(err, errs.Invalid) {
		t.Errorf("without an embedder: %v", err)
	}
}

func TestInterestsByHand(t *testing.T) {
	w := newWorld()
	for id := range int64(4) {
		p := w.add(id+1, 1, nil)
		p.Owner.Username = fmt.Sprint("author ", id%2)
		p.Category = &catalog.Category{Name: []string{"sea", "sky"}[id/2]}
		p.Tags = []string{"all", fmt.Sprint("tag ", id)}
		p.ProjectCode = []string{"p", "q"}[id/2]
	}
	w.did("ann", interaction.Like, 1) // 3, one position back: 3·.5^(1/20)
	w.did("ann", interaction.Skip, 3) // -1, the newest
	like, skip := 3*math.Exp2(-1./20), 1.
	total := like + skip
	interests, err := New(w.replica(t)).Interests(context.Background(), "ann", catalog.EveryProject(), 10)
	want := []Interest{
		{CategoryInterest, "sea", like / total}, {TagInterest, "tag 0", like / total},
		{AuthorInterest, "author 0", (like - skip) / total}, {TagInterest, "all", (like - skip) / total},
	}
	if diff := cmp.Diff(want, interests, cmpopts.EquateApprox(0, 1e-9)); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	interests, err = New(w.replica(t)).Interests(context.Background(), "ann", catalog.OnlyProjects("p"), 2)
	want = []Interest{{AuthorInterest, "author 0", 1}, {CategoryInterest, "sea", 1}}
	if diff := cmp.Diff(want, interests); diff != "" || err != nil {
		t.Errorf("of project p: %v (-want +got):\n%s", err, diff)
	}
	if interests, err := New(w.replica(t)).Interests(context.Background(), "nobody", catalog.EveryProject(), 2); len(interests) != 0 || err != nil {
		t.Errorf("nobody's: %v, %v", interests, err)
	}
}
