package evaluate

import (
	"slices"

	"resonance/internal/evaluate/protocol"
	"resonance/internal/metric"
)

// Result is what was measured, list by list.
type Result struct {
	Protocol  string
	K         int
	Catalogue int // posts that there are
	Lists     []Asked
	Systems   []System // that were measured on every list, the engine first
	Missing   []System // that the data is too large for
}

// Asked is what a list was about.
type Asked struct {
	User    int64
	History int // posts the user had touched; 0 for a new user
}

// System is a system with its figures.
type System struct {
	Name    string
	Chosen  []string // the parameters that were chosen, each once, in no order that means something
	Figures []Figures
	Top     [][]int64 // by list: the posts served, as places in the data
	Strange int       // posts served that the protocol does not allow; not counted
	Missing string    // why the system was not measured, "" if it was
}

// resampling seeds the bootstrap, so that the same figures have the same intervals.
const resampling = 1

func newResult(o *Options, catalogue int, names []string) *Result {
	r := &Result{Protocol: o.Protocol, K: o.K, Catalogue: catalogue}
	for _, name := range names {
		r.Systems = append(r.Systems, System{Name: name})
	}
	return r
}

// add makes room for lists in every system and returns the place of the first.
func (r *Result) add(lists []protocol.List) (first int) {
	first = len(r.Lists)
	for i := range lists {
		r.Lists = append(r.Lists, Asked{User: lists[i].User, History: len(lists[i].History)})
	}
	for n := range r.Systems {
		s := &r.Systems[n]
		s.Figures = append(s.Figures, make([]Figures, len(lists))...)
		s.Top = append(s.Top, make([][]int64, len(lists))...)
	}
	return first
}

func (s *System) record(list int, f Figures, r ranked) {
	s.Figures[list], s.Top[list] = f, r.Top
	s.Strange += r.Strange
}

func (s *System) chose(label string) {
	if label != "" && !slices.Contains(s.Chosen, label) {
		s.Chosen = append(s.Chosen, label)
	}
}

// settle sorts out the systems that were not measured.
func (r *Result) settle() {
	measured := r.Systems[:0:0]
	for _, s := range r.Systems {
		if s.Missing == "" {
			measured = append(measured, s)
		} else {
			r.Missing = append(r.Missing, s)
		}
	}
	r.Systems = measured
}

// warm returns the lists of users with history, which the main figures are over, or all lists
// where there is no other.
func (r *Result) warm() []int {
	lists := r.among(func(a Asked) bool { return a.History > 0 })
	if len(lists) == 0 {
		return r.among(func(Asked) bool { return true })
	}
	return lists
}

// among returns the places of the lists for which is holds.
func (r *Result) among(is func(Asked) bool) []int {
	var lists []int
	for i, a := range r.Lists {
		if is(a) {
			lists = append(lists, i)
		}
	}
	return lists
}

// mean returns a figure's mean over lists, with its interval. A figure of -1 is none.
func (r *Result) mean(s *System, lists []int, figure func(*Figures) float64) metric.Interval {
	values, users := make([]float64, 0, len(lists)), make([]int64, 0, len(lists))
	for _, i := range lists {
		if v := figure(&s.Figures[i]); v >= 0 {
			values, users = append(values, v), append(users, r.Lists[i].User)
		}
	}
	return metric.MeanInterval(values, users, resampling)
}

// difference returns by how much the nDCG of a is above that of b, on the same lists.
func (r *Result) difference(a, b *System, lists []int) metric.Interval {
	left, right, users := make([]float64, len(lists)), make([]float64, len(lists)), make([]int64, len(lists))
	for n, i := range lists {
		left[n], right[n], users[n] = a.Figures[i].NDCG, b.Figures[i].NDCG, r.Lists[i].User
	}
	return metric.PairedDifference(left, right, users, resampling)
}

// exposure counts what a system served.
func (s *System) exposure(lists []int) metric.Exposure[int64] {
	served := make(metric.Exposure[int64])
	for _, i := range lists {
		served.Add(s.Top[i])
	}
	return served
}

func ndcg(f *Figures) float64    { return f.NDCG }
func ndcgNew(f *Figures) float64 { return f.NDCGNew }
func ndcgOld(f *Figures) float64 { return f.NDCGOld }
