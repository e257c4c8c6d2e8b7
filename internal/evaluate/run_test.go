package evaluate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"resonance/internal/catalog"
	"resonance/internal/errs"
	"resonance/internal/evaluate/dataset"
	"resonance/internal/evaluate/protocol"
	"resonance/internal/interaction"
	"resonance/internal/learn"
	"resonance/internal/recommend"
	"resonance/internal/replica"
)

// byHand is a world of four posts, a day apart, and three users:
//
//	user 1: post 1, then post 2     user 2: post 2, then post 3     user 3: post 2
//
// leave-last takes 2 and 3 away; training counts one user of post 1 and two of post 2.
func byHand() *dataset.Dataset {
	d := new(dataset.Dataset)
	for id := range int64(4) {
		d.Posts = append(d.Posts, catalog.Post{ID: id + 1, CreatedAt: time.Unix(86_400*id, 0), Public: true})
	}
	for n, e := range [][3]int64{{1, 0, 10}, {2, 1, 11}, {3, 1, 12}, {1, 1, 20}, {2, 2, 21}} {
		d.Events = append(d.Events, dataset.Event{
			User: e[0], Item: int(e[1]), At: e[2] * 1000, Kind: interaction.View, Value: interaction.NoValue, Line: n,
		})
	}
	return d
}

// fake is an engine that learns nothing.
type fake func(context.Context, recommend.Request) (recommend.Feed, error)

func (f fake) Feed(ctx context.Context, r recommend.Request) (recommend.Feed, error) {
	return f(ctx, r)
}

func (f fake) Learn(context.Context, *learn.Recipe) (*learn.Recipe, error) { return nil, nil }

// newestFirst serves the newest posts, seen or not; without exploration all but the newest one, and
// without nearness the oldest.
func newestFirst(*replica.Replica, string) Engine {
	return fake(func(_ context.Context, r recommend.Request) (recommend.Feed, error) {
		ids := []int64{4, 3, 2, 1}
		switch {
		case r.NoExploration:
			ids = ids[1:]
		case r.Without == "nearness":
			slices.Reverse(ids)
		case r.NoTrees:
			ids[0], ids[1] = ids[1], ids[0]
		}
		var feed recommend.Feed
		for _, id := range ids[:min(r.TopK, len(ids))] {
			feed.Items = append(feed.Items, recommend.Item{Post: &catalog.Post{ID: id}})
		}
		return feed, nil
	})
}

func TestFiguresByHand(t *testing.T) {
	second := 1 / math.Log2(3) // what a hit at the second place is worth
	tests := map[string]struct {
		k    int
		want []systemJSON // without intervals
	}{
		// popular: user 1 gets 2, 3, 4, user 2 gets 1, 3, 4. newest: 4, 3, 2 and 4, 3, 1. The
		// engine's feeds begin the same way; further down comes post 1, which user 1 has seen. Without
		// exploration: 3, 2 and 3. Without nearness: 2, 3, 4 and 1, 3, 4, of which those seen took a place.
		// Without trees: 3, 4, 2 and 3, 4, 1.
		"the first place": {1, []systemJSON{
			{Name: "engine", MRR: (1./3 + 1./2) / 2, Coverage: .25},
			{Name: "engine, no exploration", NDCG: .5, HitRate: .5, Recall: .5, MRR: .75, Coverage: .25},
			{Name: "engine, no nearness", MRR: .75, Coverage: .25},
			{Name: "engine, no trees", NDCG: .5, HitRate: .5, Recall: .5, MRR: (1./3 + 1) / 2, Coverage: .25},
			{Name: "equal", MRR: (1./3 + 1./2) / 2, Coverage: .25},
			{Name: "popular", NDCG: .5, HitRate: .5, Recall: .5, MRR: .75, Coverage: .5},
			{Name: "newest", MRR: (1./3 + 1./2) / 2, Coverage: .25},
		}},
		"two places": {2, []systemJSON{
			{Name: "engine", NDCG: second / 2, HitRate: .5, Recall: .5, MRR: (1./3 + 1./2) / 2, Coverage: .5},
			{Name: "engine, no exploration", NDCG: (1 + second) / 2, HitRate: 1, Recall: 1, MRR: .75, Coverage: .5},
			{Name: "engine, no nearness", NDCG: .5, HitRate: .5, Recall: .5, MRR: .75, Coverage: .5},
			{Name: "engine, no trees", NDCG: .5, HitRate: .5, Recall: .5, MRR: (1./3 + 1) / 2, Coverage: .5},
			{Name: "equal", NDCG: second / 2, HitRate: .5, Recall: .5, MRR: (1./3 + 1./2) / 2, Coverage: .5},
			{Name: "popular", NDCG: (1 + second) / 2, HitRate: 1, Recall: 1, MRR: .75, Coverage: .75},
			{Name: "newest", NDCG: second / 2, HitRate: .5, Recall: .5, MRR: (1./3 + 1./2) / 2, Coverage: .5},
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := summary(t, Options{Protocol: LeaveLast, K: test.k, Data: byHand(), Vectors: make([][]float32, 4), Serve: newestFirst})
			if got.Protocol != LeaveLast || got.K != test.k || got.Lists != 2 {
				t.Errorf("%s, k %d, %d lists; want leave-last, %d, 2", got.Protocol, got.K, got.Lists, test.k)
			}
			var systems []systemJSON
			for _, s := range got.Systems {
				if strings.HasPrefix(s.Name, "engine") || s.Name == "equal" || s.Name == "popular" || s.Name == "newest" {
					systems = append(systems, s)
				}
				if s.NDCGCI[0] > s.NDCG || s.NDCGCI[1] < s.NDCG {
					t.Errorf("%s: nDCG %v lies outside %v", s.Name, s.NDCG, s.NDCGCI)
				}
			}
			ignore := cmpopts.IgnoreFields(systemJSON{}, "NDCGCI")
			if diff := cmp.Diff(test.want, systems, ignore, cmpopts.EquateApprox(0, 1e-12)); diff != "" {
				t.Errorf("systems (-want +got):\n%s", diff)
			}
		})
	}
}

