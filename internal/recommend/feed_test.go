package recommend

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"resonance/internal/catalog"
	"resonance/internal/errs"
	"resonance/internal/interaction"
	"resonance/internal/lambdamart"
	"resonance/internal/learn"
	"resonance/internal/rank"
	"resonance/internal/signal"
	"resonance/internal/store"
)

// catalogue returns a world of eight themes with six posts each: 10·theme + 0..5, all of one age.
func catalogue() *world {
	w := newWorld()
	for theme := range int64(8) {
		for n := range int64(6) {
			w.add(10*theme+n+1, 3, axis(int(theme), float32(n)*.05))
		}
	}
	return w
}

func theme(id int64) int64 { return (id - 1) / 10 }

func TestLikedThemeLeads(t *testing.T) {
	for liked := range int64(8) {
		w := catalogue()
		for other := range int64(8) { // a post of each theme is popular
			w.did(fmt.Sprint("someone ", other), interaction.Like, 10*other+1)
		}
		w.did("ann", interaction.Like, 10*liked+1)
		got := ids(w.feed(t, Request{Username: "ann", TopK: 5}))
		for _, id := range got {
			if theme(id) != liked || id == 10*liked+1 {
				t.Errorf("theme %d is liked, the feed leads with %v", liked, got)
			}
		}
	}
}

// What is liked now comes before what was liked long ago, and a skip pushes away.
func TestTasteMoves(t *testing.T) {
	w := catalogue()
	e := New(w.replica(t))
	w.did("ann", interaction.Inspire, 21, 22)
	if got := ids(feed(t, e, Request{Username: "ann", TopK: 1})); theme(got[0]) != 2 {
		t.Errorf("after inspires of theme 2: %v", got)
	}
	w.did("ann", interaction.Inspire, 51, 52, 53)
	if got := ids(feed(t, e, Request{Username: "ann", TopK: 1})); theme(got[0]) != 5 {
		t.Errorf("after inspires of theme 5, the very next feed: %v", got)
	}
	w.did("ann", interaction.Skip, 54)
	last := ids(feed(t, e, Request{Username: "bob", TopK: 1}))
	w.did("bob", interaction.Skip, last[0])
	if got := ids(feed(t, e, Request{Username: "bob", TopK: 20})); len(got) != 20 || theme(got[0]) == theme(last[0]) {
		t.Errorf("after a skip of post %d: %v", last[0], got)
	}
}

// One feed by hand. Ann likes post 1; bob views 2 and, a second later, likes 3. Of two posts that a
// signal tells apart one is a deviation above the mean and one below.
func TestFeedByHand(t *testing.T) {
	w := newWorld()
	w.add(1, 0, axis(0, 0))
	w.add(2, 7, axis(0, 0)).UpvoteCount = 30
	w.add(3, 21, axis(1, 0)).AverageRating = 40
	w.did("ann", interaction.Like, 1)
	w.did("bob", interaction.View, 2)
	w.did("bob", interaction.Like, 3)
	first := []rank.Part{
		{Name: "taste", Value: 1}, {Name: "recent", Value: 1}, {Name: "popularity", Value: -1}, {Name: "buzz", Value: -1},
		{Name: "freshness", Value: 1},
		{Name: "engagement", Value: 1}, {Name: "nearness", Value: 2},
	}
	var second []rank.Part
	for _, part := range first {
		second = append(second, rank.Part{Name: part.Name, Value: -part.Value})
	}
	answer := w.feed(t, Request{Username: "ann", TopK: 2})
	if diff := cmp.Diff([]int64{2, 3}, ids(answer)); diff != "" {
		t.Fatalf("posts (-want +got):\n%s", diff)
	}
	for i, want := range [][]rank.Part{first, second} {
		if diff := cmp.Diff(want, answer.Items[i].Parts, cmpopts.EquateApprox(0, 1e-6)); diff != "" {
			t.Errorf("parts of post %d (-want +got):\n%s", answer.Items[i].Post.ID, diff)
		}
	}
	reasons := [][]Reason{
		{{Kind: BecauseLiked, PostID: 1, Weight: 4}, {Kind: JustIn, Weight: 1}, {Kind: PopularNow, Weight: 1}},
		{{Kind: PopularNow, Weight: 2}},
	}
	for i, want := range reasons {
		if diff := cmp.Diff(want, answer.Items[i].Reasons, cmpopts.EquateApprox(0, 1e-6), cmpopts.IgnoreFields(Reason{}, "Post", "Viewer")); diff != "" {
			t.Errorf("reasons of post %d (-want +got):\n%s", answer.Items[i].Post.ID, diff)
		}
	}
}

