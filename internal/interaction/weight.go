package interaction

import "math"

// RatingScale is how everyone here rates; it turns a rating into what its user meant by it.
//
// Ratings are not comparable as numbers: in this app their quartiles are 15, 21 and 35 percent,
// and some users give nothing above 30. So a rating counts by its distance from the user's own
// mean, shrunk to everyone's, in units of everyone's standard deviation.
type RatingScale struct {
	Mean      float64 // everyone's mean rating, 1..100
	Deviation float64 // everyone's standard deviation
}

// Constants of the scale. A user's mean counts like his ratings against shrink ratings of
// everyone's; the deviation has a floor, so that equal ratings do not make tiny differences loud.
const (
	shrinkRatings = 5
	minDeviation  = 5
)

// UserMean returns a user's mean rating, from count ratings that add up to sum, shrunk to
// everyone's.
func (s RatingScale) UserMean(sum, count int) float64 {
	return (float64(sum) + shrinkRatings*s.Mean) / (float64(count) + shrinkRatings)
}

// ValueFactor returns by what an event's value multiplies the weight of its kind.
//
//	rating: 1 + (value - userMean)/deviation, within -1..2. A rating one deviation under the
//	        user's usual says nothing, only a clearly lower one is a dislike.
//	view:   2 · percent watched / 100, within 0..2, so half a video is a plain view; unknown is 1.
//	others: 1.
func (s RatingScale) ValueFactor(kind Kind, value int, userMean float64) float64 {
	switch {
	case kind == Rating:
		return min(max(1+(float64(value)-userMean)/max(s.Deviation, minDeviation), -1), 2)
	case kind == View && value != NoValue:
		return float64(value) / 50
	}
	return 1
}

// newRatingScale returns the scale of count ratings with this sum and sum of squares; without
// ratings the middle of the scale.
func newRatingScale(count, sum, squares int64) RatingScale {
	if count == 0 {
		return RatingScale{Mean: 50, Deviation: minDeviation}
	}
	mean := float64(sum) / float64(count)
	variance := float64(squares)/float64(count) - mean*mean
	return RatingScale{Mean: mean, Deviation: math.Sqrt(max(variance, 0))}
}
