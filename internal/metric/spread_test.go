package metric_test

import (
	"math"
	"testing"

	"resonance/internal/metric"
)

func TestExposure(t *testing.T) {
	tests := []struct {
		name           string
		lists          [][]int64
		catalogue      int
		coverage, gini float64
	}{
		{"all equal", [][]int64{{1, 2}, {3, 4}}, 4, 1, 0},
		{"one has everything", [][]int64{{1}, {1}, {1}}, 4, .25, .75},
		// Counts 0, 0, 1, 3 weigh -3, -1, 1, 3: (1*1 + 3*3) / (4 * 4).
		{"uneven", [][]int64{{1, 2}, {1}, {1}}, 4, .5, 10. / 16},
		{"nothing served", nil, 4, 0, 0},
		{"empty catalogue", nil, 0, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := make(metric.Exposure[int64])
			for _, l := range tt.lists {
				e.Add(l)
			}
			if got := e.Coverage(tt.catalogue); math.Abs(got-tt.coverage) > 1e-12 {
				t.Errorf("coverage = %v, want %v", got, tt.coverage)
			}
			if got := e.Gini(tt.catalogue); math.Abs(got-tt.gini) > 1e-12 {
				t.Errorf("Gini = %v, want %v", got, tt.gini)
			}
		})
	}
}

func TestNovelty(t *testing.T) {
	touched := func(id int64) int { return map[int64]int{1: 7, 2: 3, 3: 1}[id] }
	tests := []struct {
		name string
		list []int64
		want float64
	}{
		{"everyone knows it", []int64{1}, 0},
		{"half and a quarter", []int64{2, 3}, 1.5},
		{"nobody touched it", []int64{9}, 3},
		{"empty", nil, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := metric.Novelty(tt.list, touched, 7); math.Abs(got-tt.want) > 1e-12 {
				t.Errorf("novelty = %v bits, want %v", got, tt.want)
			}
		})
	}
}
