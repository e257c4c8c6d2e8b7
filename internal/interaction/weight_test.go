package interaction

import (
	"math"
	"testing"
)

// The issue fixes the order: inspire > like > rating > view.
func TestWeightsFollowEffort(t *testing.T) {
	order := []Kind{Inspire, Like, Rating, View}
	for i, weaker := range order[1:] {
		if stronger := order[i]; stronger.Weight() <= weaker.Weight() {
			t.Errorf("%s weighs %g, no more than %s with %g", stronger, stronger.Weight(), weaker, weaker.Weight())
		}
	}
	for _, kind := range Kinds() {
		if kind == Skip && kind.Weight() >= 0 {
			t.Errorf("a skip weighs %g: it must push away", kind.Weight())
		}
		if kind != Skip && kind.Weight() < 0 {
			t.Errorf("%s weighs %g", kind, kind.Weight())
		}
	}
}

func TestSeenKinds(t *testing.T) {
	unseen := map[Kind]bool{Follow: true, Hide: true, Impression: true}
	for _, kind := range Kinds() {
		if kind.Seen() == unseen[kind] {
			t.Errorf("%s: Seen() = %t", kind, kind.Seen())
		}
	}
}

func TestNewRatingScale(t *testing.T) {
	tests := map[string]struct {
		ratings         []int64
		mean, deviation float64
	}{
		"none":            {nil, 50, 5},
		"one":             {[]int64{15}, 15, 0},
		"all equal":       {[]int64{21, 21, 21}, 21, 0},
		"spread":          {[]int64{10, 30}, 20, 10},
		"whole scale":     {[]int64{1, 100}, 50.5, 49.5},
		"three":           {[]int64{15, 21, 36}, 24, math.Sqrt(78)}, // (81+9+144)/3
		"largest, at all": {[]int64{100, 100}, 100, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var sum, squares int64
			for _, r := range test.ratings {
				sum, squares = sum+r, squares+r*r
			}
			got := newRatingScale(int64(len(test.ratings)), sum, squares)
			if math.Abs(got.Mean-test.mean) > 1e-12 || math.Abs(got.Deviation-test.deviation) > 1e-9 {
				t.Errorf("scale of %v is %+v, want mean %g, deviation %g", test.ratings, got, test.mean, test.deviation)
			}
		})
	}
}

// A million ratings of 99 and 100 leave a tiny variance as the difference of large numbers.
func TestRatingScaleStaysFinite(t *testing.T) {
	for _, n := range []int64{1, 3, 7, 1e6, 1e12} {
		for _, value := range []int64{1, 33, 99, 100} {
			s := newRatingScale(n, n*value, n*value*value)
			if math.IsNaN(s.Deviation) || s.Deviation > 1e-3 || s.Mean != float64(value) {
				t.Errorf("%d ratings of %d: %+v", n, value, s)
			}
		}
	}
}

func TestUserMean(t *testing.T) {
	scale := RatingScale{Mean: 20, Deviation: 10}
	tests := []struct {
		name       string
		sum, count int
		want       float64
	}{
		{"no ratings: everyone's", 0, 0, 20},
		{"one rating moves it by a sixth", 80, 1, 30},
		{"five weigh like everyone", 5 * 60, 5, 40},
		{"many are the user's own", 995 * 60, 995, 59.8},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := scale.UserMean(test.sum, test.count); math.Abs(got-test.want) > 1e-12 {
				t.Errorf("UserMean(%d, %d) = %g, want %g", test.sum, test.count, got, test.want)
			}
		})
	}
}

func TestValueFactor(t *testing.T) {
	scale := RatingScale{Mean: 20, Deviation: 10}
	flat := RatingScale{Mean: 20}
	tests := []struct {
		name  string
		scale RatingScale
		kind  Kind
		value int
		want  float64
	}{
		{"rating at the user's mean", scale, Rating, 30, 1},
		{"half a deviation over", scale, Rating, 35, 1.5},
		{"one deviation under says nothing", scale, Rating, 20, 0},
		{"clearly lower is a dislike", scale, Rating, 15, -.5},
		{"lowest is bounded", scale, Rating, 1, -1},
		{"highest is bounded", scale, Rating, 100, 2},
		{"equal ratings: the floor of the deviation", flat, Rating, 32, 1.4},
		{"whole video", scale, View, 100, 2},
		{"half a video", scale, View, 50, 1},
		{"nothing of the video", scale, View, 0, 0},
		{"unknown share", scale, View, NoValue, 1},
		{"like", scale, Like, NoValue, 1},
		{"a stray value is ignored", scale, Inspire, 7, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := test.scale.ValueFactor(test.kind, test.value, 30); math.Abs(got-test.want) > 1e-12 {
				t.Errorf("ValueFactor(%s, %d, 30) = %g, want %g", test.kind, test.value, got, test.want)
			}
		})
	}
}

func TestValueFactorIsBoundedAndRises(t *testing.T) {
	for _, deviation := range []float64{0, 1e-9, 4, 20, 49.5} {
		scale := RatingScale{Mean: 21, Deviation: deviation}
		for _, userMean := range []float64{1, 21, 100} {
			for _, kind := range []Kind{Rating, View} {
				last := math.Inf(-1)
				for value := range 101 {
					f := scale.ValueFactor(kind, value, userMean)
					if math.IsNaN(f) || f < -1 || f > 2 || f < last {
						t.Fatalf("%+v: %s of %d, mean %g: factor %g after %g", scale, kind, value, userMean, f, last)
					}
					last = f
				}
			}
		}
	}
}
