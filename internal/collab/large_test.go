package collab

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// crowdedRows is many users' rows over few items, of which a few are everybody's.
func crowdedRows(r *rand.Rand, users, items int) [][]Touch {
	rows := make([][]Touch, users)
	for u := range rows {
		known := map[int32]bool{}
		for range 1 + r.IntN(12) {
			item := int32(float64(items) * math.Pow(r.Float64(), 6)) // the first ones far more often
			if !known[item] {
				known[item] = true
				rows[u] = append(rows[u], Touch{Item: item, At: int64(len(rows[u]))})
			}
		}
	}
	return rows
}

// A walk that takes a shortcut past crowded items ends where one ends that goes through all of them.
func TestWalkPastCrowds(t *testing.T) {
	for _, users := range []int{12_000, 20_000} { // a walk goes on from a thousand, and from fewer
		t.Run(fmt.Sprint(users), func(t *testing.T) { walkPastCrowds(t, users) })
	}
}

func walkPastCrowds(t *testing.T, users int) {
	r := rand.New(rand.NewPCG(1, 4))
	const items = 3000
	m := NewRP3Beta(RP3BetaParams{Alpha: .6, Beta: .4})
	for u, row := range crowdedRows(r, users, items) {
		m.Replace(int32(u), items, nil, row)
	}
	if len(m.users[0]) <= m.crowd() {
		t.Fatalf("the first item has %d users: no crowd", len(m.users[0]))
	}
	shortened := 0
	for range 60 {
		var history []Weighted
		for range 2 + r.IntN(8) {
			history = append(history, Weighted{Item: int32(float64(items) * math.Pow(r.Float64(), 3)), Weight: r.Float64()})
		}
		history = append(history, Weighted{Item: 0, Weight: .01 + .1*r.Float64()})
		self := int32(r.IntN(users))
		var short, long Scratch
		var got, want Sums
		got.Reset(items)
		want.Reset(items)
		m.Reach(history, self, &got, &short)

		long.walk.Reset(users) // the two first steps, one user after the other
		for _, h := range history {
			for _, u := range m.users[h.Item] {
				long.walk.Add(u, h.Weight*m.step.of[len(m.users[h.Item])])
			}
		}
		for _, u := range m.nearest(self, &long) {
			for _, j := range m.rows[u] {
				want.Add(j, long.walk.At(u)*m.step.of[len(m.rows[u])]*m.held.of[len(m.users[j])])
			}
		}
		for j := range int32(items) {
			if math.Abs(got.At(j)-want.At(j)) > 1e-6*(1+want.At(j)) {
				t.Fatalf("item %d has the score %g, want %g; history %v", j, got.At(j), want.At(j), history)
			}
		}
		if len(short.walk.Reached()) < len(long.walk.Reached()) {
			shortened++
		}
	}
	if shortened < 10 {
		t.Errorf("only %d walks were shortened", shortened)
	}
}

// The most popular items are found in steps as by sorting, and how counts spread as by adding up, after
// rows have come and gone.
func TestPopularityTopAndSpread(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 4))
	const items = 500
	m := NewPopularity(PopularityParams{})
	rows := crowdedRows(r, 400, items)
	for u, row := range rows {
		m.Replace(items, nil, row)
		if u%3 == 0 {
			m.Replace(items, row, nil)
		}
	}
	for _, is := range []func(int32) bool{func(int32) bool { return true }, func(i int32) bool { return i%7 == 3 }, func(int32) bool { return false }} {
		byID := func(a, b int32) int { return cmp.Compare(b, a) } // ids fall as ordinals rise
		var all []int32
		n, sum, squares := 0, 0., 0.
		for i := range int32(items) {
			if !is(i) {
				continue
			}
			n++
			sum += float64(m.counts[i])
			squares += float64(m.counts[i]) * float64(m.counts[i])
			if m.counts[i] > 0 {
				all = append(all, i)
			}
		}
		slices.SortFunc(all, func(a, b int32) int { return cmp.Or(cmp.Compare(m.counts[b], m.counts[a]), byID(a, b)) })
		for _, k := range []int{1, 3, 20, 1000} {
			got := m.Top(k, is, byID)
			want := slices.Clone(all[:min(k, len(all))])
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("the top %d are %v, want %v", k, got, want)
			}
		}
		if n == 0 {
			continue
		}
		mean, deviation := m.Spread(n, is)
		wantMean := sum / float64(n)
		wantDeviation := math.Sqrt(squares/float64(n) - wantMean*wantMean)
		if math.Abs(mean-wantMean) > 1e-9*wantMean || math.Abs(deviation-wantDeviation) > 1e-9*wantDeviation {
			t.Errorf("mean %g and deviation %g, want %g and %g", mean, deviation, wantMean, wantDeviation)
		}
	}
	for i := range int32(3) { // all alike: there is no deviation, not even of rounding
		m.counts[i] = 1<<45 + 1
	}
	if _, deviation := m.Spread(3, func(i int32) bool { return i < 3 }); deviation != 0 {
		t.Errorf("equal counts deviate by %g", deviation)
	}
}
