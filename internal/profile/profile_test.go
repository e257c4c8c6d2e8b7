package profile

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"resonance/internal/interaction"
)

const noValue = interaction.NoValue

var scale = interaction.RatingScale{Mean: 20, Deviation: 10}

func did(kind interaction.Kind, post int32, at int64, value int8) interaction.Event {
	return interaction.Event{Kind: kind, PostID: post, At: at, Value: value}
}

var approx = cmpopts.EquateApprox(0, 1e-9)

func TestProfileOfHistory(t *testing.T) {
	const never = math.MinInt64
	tests := map[string]struct {
		history interaction.History
		want    []Touch
	}{
		"nothing": {nil, nil},
		"a view":  {interaction.History{did(interaction.View, 1, 5, noValue)}, []Touch{{PostID: 1, FirstAt: 5, LastAt: 5, Weight: 1, Touched: true, Seen: true}}},
		"views of half, all and nothing of a video": {
			interaction.History{did(interaction.View, 1, 1, 50), did(interaction.View, 2, 2, 100), did(interaction.View, 3, 3, 0)},
			[]Touch{{PostID: 3, LastAt: 3, Seen: true}, {PostID: 2, FirstAt: 2, LastAt: 2, Weight: 2, Touched: true, Seen: true}, {PostID: 1, FirstAt: 1, LastAt: 1, Weight: 1, Touched: true, Seen: true}},
		},
		"the strongest liking counts, once": {
			interaction.History{did(interaction.View, 1, 1, noValue), did(interaction.Like, 1, 2, noValue), did(interaction.Inspire, 1, 3, noValue), did(interaction.Inspire, 1, 4, noValue)},
			[]Touch{{PostID: 1, FirstAt: 1, LastAt: 4, Weight: 4, Touched: true, Seen: true, Liked: true}},
		},
		"a skip is taken from it": {
			interaction.History{did(interaction.Like, 1, 1, noValue), did(interaction.Skip, 1, 2, noValue), did(interaction.Skip, 1, 3, noValue)},
			[]Touch{{PostID: 1, FirstAt: 1, LastAt: 3, Weight: 2, Touched: true, Seen: true, Liked: true}},
		},
		"hide, impression and follow are not seen": {
			interaction.History{did(interaction.Hide, 1, 1, noValue), did(interaction.Impression, 2, 2, noValue), did(interaction.Follow, 3, 3, noValue)},
			[]Touch{{PostID: 3, LastAt: never, Followed: true}, {PostID: 2, LastAt: never, Ignored: 1}, {PostID: 1, LastAt: never, Hidden: true}},
		},
		"seen is when it was seen last, not when it was hidden": {
			interaction.History{did(interaction.View, 1, -7, noValue), did(interaction.Hide, 1, 9, noValue)},
			[]Touch{{PostID: 1, FirstAt: -7, LastAt: -7, Weight: 1, Touched: true, Seen: true, Hidden: true}},
		},
		"a glance and a skip are seen, and no touch": {
			interaction.History{did(interaction.View, 1, 1, 9), did(interaction.Skip, 2, 2, noValue)},
			[]Touch{{PostID: 2, LastAt: 2, Weight: -1, Seen: true}, {PostID: 1, LastAt: 1, Weight: .18, Seen: true}},
		},
		"the first touch, not the first event": {
			interaction.History{did(interaction.View, 1, -9, 9), did(interaction.Impression, 1, 1, noValue), did(interaction.View, 1, 2, 10), did(interaction.Like, 1, 3, noValue)},
			[]Touch{{PostID: 1, FirstAt: 2, LastAt: 3, Weight: 3, Touched: true, Seen: true, Liked: true}},
		},
		"impressions count as long as they stay unanswered": {
			interaction.History{
				did(interaction.Impression, 1, 1, noValue), did(interaction.Impression, 1, 2, noValue),
				did(interaction.Impression, 2, 1, noValue), did(interaction.View, 2, 2, noValue),
				did(interaction.Impression, 3, 1, noValue), did(interaction.Skip, 3, 2, noValue), did(interaction.Impression, 3, 3, noValue),
				did(interaction.Impression, 4, 1, noValue), did(interaction.Follow, 4, 2, noValue),
				did(interaction.Impression, 5, 1, noValue), did(interaction.Hide, 5, 2, noValue),
			},
			[]Touch{
				{PostID: 3, LastAt: 2, Weight: -1, Seen: true}, {PostID: 2, FirstAt: 2, LastAt: 2, Weight: 1, Touched: true, Seen: true},
				{PostID: 5, LastAt: never, Hidden: true}, {PostID: 4, LastAt: never, Followed: true}, {PostID: 1, LastAt: never, Ignored: 2},
			},
		},
		"bookmark, share": {
			interaction.History{did(interaction.Bookmark, 1, 1, noValue), did(interaction.Share, 2, 1, noValue)},
			[]Touch{{PostID: 2, FirstAt: 1, LastAt: 1, Weight: 4, Touched: true, Seen: true}, {PostID: 1, FirstAt: 1, LastAt: 1, Weight: 3, Touched: true, Seen: true, Bookmarked: true}},
		},
		// Mean of the ratings shrunk to everyone's 20: (32 + 5·20)/6 = 22; 1 + (32-22)/10 = 2, twice 2.
		"one rating": {interaction.History{did(interaction.Rating, 1, 1, 32)}, []Touch{{PostID: 1, FirstAt: 1, LastAt: 1, Weight: 4, Touched: true, Seen: true}}},
		// (50 + 6 + 5·20)/7 = 156/7; 50 is bounded at 2, 6 is 1 + (6-156/7)/10 = -22/35.
		"a high and a clearly low rating": {
			interaction.History{did(interaction.Rating, 1, 1, 50), did(interaction.Rating, 2, 2, 6)},
			[]Touch{{PostID: 2, FirstAt: 2, LastAt: 2, Weight: -2 * 22. / 35, Touched: true, Seen: true}, {PostID: 1, FirstAt: 1, LastAt: 1, Weight: 4, Touched: true, Seen: true}},
		},
		"largest id, ties of time by id": {
			interaction.History{did(interaction.View, 1, 5, noValue), did(interaction.View, math.MaxInt32, 5, noValue)},
			[]Touch{{PostID: math.MaxInt32, FirstAt: 5, LastAt: 5, Weight: 1, Touched: true, Seen: true}, {PostID: 1, FirstAt: 5, LastAt: 5, Weight: 1, Touched: true, Seen: true}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := Of(test.history, scale)
			if diff := cmp.Diff(test.want, p.Touches(), approx); diff != "" {
				t.Errorf("touches (-want +got):\n%s", diff)
			}
			for _, want := range test.want {
				if diff := cmp.Diff(want, p.Touch(want.PostID), approx); diff != "" {
					t.Errorf("Touch(%d) (-want +got):\n%s", want.PostID, diff)
				}
			}
			if diff := cmp.Diff(Touch{}, p.Touch(404)); diff != "" {
				t.Errorf("Touch of a post never touched (-want +got):\n%s", diff)
			}
		})
	}
}

