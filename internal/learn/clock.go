package learn

import (
	"slices"

	"resonance/internal/catalog"
	"resonance/internal/interaction"
	"resonance/internal/signal"
)

// clocked returns the default settings with half-lives in the data's own time, so that films of
// fifty years and clips of last week are treated alike: popularity fades within the newest tenth of
// the touches, buzz within the newest hundredth, freshness within the newest hundredth of the posts.
func clocked(past Past) signal.Settings {
	s := signal.DefaultSettings()
	var touched, created []int64
	for user := range past.Log.Users() {
		for _, e := range past.Log.Of(user) {
			if interaction.IsTouch(e.Kind, int(e.Value)) {
				touched = append(touched, e.At)
			}
		}
	}
	for o := range catalog.Ordinal(past.Catalog.Cap()) {
		if e := past.Catalog.Entry(o); e.Eligible() {
			created = append(created, e.CreatedAt)
		}
	}
	s.PopularDays = newest(touched, .1, s.PopularDays)
	s.BuzzDays = newest(touched, .01, s.BuzzDays)
	s.TransitionDays = 4 * s.PopularDays
	s.FreshDays = newest(created, .01, s.FreshDays)
	s.NearDays = s.FreshDays
	return s
}

// newest returns the span of the newest share of times, of five at least, in days: at least a quarter of
// an hour, and otherwise where there are too few to tell.
func newest(times []int64, share, otherwise float64) float64 {
	const enough, fewest, least = 20, 5, 1. / 96
	if len(times) < enough {
		return otherwise
	}
	slices.Sort(times)
	from := min(int(float64(len(times))*(1-share)), len(times)-fewest)
	span := times[len(times)-1] - times[from]
	return max(least, float64(span)/(24*60*60*1000))
}
