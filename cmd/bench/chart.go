package main

import (
	"fmt"
	"os"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
)

// chart is a picture of lines.
type chart struct {
	name, title, x, y string
	lines             []line
}

type line struct {
	name   string
	points plotter.XYs
}

// shares are the quantiles that a curve is drawn through, and the longest times that a thousandth waits left out.
const shares = 200

// addCurve adds to the chart of this name, the last of charts or a new one, how large a share of requests was
// answered within which time.
func addCurve(charts []chart, name, title, what string, r result) []chart {
	if len(charts) == 0 || charts[len(charts)-1].name != name {
		charts = append(charts, chart{name: name, title: title, x: "milliseconds", y: "share"})
	}
	curve := line{name: what}
	for i := range shares {
		share := .999 * float64(i) / (shares - 1)
		curve.points = append(curve.points, plotter.XY{X: max(1e-3, r.quantile(share).Seconds()*1e3), Y: share})
	}
	last := &charts[len(charts)-1]
	last.lines = append(last.lines, curve)
	return charts
}

// write draws the chart into an SVG file. Its horizontal axis is logarithmic.
func (c chart) write(path string) error {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = c.title, c.x, c.y
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	p.Legend.Top, p.Legend.Left = true, true
	p.Y.Min = 0
	p.Add(plotter.NewGrid())
	for i, l := range c.lines {
		drawn, err := plotter.NewLine(l.points)
		if err != nil {
			return fmt.Errorf("draw %s: %w", c.name, err)
		}
		drawn.Color, drawn.Dashes, drawn.Width = plotutil.Color(i), plotutil.Dashes(i), vg.Points(1.5)
		p.Add(drawn)
		p.Legend.Add(l.name, drawn)
	}
	if err := p.Save(7*vg.Inch, 4*vg.Inch, path); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Chmod(path, 0o644)
}
