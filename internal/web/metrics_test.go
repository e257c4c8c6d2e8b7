package web

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRequestsAreCountedByRoute(t *testing.T) {
	s := newSite()
	s.ask("GET", "/post/1")
	s.ask("GET", "/post/2")
	s.ask("HEAD", "/post/3")
	s.ask("POST", "/post/3")
	s.ask("GET", "/made/up/1")
	s.ask("BREW", "/made/up/2")
	s.ask("GET", "/panic")

	want := map[string]float64{
		"/post/{id} GET 200":  2,
		"/post/{id} HEAD 200": 1,
		"unmatched POST 405":  1,
		"unmatched GET 404":   1,
		"unmatched other 404": 1,
		"/panic GET 500":      1,
	}
	families, err := s.metrics.Gatherer().Gather()
	if err != nil {
		t.Fatal(err)
	}
	counted, timed, process := map[string]float64{}, map[string]float64{}, false
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			labels := map[string]string{}
			for _, l := range metric.GetLabel() {
				labels[l.GetName()] = l.GetValue()
			}
			key := labels["route"] + " " + labels["method"] + " " + labels["status"]
			switch family.GetName() {
			case "resonance_http_requests_total":
				counted[key] = metric.GetCounter().GetValue()
			case "resonance_http_request_duration_seconds":
				timed[key] = float64(metric.GetHistogram().GetSampleCount())
			case "go_goroutines":
				process = true
			}
		}
	}
	if diff := cmp.Diff(want, counted); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, timed); diff != "" {
		t.Errorf("durations (-want +got):\n%s", diff)
	}
	if !process {
		t.Error("no metrics of the Go runtime")
	}
}