// Without a known taste, what everyone likes and what is new lead.
func TestNewUserGetsPopularAndNew(t *testing.T) {
	w := newWorld()
	for id := range int64(20) {
		w.add(id+1, 100, axis(int(id%8), 0))
	}
	w.add(98, 0, nil) // new, not even embedded
	w.did("bob", interaction.Like, 7)
	w.did("eve", interaction.Inspire, 7)
	w.did("newcomer", interaction.Impression, 3)
	w.did("early", interaction.View, 4444) // a post that is not known yet
	for _, username := range []string{"nobody", "newcomer", "early", "\xff", "42"} {
		want := []int64{7, 98, 1, 2, 3}
		if username == "newcomer" {
			want[4] = 4 // an impression of post 3 had no answer
		}
		got := ids(w.feed(t, Request{Username: username, TopK: 5}))
		slices.Sort(got[:2]) // which of the two leads is a matter of taste
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", username, diff)
		}
	}
}

// What a tuning found on the lists of people with a history ranks for such people only.
func TestWeightsAndTreesAreForThoseWithAHistory(t *testing.T) {
	w := newWorld()
	for id := range int64(20) {
		w.add(id+1, 20-int(id), axis(int(id%8), 0))
	}
	w.did("bob", interaction.Like, 7, 8, 9)
	w.did("eve", interaction.Inspire, 7)
	w.did("ann", interaction.Like, 1)
	w.did("passer", interaction.Skip, 2)
	fresh := slices.Index(signal.Names(), "freshness")
	taught := *learn.Untaught()
	taught.Weights = taught.Weights.Times("popularity", 0).Times("buzz", 0).Times("freshness", 9)
	taught.Trees = &lambdamart.Forest{Features: signal.Names(), Trees: []lambdamart.Tree{{{Feature: fresh, Threshold: 0, Right: 2}, {Value: -1}, {Value: 1}}}}
	r := w.replica(t)
	e := New(r)
	for username, learnt := range map[string]bool{"ann": true, "passer": false, "nobody": false} {
		request := Request{Username: username, TopK: 10, NoExploration: true}
		r.Adopt(learn.Untaught())
		before := feed(t, e, request)
		r.Adopt(&taught)
		after := feed(t, e, request)
		if same := slices.Equal(ids(before), ids(after)) && before.Items[0].Score == after.Items[0].Score; same == learnt {
			t.Errorf("%s: before %v, after %v", username, ids(before), ids(after))
		}
	}
}

// A user whose liked post has no embedding yet, or is gone, is a user of no known taste.
func TestTasteWithoutEmbeddings(t *testing.T) {
	w := catalogue()
	w.add(90, 3, nil)
	w.did("ann", interaction.Like, 90, 4444)
	answer := w.feed(t, Request{Username: "ann", TopK: 48})
	if len(answer.Items) != 48 {
		t.Errorf("%d items", len(answer.Items))
	}
	for _, item := range answer.Items {
		for _, part := range item.Parts {
			if part.Name == "taste" || part.Name == "recent" {
				t.Errorf("post %d: nothing is known of a taste, yet there is %+v", item.Post.ID, part)
			}
		}
	}
}

