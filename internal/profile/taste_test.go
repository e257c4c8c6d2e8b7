package profile

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resonance/internal/interaction"
)

// views returns a history of n plain views, one a second, of posts 1 to n.
func views(n int) (history interaction.History) {
	for i := range n {
		history = append(history, did(interaction.View, int32(i+1), int64(i)*1000, noValue))
	}
	return history
}

func TestTastesHalveEveryTenPosts(t *testing.T) {
	tastes := Of(views(60), scale).Tastes(every)
	if len(tastes) != 50 {
		t.Fatalf("%d tastes, want the newest 50", len(tastes))
	}
	for i, want := range map[int]Taste{
		0: {PostID: 60, Weight: 1}, 5: {PostID: 55, Weight: math.Sqrt(.5)}, 10: {PostID: 50, Weight: .5},
		20: {PostID: 40, Weight: .25}, 49: {PostID: 11, Weight: math.Pow(.5, 4.9)},
	} {
		if diff := cmp.Diff(want, tastes[i], approx); diff != "" {
			t.Errorf("taste %d (-want +got):\n%s", i, diff)
		}
	}
}

// What says nothing of taste takes no place in the memory and ages nothing.
func TestTastesSkipWhatHasNoWeight(t *testing.T) {
	history := views(2)
	for post := int32(100); post < 200; post++ {
		history = append(history, did(interaction.Impression, post, 9e9, noValue), did(interaction.View, post, 9e9, 0))
	}
	history = append(history, did(interaction.Skip, 7, 9e10, noValue))
	want := []Taste{{PostID: 7, Weight: -1}, {PostID: 2, Weight: math.Exp2(-.1)}, {PostID: 1, Weight: math.Exp2(-.2)}}
	if diff := cmp.Diff(want, Of(history, scale).Tastes(every), approx); diff != "" {
		t.Errorf("tastes (-want +got):\n%s", diff)
	}
}

// Tastes change with what is watched, not with the calendar.
func TestTastesDoNotDependOnDates(t *testing.T) {
	now, long := views(30), views(30)
	for i := range long {
		long[i].At = long[i].At*1e6 - 1e15 // a thousand years, long ago
	}
	if diff := cmp.Diff(Of(now, scale).Tastes(every), Of(long, scale).Tastes(every)); diff != "" {
		t.Errorf("tastes (-recent +long ago):\n%s", diff)
	}
}

func TestUserEmbedding(t *testing.T) {
	east, north, west := []float32{1, 0}, []float32{0, 1}, []float32{-1, 0}
	tests := map[string]struct {
		weights    []float64
		embeddings [][]float32
		want       []float32
	}{
		"no tastes":                {nil, nil, nil},
		"no embeddings yet":        {[]float64{1, 2}, [][]float32{nil, nil}, nil},
		"one":                      {[]float64{.01}, [][]float32{north}, []float32{0, 1}},
		"weighted three to four":   {[]float64{3, 4}, [][]float32{east, north}, []float32{.6, .8}},
		"one has none yet":         {[]float64{9, 4, 3}, [][]float32{nil, north, east}, []float32{.6, .8}},
		"only a dislike":           {[]float64{-1}, [][]float32{east}, []float32{-1, 0}},
		"a dislike pushes away":    {[]float64{4, -3}, [][]float32{north, east}, []float32{-.6, .8}},
		"opposites cancel":         {[]float64{2, 2}, [][]float32{east, west}, nil},
		"liked and disliked alike": {[]float64{1, -1}, [][]float32{east, east}, nil},
		"zero vectors":             {[]float64{1, 1}, [][]float32{{0, 0}, {0, 0}}, nil},
		"empty vectors":            {[]float64{1}, [][]float32{{}}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var tastes []Taste
			for i, w := range test.weights {
				tastes = append(tastes, Taste{PostID: int64(i), Weight: w})
			}
			if diff := cmp.Diff(test.want, UserEmbedding(tastes, test.embeddings), approx32); diff != "" {
				t.Errorf("user embedding (-want +got):\n%s", diff)
			}
		})
	}
	if diff := cmp.Diff([][]float32{{1, 0}, {0, 1}, {-1, 0}}, [][]float32{east, north, west}); diff != "" {
		t.Errorf("the posts' embeddings changed (-want +got):\n%s", diff)
	}
}

var approx32 = cmp.Comparer(func(a, b float32) bool { return math.Abs(float64(a-b)) < 1e-6 })

// From a history to the place of the taste: the newest of two equal likes is nearer, by 2^.1.
func TestRecentTasteLeads(t *testing.T) {
	history := interaction.History{did(interaction.Like, 1, 1, noValue), did(interaction.Like, 2, 2, noValue)}
	u := UserEmbedding(Of(history, scale).Tastes(every), [][]float32{{0, 1}, {1, 0}})
	if ratio := float64(u[1] / u[0]); math.Abs(ratio-math.Exp2(.1)) > 1e-6 {
		t.Errorf("newest to oldest is %g, want 2^.1", ratio)
	}
}

func every(int64) bool { return true }

// Posts that are not usable take no place in the memory, and do not age the others.
func TestTastesOfUsablePosts(t *testing.T) {
	var history interaction.History
	for id := range int32(70) {
		history = append(history, interaction.Event{Row: int64(id + 1), At: int64(id), PostID: id + 1, Kind: interaction.Like, Value: interaction.NoValue})
	}
	liked := func(id int64) bool { return id <= 10 } // the sixty newer ones have gone
	tastes := Of(history, interaction.RatingScale{}).Tastes(liked)
	if len(tastes) != 10 || tastes[0].PostID != 10 || tastes[0].Weight != interaction.Like.Weight() {
		t.Errorf("tastes of 10 usable posts behind 60 that are not: %v", tastes)
	}
}
