// Package chart draws the nDCG of systems with its intervals as an SVG picture.
//
// It uses gonum's plot, which writes SVG by itself; the charts of go-echarts are web pages that
// run a script from elsewhere.
package chart

import (
	"fmt"
	"io"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"resonance/internal/metric"
)

// Point is one system's mean with its interval, 0..1.
type Point struct {
	Name string
	metric.Interval
}

// Write draws the points from left to right, the first one filled.
func Write(w io.Writer, title string, points []Point) error {
	p := plot.New()
	p.Title.Text = title
	p.Y.Label.Text = "nDCG, 95 % interval"
	p.Y.Min = 0
	p.Add(plotter.NewGrid())
	names := make([]string, len(points))
	data := bars{XYs: make(plotter.XYs, len(points)), YErrors: make(plotter.YErrors, len(points))}
	for i, at := range points {
		names[i] = at.Name
		data.XYs[i] = plotter.XY{X: float64(i), Y: at.Mean}
		data.YErrors[i].Low, data.YErrors[i].High = at.Low-at.Mean, at.High-at.Mean
	}
	if err := data.draw(p); err != nil {
		return fmt.Errorf("draw %s: %w", title, err)
	}
	p.NominalX(names...)
	p.X.Tick.Label.Rotation = math.Pi / 4
	p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = draw.XRight, draw.YCenter
	canvas := vgsvg.New(8*vg.Inch, 4.5*vg.Inch)
	p.Draw(draw.New(canvas))
	if _, err := canvas.WriteTo(w); err != nil {
		return fmt.Errorf("write svg: %w", err)
	}
	return nil
}

// bars are points with their errors.
type bars struct {
	plotter.XYs
	plotter.YErrors
}

func (b bars) draw(p *plot.Plot) error {
	errors, err := plotter.NewYErrorBars(b)
	if err != nil {
		return err
	}
	dots, err := plotter.NewScatter(b)
	if err != nil {
		return err
	}
	dots.GlyphStyleFunc = func(i int) draw.GlyphStyle {
		style := dots.GlyphStyle
		style.Radius, style.Shape = vg.Points(4), draw.RingGlyph{}
		if i == 0 {
			style.Shape = draw.CircleGlyph{}
		}
		return style
	}
	p.Add(errors, dots)
	return nil
}
