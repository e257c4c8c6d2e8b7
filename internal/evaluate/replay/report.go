package replay

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"resonance/internal/metric"
)

// summaryJSON and policyJSON are what programs read. What is impossible to say is null.
type summaryJSON struct {
	Protocol string       `json:"protocol"`
	K        int          `json:"k"`
	Lists    int          `json:"lists"`
	Systems  []policyJSON `json:"systems"`
}

type policyJSON struct {
	Name        string      `json:"name"`
	Places      string      `json:"places"` // "all", or "drawn": decided by a draw
	Rows        int         `json:"rows"`
	IPS         *float64    `json:"ips"`
	IPSCI       *[2]float64 `json:"ips_ci"`
	SNIPS       *float64    `json:"snips"`
	SNIPSCI     *[2]float64 `json:"snips_ci"`
	Mean        *float64    `json:"mean"`
	MeanCI      *[2]float64 `json:"mean_ci"`
	Effective   *float64    `json:"effective_sample_size"`
	Unsupported float64     `json:"unsupported"` // share of the places
	Impossible  string      `json:"impossible,omitempty"`
}

// WriteJSON writes the result as one JSON object; _ci are the limits of 95 % intervals.
func (r *Result) WriteJSON(w io.Writer) error {
	s := summaryJSON{Protocol: "replay", K: r.K, Lists: r.Lists}
	for _, p := range r.Policies {
		j := policyJSON{Name: p.Name, Places: p.Scope, Rows: p.Rows, Unsupported: p.Unsupported, Impossible: p.Impossible}
		if p.Impossible == "" {
			limits := func(i metric.Interval) *[2]float64 { return &[2]float64{i.Low, i.High} }
			j.IPS, j.IPSCI = &p.IPS.Mean, limits(p.IPS)
			j.SNIPS, j.SNIPSCI = &p.SNIPS.Mean, limits(p.SNIPS)
			j.Mean, j.MeanCI = &p.Mean.Mean, limits(p.Mean)
			j.Effective = &p.Effective
		}
		s.Systems = append(s.Systems, j)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	if err := e.Encode(s); err != nil {
		return fmt.Errorf("write json: %w", err)
	}
	return nil
}

// WriteTable writes the result for people to read.
func (r *Result) WriteTable(w io.Writer) error {
	var text strings.Builder
	fmt.Fprintf(&text, "replay, k = %d: %d logged feeds of known users, %d of users whom the store did not know, which tell nothing\n", r.K, r.Lists, r.Nameless)
	if r.Open > 0 {
		fmt.Fprintf(&text, "%d of them were served less than a day before the newest event: touches may still come\n", r.Open)
	}
	if r.Drawn == 0 {
		fmt.Fprintln(&text, "no place was decided by a draw: the log can't tell policies apart")
	}
	fmt.Fprintln(&text, "mean reward of a place: 1 for a post that its user touched within a day, else 0")
	t := tabwriter.NewWriter(&text, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\tplaces\tnumber\tIPS\t95 %\tSNIPS\t95 %\tplain mean\t95 %\teffective\tunsupported\t")
	for _, p := range r.Policies {
		cells := []string{p.Name, p.Scope, fmt.Sprint(p.Rows)}
		for _, i := range []metric.Interval{p.IPS, p.SNIPS, p.Mean} {
			if p.Impossible == "" {
				cells = append(cells, fmt.Sprintf("%.4f", i.Mean), fmt.Sprintf("%.3f..%.3f", i.Low, i.High))
			} else {
				cells = append(cells, "-", "-")
			}
		}
		cells = append(cells, fmt.Sprintf("%.1f", p.Effective), fmt.Sprintf("%.3f", p.Unsupported))
		fmt.Fprintf(t, "%s\t\n", strings.Join(cells, "\t"))
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	for _, p := range r.Policies {
		if p.Impossible != "" {
			fmt.Fprintf(&text, "%s, %s places: impossible to say, %s\n", p.Name, p.Scope, p.Impossible)
		}
	}
	if _, err := io.WriteString(w, text.String()); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	return nil
}
