package metric_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"resonance/internal/metric"
)

var near = cmpopts.EquateApprox(0, 1e-12)

// measured is the four figures of one list.
type measured struct{ NDCG, HitRate, Recall, MRR float64 }

func measure(k int, ranking []int64, relevant metric.Set[int64]) measured {
	return measured{
		NDCG:    metric.NDCGAt(k, ranking, relevant),
		HitRate: metric.HitRateAt(k, ranking, relevant),
		Recall:  metric.RecallAt(k, ranking, relevant),
		MRR:     metric.MRR(ranking, relevant),
	}
}

func TestFiguresOfOneList(t *testing.T) {
	log2of3 := math.Log2(3)
	tests := []struct {
		name     string
		k        int
		ranking  []int64
		relevant []int64
		want     measured
	}{
		{"first is the only one", 2, []int64{7, 8, 9}, []int64{7}, measured{1, 1, 1, 1}},
		{"second is the only one", 2, []int64{7, 8, 9}, []int64{8}, measured{1 / log2of3, 1, 1, .5}},
		{"just past k", 2, []int64{7, 8, 9}, []int64{9}, measured{0, 0, 0, 1. / 3}},
		// Ideal and divisor stop at k: hits at 1 and 3 of an ideal 1, 2, 3.
		{"more relevant than k", 3, []int64{1, 5, 2, 3}, []int64{1, 2, 3, 4}, measured{1.5 / (1 + 1/log2of3 + .5), 1, 2. / 3, 1}},
		{"k past the ranking", 10, []int64{4, 3}, []int64{3, 9}, measured{(1 / log2of3) / (1 + 1/log2of3), 1, .5, .5}},
		{"nothing relevant in it", 3, []int64{1, 2}, []int64{5}, measured{}},
		{"empty relevant set", 3, []int64{1, 2}, nil, measured{}},
		{"empty ranking", 3, nil, []int64{1}, measured{}},
		{"k of 0 shows nothing", 0, []int64{1}, []int64{1}, measured{MRR: 1}},
		{"negative k shows nothing", -1, []int64{1}, []int64{1}, measured{MRR: 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := measure(tt.k, tt.ranking, metric.NewSet(tt.relevant...))
			if diff := cmp.Diff(tt.want, got, near); diff != "" {
				t.Errorf("figures (-want +got):\n%s", diff)
			}
		})
	}
}

// TestTiesAreBrokenByID ranks coarse scores in two input orders: ties must not let the order
// of the input into any figure.
func TestTiesAreBrokenByID(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		ids, scores := make([]int64, 20), make([]float64, 20)
		relevant := metric.Set[int64]{}
		for i := range ids {
			ids[i], scores[i] = int64(i), float64(random.IntN(3))
			if random.IntN(4) == 0 {
				relevant[ids[i]] = struct{}{}
			}
		}
		want := metric.Ranking(ids, scores)
		wantFigures := measure(5, want, relevant)
		random.Shuffle(len(ids), func(i, j int) {
			ids[i], ids[j] = ids[j], ids[i]
			scores[i], scores[j] = scores[j], scores[i]
		})
		got := metric.Ranking(ids, scores)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("ranking of a permuted input (-want +got):\n%s", diff)
		}
		figures := measure(5, got, relevant)
		if figures != wantFigures {
			t.Fatalf("figures of a permuted input: got %v, want %v", figures, wantFigures)
		}
		for name, x := range map[string]float64{"ndcg": figures.NDCG, "hit rate": figures.HitRate, "recall": figures.Recall, "mrr": figures.MRR} {
			if math.IsNaN(x) || x < 0 || x > 1+1e-12 {
				t.Fatalf("%s = %v, want 0..1", name, x)
			}
		}
	}
}

func TestRankingOrders(t *testing.T) {
	nan := math.NaN()
	got := metric.Ranking([]int64{5, 4, 3, 2, 1}, []float64{nan, 1, math.Inf(1), nan, 1})
	if diff := cmp.Diff([]int64{3, 1, 4, 2, 5}, got); diff != "" {
		t.Errorf("ranking (-want +got):\n%s", diff)
	}
	if got := metric.Ranking[int64](nil, nil); len(got) != 0 {
		t.Errorf("ranking of nothing = %v, want none", got)
	}
}

// TestPromotingARelevantItemNeverHurts swaps a relevant item one place up.
func TestPromotingARelevantItemNeverHurts(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		ranking := make([]int64, 12)
		for i, p := range random.Perm(12) {
			ranking[i] = int64(p)
		}
		relevant := metric.NewSet[int64](0, 1, 2)
		before := measure(6, ranking, relevant)
		at := 1 + random.IntN(11)
		if !relevant.Has(ranking[at]) || relevant.Has(ranking[at-1]) {
			continue
		}
		ranking[at], ranking[at-1] = ranking[at-1], ranking[at]
		after := measure(6, ranking, relevant)
		if after.NDCG < before.NDCG || after.MRR < before.MRR || after.Recall < before.Recall || after.HitRate < before.HitRate {
			t.Fatalf("promoting a relevant item: %v became %v", before, after)
		}
	}
}
