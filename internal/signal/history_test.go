package signal

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"resonance/internal/catalog"
	"resonance/internal/collab"
	"resonance/internal/interaction"
	"resonance/internal/profile"
)

func exp2(x float64) float64 { return math.Exp2(x) }

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-6*math.Abs(b) }

// past returns events in the order of a log: at their own places, one millisecond after the other.
func past(events ...interaction.Event) interaction.History {
	for i := range events {
		if events[i].Value == 0 {
			events[i].Value = interaction.NoValue
		}
		events[i].At = int64(i)
	}
	return events
}

func did(kind interaction.Kind, post int32) interaction.Event {
	return interaction.Event{Kind: kind, PostID: post}
}

// shelf is the posts 9 to 1, of which 3 has gone and 4 is not public.
func shelf() *catalog.Index {
	index := new(catalog.Index)
	for id := int64(9); id > 0; id-- {
		index.Put(catalog.Features{ID: id, Public: id != 4}, 1)
	}
	index.Remove(3)
	return index
}

func TestRow(t *testing.T) {
	glance := did(interaction.View, 5)
	glance.Value = 9
	tests := map[string]struct {
		history interaction.History
		want    [][2]int64 // post and time
	}{
		"nothing":                    {nil, nil},
		"each post once, when first": {past(did(interaction.View, 2), did(interaction.Like, 1), did(interaction.Like, 2)), [][2]int64{{2, 0}, {1, 1}}},
		"what is no touch":           {past(did(interaction.Skip, 1), did(interaction.Hide, 2), did(interaction.Follow, 5), did(interaction.Impression, 6)), nil},
		"a glance, then a like":      {past(glance, did(interaction.Like, 5)), [][2]int64{{5, 1}}},
		"unknown and gone posts":     {past(did(interaction.View, 3), did(interaction.View, 77), did(interaction.View, 1)), [][2]int64{{1, 2}}},
		"posts that are not public":  {past(did(interaction.View, 4)), [][2]int64{{4, 0}}},
		"every kind of touch": {
			past(did(interaction.View, 1), did(interaction.Like, 2), did(interaction.Inspire, 5), did(interaction.Share, 6), did(interaction.Bookmark, 7), interaction.Event{Kind: interaction.Rating, PostID: 8, Value: 1}),
			[][2]int64{{1, 0}, {2, 1}, {5, 2}, {6, 3}, {7, 4}, {8, 5}},
		},
	}
	index := shelf()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var got [][2]int64
			for _, touch := range Row(index, test.history) {
				got = append(got, [2]int64{index.Entry(catalog.Ordinal(touch.Item)).ID, touch.At})
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("posts and times (-want +got):\n%s", diff)
			}
		})
	}
}

// Touches are those of the row, newest first, and what was turned from among them.
func TestTouches(t *testing.T) {
	index := shelf()
	history := past(
		did(interaction.View, 1), did(interaction.Skip, 2), did(interaction.Impression, 5), did(interaction.Like, 3), did(interaction.Like, 77),
		did(interaction.Like, 6), did(interaction.Skip, 2), did(interaction.Inspire, 1), did(interaction.Hide, 7), did(interaction.Skip, 6),
	)
	type touch struct {
		Post, At int64
		Weight   float64
		Seen     bool
	}
	want := []touch{{2, 6, -1, false}, {6, 5, 2, true}, {1, 0, 4, true}}
	var got []touch
	for _, t := range Touches(index, profile.Of(history, interaction.RatingScale{})) {
		got = append(got, touch{index.Entry(t.Post).ID, t.At, t.Weight, t.Seen})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The history that a user is asked about and the row that others learn from name the same posts in
// the same order, ties of time by id.
func TestTouchesAreTheRowBackwards(t *testing.T) {
	index := shelf()
	for _, history := range []interaction.History{
		past(did(interaction.View, 5), did(interaction.View, 2), did(interaction.Like, 5), did(interaction.View, 9)),
		{ // as a log orders them
			{Kind: interaction.View, PostID: 2, At: 5, Value: -1}, {Kind: interaction.View, PostID: 7, At: 5, Value: -1}, {Kind: interaction.View, PostID: 9, At: 5, Value: -1},
			{Kind: interaction.View, PostID: 1, At: 6, Value: -1},
		},
	} {
		row := Row(index, history)
		var back []collab.Touch
		for _, touch := range Touches(index, profile.Of(history, interaction.RatingScale{})) {
			back = append([]collab.Touch{{Item: int32(touch.Post), At: touch.At}}, back...)
		}
		if diff := cmp.Diff(row, back, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("(-row +history backwards):\n%s", diff)
		}
	}
}

// Only skips in a row of the category, after the newest touch of it, count against what came before.
func TestTurned(t *testing.T) {
	index := new(catalog.Index)
	for id := range int64(9) {
		index.Put(catalog.Features{ID: id, Category: []string{"Bread", "Stars", ""}[id%3], Public: true}, 1)
	}
	view, skip := func(post int32) interaction.Event { return did(interaction.View, post) }, func(post int32) interaction.Event { return did(interaction.Skip, post) }
	tests := map[string]struct {
		history interaction.History
		want    map[int64]int
	}{
		"never":                      {past(view(0), view(3)), map[int64]int{}},
		"once":                       {past(view(0), skip(3)), map[int64]int{0: 1}},
		"two in a row":               {past(view(0), skip(3), skip(6)), map[int64]int{0: 2}},
		"all before them":            {past(view(0), view(3), skip(6)), map[int64]int{0: 1, 3: 1}},
		"another category":           {past(view(0), skip(1), skip(4)), map[int64]int{}},
		"others between":             {past(view(0), skip(3), view(1), skip(6)), map[int64]int{0: 2}},
		"a view after them":          {past(view(0), skip(3), view(6)), map[int64]int{}},
		"a view, then a skip":        {past(skip(3), view(0), skip(6)), map[int64]int{0: 1}},
		"no category":                {past(view(2), skip(5), skip(8)), map[int64]int{}},
		"the same post, skipped":     {past(view(0), skip(0)), map[int64]int{}}, // it is a touch of less weight
		"skipped again and again":    {past(view(0), skip(3), skip(3), skip(3)), map[int64]int{0: 1}},
		"a skip that became a touch": {past(view(0), skip(3), view(3)), map[int64]int{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := map[int64]int{}
			for _, touch := range Touches(index, profile.Of(test.history, interaction.RatingScale{})) {
				if touch.Turned > 0 {
					got[index.Entry(touch.Post).ID] = touch.Turned
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
