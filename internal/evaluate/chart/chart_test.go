package chart_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"resonance/internal/evaluate/chart"
	"resonance/internal/metric"
)

// The picture is whole XML, names every system, and differs when a figure does.
func TestWrite(t *testing.T) {
	picture := func(mean float64) string {
		t.Helper()
		var out bytes.Buffer
		err := chart.Write(&out, "a title", []chart.Point{
			{Name: "engine", Interval: metric.Interval{Mean: mean, Low: .1, High: .4}},
			{Name: "newest", Interval: metric.Interval{}},
		})
		if err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	svg := picture(.3)
	for decoder := xml.NewDecoder(strings.NewReader(svg)); ; {
		_, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("not XML: %v", err)
		}
	}
	for _, want := range []string{"<svg", "a title", "engine", "newest"} {
		if !strings.Contains(svg, want) {
			t.Errorf("the picture lacks %q", want)
		}
	}
	if svg == picture(.2) {
		t.Error("another mean makes the same picture")
	}
}