// summary runs the options and reads what WriteJSON wrote, of which no key may be unknown.
func summary(t *testing.T, o Options) summaryJSON {
	t.Helper()
	result, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := result.WriteJSON(&out); err != nil {
		t.Fatal(err)
	}
	var s summaryJSON
	decoder := json.NewDecoder(&out)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTableAndPlot(t *testing.T) {
	result, err := Run(t.Context(), Options{Protocol: LeaveLast, K: 2, Data: byHand(), Vectors: make([][]float32, 4), Serve: newestFirst})
	if err != nil {
		t.Fatal(err)
	}
	// Of feeds of two, those of user 1 hold post 1 when the oldest comes first; further down it does not count.
	strange := map[string]int{}
	for _, s := range result.Systems {
		strange[s.Name] = s.Strange
	}
	if strange["engine"] != 0 || strange["engine, no nearness"] != 2 {
		t.Errorf("posts left out, by system: %v, want posts 1 and 2 where the oldest come first", strange)
	}
	var table, picture bytes.Buffer
	if err := errors.Join(result.WriteTable(&table), result.Plot(&picture)); err != nil {
		t.Fatal(err)
	}
	for _, b := range baselines() {
		if !strings.Contains(table.String(), b.name) || !strings.Contains(picture.String(), b.name) {
			t.Errorf("%s is missing from the table or the picture", b.name)
		}
	}
	for _, want := range []string{"2 lists", "Gini", "novelty", "new posts", "1 to 4"} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, table.String())
		}
	}
}

// What is asked for is measured, in the usual order, with the figures that it has among all.
func TestOnly(t *testing.T) {
	o := Options{Protocol: LeaveLast, K: 2, Data: byHand(), Vectors: make([][]float32, 4), Serve: newestFirst, Ablate: true}
	all := map[string]systemJSON{}
	for _, s := range summary(t, o).Systems {
		all[s.Name] = s
	}
	for only, want := range map[string]int{"popular": 1, "popular equal": 2, "engine": len(forms) + len(ablations())} {
		o.Only = strings.Fields(only)
		got := summary(t, o).Systems
		if len(got) != want {
			t.Errorf("only %s: %d systems, want %d", only, len(got), want)
		}
		for _, s := range got {
			if diff := cmp.Diff(all[s.Name], s); diff != "" {
				t.Errorf("only %s (-among all +alone):\n%s", only, diff)
			}
		}
	}
	o.Only = []string{"oracle"}
	if _, err := Run(t.Context(), o); !errors.Is(err, errs.Invalid) || !strings.Contains(err.Error(), "equal, random, popular") {
		t.Errorf("error %v, want the names", err)
	}
}

func TestRunRefuses(t *testing.T) {
	tests := map[string]struct {
		options Options
		want    string
	}{
		"an unknown protocol": {Options{Protocol: "replay", K: 10, Data: byHand()}, "time-split, live, leave-last, last-fifth, random"},
		"an empty list":       {Options{Protocol: Live, K: 0, Data: byHand()}, "k: 0 is not in 1..100"},
		"a list too long":     {Options{Protocol: Live, K: 101, Data: byHand()}, "k: 101 is not in 1..100"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Run(t.Context(), test.options)
			if !errors.Is(err, errs.Invalid) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want Invalid with %q", err, test.want)
			}
		})
	}
}

func TestRunEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Run(ctx, Options{Protocol: LeaveLast, K: 2, Data: byHand(), Vectors: make([][]float32, 4), Serve: newestFirst})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want Canceled", err)
	}
}

func TestRankerOrders(t *testing.T) {
	d := byHand()
	w := newWorld(d, nil)
	r := newRanker(w.items, 3)
	l := trials(LeaveLast, d)[0].test[0].Lists[0] // user 1, who knows item 0 and is to get item 1
	tests := map[string]struct {
		scores []float64
		want   ranked
	}{
		"by score":                {[]float64{9, 1, 3, 2}, ranked{[]int64{2, 3, 1}, 3, 0}},
		"equals by item":          {[]float64{9, 1, 1, 1}, ranked{[]int64{1, 2, 3}, 1, 0}},
		"no numbers come last":    {[]float64{9, math.NaN(), 1, math.Inf(-1)}, ranked{[]int64{2, 1, 3}, 2, 0}},
		"what is seen is no help": {[]float64{9, 2, 1, math.Inf(1)}, ranked{[]int64{3, 1, 2}, 2, 0}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := r.rank(&l, func(_ *protocol.List, out []float64) { copy(out, test.scores) })
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
		})
	}
}
