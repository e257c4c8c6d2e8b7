package main

import (
	"fmt"
	"strings"
	"time"
)

// section is what one measurement found, as the screen and docs/benchmarks.md show it.
type section struct {
	title  string
	intro  string // how it was measured
	header []string
	rows   [][]string
	claims []claim
	plots  []chart
}

// claim is a figure that something was asked of. floor is far looser: what misses it is broken, however busy the
// machine is. A claim with a zero floor has none.
type claim struct {
	what         string
	value        float64
	unit         string
	asked, floor float64
	atMost       bool // the figure should be small; else large
}

// holds reports whether the figure is as good as bound.
func (c claim) holds(bound float64) bool {
	if c.atMost {
		return c.value <= bound
	}
	return c.value >= bound
}

func (c claim) String() string {
	verdict, limit := "reached", "at least"
	if c.atMost {
		limit = "at most"
	}
	if !c.holds(c.asked) {
		verdict = "NOT reached"
	}
	return fmt.Sprintf("%s: %s, asked: %s %s: %s", c.what, figure(c.value, c.unit), limit, figure(c.asked, c.unit), verdict)
}

// broken names the claims that miss their floor.
func (s section) broken() (lines []string) {
	for _, c := range s.claims {
		if c.floor != 0 && !c.holds(c.floor) {
			lines = append(lines, fmt.Sprintf("%s: %s: %s, and no busy machine explains more than %s", s.title, c.what, figure(c.value, c.unit), figure(c.floor, c.unit)))
		}
	}
	return lines
}

// figure writes a number with three digits that count.
func figure(value float64, unit string) string {
	text := fmt.Sprintf("%.3g", value)
	if value >= 100 {
		text = grouped(int64(value + .5))
	}
	return strings.TrimSpace(text + " " + unit)
}

// grouped writes a number with commas between thousands.
func grouped(n int64) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

func milliseconds(d time.Duration) string { return figure(d.Seconds()*1e3, "ms") }

func megabytes(n int64) string { return figure(float64(n)/(1<<20), "MB") }

// loadHeader and loadRow are the table of what loads met.
var loadHeader = []string{"", "p50", "p99", "requests/s", "its CPU for one", "resident"}

func loadRow(what string, r result, p *process) []string {
	row := []string{what, milliseconds(r.p50()), milliseconds(r.p99()), figure(r.perSecond(), ""), "", ""}
	if p != nil {
		row[4], row[5] = milliseconds(r.cpuPerRequest()), megabytes(p.resident())
	}
	return row
}