func TestEmptyCatalogue(t *testing.T) {
	w := newWorld()
	w.did("ann", interaction.Like, 1, 2)
	for _, project := range []string{"", "p"} {
		if got := w.feed(t, Request{Username: "ann", Project: project, TopK: MaxTopK}); len(got.Items) != 0 {
			t.Errorf("an empty catalogue gives %v", ids(got))
		}
	}
}

func TestEqualScoresOrderByID(t *testing.T) {
	w := newWorld()
	for _, id := range []int64{50, catalog.MaxID, 3, 1 << 30, 2, 49} {
		w.add(id, 5, axis(1, 0))
	}
	w.add(1, 5, axis(1, 0))
	w.did("ann", interaction.Like, 1)
	w.did("bob", interaction.Follow, 1)
	want := []int64{2, 3, 49, 50, 1 << 30, catalog.MaxID}
	if diff := cmp.Diff(want, ids(w.feed(t, Request{Username: "ann", TopK: 6}))); diff != "" {
		t.Errorf("known user (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want[:3], ids(w.feed(t, Request{Username: "ann", TopK: 3}))); diff != "" {
		t.Errorf("first three (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, ids(w.feed(t, Request{Username: "bob", TopK: 10}))[1:]); diff != "" {
		t.Errorf("new user, after the post that is liked (-want +got):\n%s", diff)
	}
}

func TestWrongRequests(t *testing.T) {
	w := catalogue()
	e := New(w.replica(t))
	tests := map[string]struct {
		request Request
		field   string
	}{
		"no username":  {Request{TopK: 10}, "username"},
		"topK 0":       {Request{Username: "ann"}, "topK"},
		"topK below 0": {Request{Username: "ann", TopK: -1}, "topK"},
		"topK 101":     {Request{Username: "ann", TopK: 101}, "topK"},
		"diversity":    {Request{Username: "ann", TopK: 1, Diversity: at(1.01)}, "diversity"},
		"below 0":      {Request{Username: "ann", TopK: 1, Diversity: at(-.01)}, "diversity"},
		"no number":    {Request{Username: "ann", TopK: 1, Diversity: at(math.NaN())}, "diversity"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			answer, err := e.Feed(context.Background(), test.request)
			if !errors.Is(err, errs.Invalid) || !strings.Contains(err.Error(), test.field) || len(answer.Items) != 0 {
				t.Errorf("error %v, want an invalid %s; %d items", err, test.field, len(answer.Items))
			}
		})
	}
	for _, k := range []int{1, 48, MaxTopK} { // the bounds are in, and k may pass what there is
		if got := len(feed(t, e, Request{Username: "ann", TopK: k}).Items); got != min(k, 48) {
			t.Errorf("topK %d gives %d posts", k, got)
		}
	}
}

func at(diversity float64) *float64 { return &diversity }

func TestStoreFails(t *testing.T) {
	w := catalogue()
	e := New(w.replica(t))
	w.err = errs.Unavailable
	if _, err := e.Feed(context.Background(), Request{Username: "ann", TopK: 1}); !errors.Is(err, errs.Unavailable) {
		t.Errorf("error %v", err)
	}
	w.err = nil
	feed(t, e, Request{Username: "ann", TopK: 1})
}

// Times before 1970, and far ahead, are times like others.
func TestOddTimes(t *testing.T) {
	w := newWorld()
	for id, days := range []int{1e5, 2e4, -1e5, 3, -1, 1e6} {
		w.add(int64(id+1), days, axis(id, 0))
	}
	w.event("ann", store.EventChange{PostID: 1, Kind: interaction.Like, Value: interaction.NoValue, At: math.MinInt64 / 2})
	w.event("ann", store.EventChange{PostID: 2, Kind: interaction.Like, Value: interaction.NoValue, At: clock * 1000})
	// What is dated ahead is as new as can be; of the two, 5 is nearer to what ann liked. 4 was made nearest to that.
	if diff := cmp.Diff([]int64{5, 4, 3, 6}, ids(w.feed(t, Request{Username: "ann", TopK: 4}))); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}