func TestZeroProfile(t *testing.T) {
	var p Profile
	if len(p.Touches()) != 0 || p.Touch(1) != (Touch{}) {
		t.Errorf("the zero profile knows %v", p.Touches())
	}
}

// A profile is a function of the set of events: the order of the history is no part of it.
func TestProfileIgnoresOrder(t *testing.T) {
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 5))
		history := make(interaction.History, r.IntN(60))
		for i := range history {
			kind := interaction.Kinds()[r.IntN(len(interaction.Kinds()))]
			history[i] = did(kind, int32(r.IntN(12)), r.Int64N(20)-10, noValue)
			if kind.HasValue() {
				history[i].Value = int8(1 + r.IntN(100))
			}
		}
		want := Of(history, scale)
		r.Shuffle(len(history), func(i, j int) { history[i], history[j] = history[j], history[i] })
		got := Of(history, scale)
		if diff := cmp.Diff(want.Touches(), got.Touches()); diff != "" {
			t.Fatalf("seed %d: touches (-in order +shuffled):\n%s", seed, diff)
		}
		for _, touch := range got.Touches() {
			if math.IsNaN(touch.Weight) || touch.Weight < -2 || touch.Weight > 4 {
				t.Errorf("seed %d: weight %g of %+v", seed, touch.Weight, touch)
			}
		}
	}
}
