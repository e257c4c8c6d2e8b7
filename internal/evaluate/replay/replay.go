// Package replay judges ways to serve by what users did with feeds that were logged: not by serving
// them, but by weighing what was served by how likely the other way would have been to serve it.
package replay

import (
	"cmp"
	"slices"
	"time"

	"resonance/internal/evaluate/dataset"
	"resonance/internal/feedlog"
	"resonance/internal/metric"
)

// window is how long after a feed a touch of one of its posts is put down to it.
const window = 24 * time.Hour

// Result is what the log tells of each policy.
type Result struct {
	K        int
	Lists    int // of users who are known
	Nameless int // lists of users whom the store did not know: what they did next can't be told
	Open     int // lists whose window ends later than the newest event: touches may still come
	Drawn    int // places that a draw decided
	Policies []Policy
}

// Policy is a way to serve with what is known of it. A reward is 1 for a post that its user touched
// within a day of the feed, else 0; estimates are of the mean reward of a place, over the places that
// Scope names.
type Policy struct {
	Name  string
	Scope string // AllPlaces or DrawnPlaces
	Rows  int    // places

	// With w = 1 / propensity where the policy shows what was shown, else 0, and r the reward:
	IPS   metric.Interval // mean of w · r (Horvitz and Thompson 1952), each place on its own (Li et al. 2018)
	SNIPS metric.Interval // sum of w · r over sum of w (Swaminathan and Joachims 2015)
	Mean  metric.Interval // mean of r where the policy shows what was shown: what naive counting says
	// Effective is how many places of weight 1 tell as much: (sum of w)² / sum of w² (Kish 1965).
	Effective   float64
	Unsupported float64 // share of the places at which the policy shows what the log could not have shown
	Impossible  string  // why nothing can be said, "" where something can; the estimates are 0 then
}

// Which places an estimate is over.
const (
	AllPlaces   = "all"
	DrawnPlaces = "drawn" // decided by a draw
)

// mostUnsupported is the share of places without support up to which a policy is estimated. Rewards lie
// in 0..1, so an estimate is too low by no more than this.
const mostUnsupported = .01

// target is a way to serve: it returns which post stands at each of the first places of a logged feed.
type target struct {
	name  string
	shows func(places []feedlog.Place, created func(post int64) time.Time) []int64
}

// targets can be worked out from a log alone. The first is the policy that was logged.
var targets = []target{
	{"logged", func(places []feedlog.Place, _ func(int64) time.Time) []int64 {
		return each(places, func(options []feedlog.Option) int64 { return options[0].Post })
	}},
	{"no exploration", func(places []feedlog.Place, _ func(int64) time.Time) []int64 {
		return each(places, func(options []feedlog.Option) int64 {
			for _, o := range options {
				if !o.Explored {
					return o.Post
				}
			}
			return 0 // a log of other origin: nobody knows
		})
	}},
	{"newest option", func(places []feedlog.Place, created func(int64) time.Time) []int64 {
		return each(places, func(options []feedlog.Option) int64 {
			return slices.MinFunc(options, func(a, b feedlog.Option) int { return newer(a.Post, b.Post, created) }).Post
		})
	}},
	{"newest first", func(places []feedlog.Place, created func(int64) time.Time) []int64 {
		shown := each(places, func(options []feedlog.Option) int64 { return options[0].Post })
		slices.SortFunc(shown, func(a, b int64) int { return newer(a, b, created) })
		return shown
	}},
}

// each chooses one of the options of every place, the first of which was shown.
func each(places []feedlog.Place, choose func([]feedlog.Option) int64) []int64 {
	chosen := make([]int64, len(places))
	for i, p := range places {
		chosen[i] = choose(append([]feedlog.Option{p.Option}, p.Instead...))
	}
	return chosen
}

func newer(a, b int64, created func(int64) time.Time) int {
	return cmp.Or(created(b).Compare(created(a)), cmp.Compare(a, b))
}

// Run joins logged feeds, of which the first k places count, with what users did.
func Run(entries []feedlog.Entry, data *dataset.Dataset, k int) *Result {
	j := newJoin(data)
	r := &Result{K: k}
	tables := make([]table, len(targets))
	for i := range entries {
		e := &entries[i]
		if e.User == 0 {
			r.Nameless++
			continue
		}
		r.Lists++
		if e.At.Add(window).UnixMilli() > j.newest {
			r.Open++
		}
		places := e.Posts[:min(k, len(e.Posts))]
		for _, p := range places {
			if len(p.Instead) > 0 {
				r.Drawn++
			}
		}
		rewards := j.rewards(e.User, e.At, places)
		for n, t := range targets {
			tables[n].add(e.User, places, t.shows(places, j.createdAt), rewards)
		}
	}
	for n, t := range targets {
		r.Policies = append(r.Policies, tables[n].policy(t.name, AllPlaces, n == 0))
		if r.Drawn > 0 {
			r.Policies = append(r.Policies, tables[n].drawn().policy(t.name, DrawnPlaces, n == 0))
		}
	}
	return r
}

// join tells what users did with posts.
type join struct {
	touches map[[2]int64][]int64 // by user and post: when, Unix milliseconds
	created map[int64]time.Time
	newest  int64 // event
}

func newJoin(d *dataset.Dataset) *join {
	j := &join{touches: map[[2]int64][]int64{}, created: make(map[int64]time.Time, len(d.Posts))}
	for i := range d.Posts {
		j.created[d.Posts[i].ID] = d.Posts[i].CreatedAt
	}
	for _, e := range d.Events {
		j.newest = max(j.newest, e.At)
		if e.IsTouch() {
			key := [2]int64{e.User, d.Posts[e.Item].ID}
			j.touches[key] = append(j.touches[key], e.At)
		}
	}
	return j
}

func (j *join) createdAt(post int64) time.Time { return j.created[post] }

// rewards returns 1 for each place whose post the user touched within the window, else 0.
func (j *join) rewards(user int64, at time.Time, places []feedlog.Place) []float64 {
	from, until := at.UnixMilli(), at.Add(window).UnixMilli()
	rewards := make([]float64, len(places))
	for i, p := range places {
		if slices.ContainsFunc(j.touches[[2]int64{user, p.Post}], func(t int64) bool { return t >= from && t <= until }) {
			rewards[i] = 1
		}
	}
	return rewards
}
