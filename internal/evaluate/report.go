package evaluate

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"resonance/internal/evaluate/chart"
)

// summaryJSON and systemJSON are what programs read.
type summaryJSON struct {
	Protocol string       `json:"protocol"`
	K        int          `json:"k"`
	Lists    int          `json:"lists"`
	Systems  []systemJSON `json:"systems"`
}

type systemJSON struct {
	Name     string     `json:"name"`
	NDCG     float64    `json:"ndcg"`
	HitRate  float64    `json:"hit_rate"`
	Recall   float64    `json:"recall"`
	MRR      float64    `json:"mrr"`
	Coverage float64    `json:"coverage"`
	NDCGCI   [2]float64 `json:"ndcg_ci"`
}

// WriteJSON writes the figures over the lists of users with history as one JSON object.
// Coverage is a share of the catalogue, ndcg_ci the limits of a 95 % interval.
func (r *Result) WriteJSON(w io.Writer) error {
	lists := r.warm()
	j := summaryJSON{Protocol: r.Protocol, K: r.K, Lists: len(lists)}
	for n := range r.Systems {
		s := &r.Systems[n]
		gain := r.mean(s, lists, ndcg)
		j.Systems = append(j.Systems, systemJSON{
			Name: s.Name, NDCG: gain.Mean, NDCGCI: [2]float64{gain.Low, gain.High},
			HitRate:  r.mean(s, lists, func(f *Figures) float64 { return f.HitRate }).Mean,
			Recall:   r.mean(s, lists, func(f *Figures) float64 { return f.Recall }).Mean,
			MRR:      r.mean(s, lists, func(f *Figures) float64 { return f.Reciprocal }).Mean,
			Coverage: s.exposure(lists).Coverage(r.Catalogue),
		})
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	if err := e.Encode(j); err != nil {
		return fmt.Errorf("write json: %w", err)
	}
	return nil
}

// WriteTable writes everything for people to read.
func (r *Result) WriteTable(w io.Writer) error {
	t := &table{Writer: tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)}
	r.mainTable(t)
	r.segmentTable(t)
	r.chosenTable(t)
	for _, s := range r.Missing {
		t.line("%s was not measured: %s", s.Name, s.Missing)
	}
	if strange := r.Systems[0].Strange; strange > 0 {
		t.line("left out: %d posts that the engine served and the protocol does not allow", strange)
	}
	if err := t.Flush(); t.err == nil {
		t.err = err
	}
	if t.err != nil {
		return fmt.Errorf("write table: %w", t.err)
	}
	return nil
}

// table keeps the first error of its lines.
type table struct {
	*tabwriter.Writer
	err error
}

func (t *table) line(format string, args ...any) {
	if _, err := fmt.Fprintf(t.Writer, format+"\n", args...); t.err == nil {
		t.err = err
	}
}

// row writes cells that line up with those of the rows above.
func (t *table) row(cells ...string) { t.line("%s\t", strings.Join(cells, "\t")) }

func (r *Result) mainTable(t *table) {
	lists := r.warm()
	t.line("%s, k = %d: %d lists of users with history, %d of new users", r.Protocol, r.K, len(lists), len(r.Lists)-len(lists))
	t.row("", "nDCG", "95 %", "HitRate", "95 %", "Recall", "95 %", "MRR", "95 %", "coverage", "Gini", "novelty", "new posts", "nDCG - "+r.Systems[0].Name+"'s", "95 %")
	for n := range r.Systems {
		s := &r.Systems[n]
		cells := []string{s.Name}
		for _, figure := range []func(*Figures) float64{
			ndcg, func(f *Figures) float64 { return f.HitRate },
			func(f *Figures) float64 { return f.Recall }, func(f *Figures) float64 { return f.Reciprocal },
		} {
			m := r.mean(s, lists, figure)
			cells = append(cells, fmt.Sprintf("%.4f", m.Mean), fmt.Sprintf("%.3f..%.3f", m.Low, m.High))
		}
		served := s.exposure(lists)
		cells = append(cells, fmt.Sprintf("%.3f", served.Coverage(r.Catalogue)), fmt.Sprintf("%.3f", served.Gini(r.Catalogue)),
			fmt.Sprintf("%.2f", r.mean(s, lists, func(f *Figures) float64 { return f.Novelty }).Mean),
			fmt.Sprintf("%.3f", r.mean(s, lists, func(f *Figures) float64 { return f.NewShare }).Mean))
		if n > 0 {
			d := r.difference(s, &r.Systems[0], lists)
			cells = append(cells, fmt.Sprintf("%+.4f", d.Mean), fmt.Sprintf("%+.3f..%+.3f", d.Low, d.High))
		}
		t.row(cells...)
	}
}

// segments are parts of the lists: users by how many posts they had touched, and posts by how
// many users had touched them.
func (r *Result) segments() []segment {
	users := func(least, most int) []int {
		return r.among(func(a Asked) bool { return a.History >= least && a.History <= most })
	}
	warm := r.warm()
	return []segment{
		{"no event", users(0, 0), ndcg},
		{"1 to 4", users(1, 4), ndcg},
		{"5 to 19", users(5, 19), ndcg},
		{"20 or more", users(20, math.MaxInt), ndcg},
		{"new posts", warm, ndcgNew},
		{"old posts", warm, ndcgOld},
	}
}

type segment struct {
	name   string
	lists  []int
	figure func(*Figures) float64
}

// size returns how many lists have a figure in the segment.
func (r *Result) size(g segment) (n int) {
	for _, i := range g.lists {
		if g.figure(&r.Systems[0].Figures[i]) >= 0 {
			n++
		}
	}
	return n
}

func (r *Result) segmentTable(t *table) {
	t.line("")
	t.line("nDCG by what the user had touched, and by whether fewer than %d users had touched the relevant post", newBelow)
	segments := slices.DeleteFunc(r.segments(), func(g segment) bool { return r.size(g) == 0 })
	head, counts := []string{""}, []string{"lists"}
	for _, g := range segments {
		head, counts = append(head, g.name, "95 %"), append(counts, strconv.Itoa(r.size(g)), "")
	}
	t.row(head...)
	t.row(counts...)
	for n := range r.Systems {
		s := &r.Systems[n]
		cells := []string{s.Name}
		for _, g := range segments {
			m := r.mean(s, g.lists, g.figure)
			cells = append(cells, fmt.Sprintf("%.4f", m.Mean), fmt.Sprintf("%.3f..%.3f", m.Low, m.High))
		}
		t.row(cells...)
	}
}

func (r *Result) chosenTable(t *table) {
	t.line("")
	t.line("parameters, chosen inside the training period")
	for n := range r.Systems {
		if s := &r.Systems[n]; len(s.Chosen) > 0 {
			t.line("%s: %s", s.Name, strings.Join(s.Chosen, "; "))
		}
	}
}

// Plot draws the nDCG over the lists of users with history as an SVG picture.
func (r *Result) Plot(w io.Writer) error {
	lists := r.warm()
	points := make([]chart.Point, len(r.Systems))
	for n := range r.Systems {
		points[n] = chart.Point{Name: r.Systems[n].Name, Interval: r.mean(&r.Systems[n], lists, ndcg)}
	}
	return chart.Write(w, fmt.Sprintf("%s, nDCG@%d over %d lists", r.Protocol, r.K, len(lists)), points)
}
